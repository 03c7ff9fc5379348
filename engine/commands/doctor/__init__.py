"""A tenant's connections, credentials, clock and permissions, checked for real; nothing is written.

Every check ends within a deadline. No message holds a secret, a token or customer data.
"""
