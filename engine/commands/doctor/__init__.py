"""Checks a tenant's connections, credentials, clock and permissions with real requests; writes nothing.

Every check ends within a deadline. No message holds a secret, a token or customer data.
"""
