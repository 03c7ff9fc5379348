"""The Event Stream: integrations, registered by API, to which events are posted one at a time.

At least once, not in order; what a service answers decides what happens to an event.
"""
