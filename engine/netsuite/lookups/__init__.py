"""Live lookups: the keys of an order asked of NetSuite and AWS, and tables made of the answers.

What reaches NetSuite, AWS and the clock is passed in; nothing here opens a connection but `aws.py`.
"""

from .live_lookups import LiveLookups, LookupLimits, Query, ReadParameter

__all__ = ["LiveLookups", "LookupLimits", "Query", "ReadParameter"]
