"""The Event Stream: events posted one at a time to integrations that are registered by API.

Delivery is at least once and not in order; the response of a service decides what happens to an event.
"""
