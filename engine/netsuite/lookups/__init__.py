"""Live lookups: query NetSuite and AWS for the keys of an order, and build tables of the answers.

The functions that reach NetSuite, AWS and the clock are passed in: nothing here opens a connection.
"""

from .live_lookups import LiveLookups, LookupLimits, Query, ReadParameter

__all__ = ["LiveLookups", "LookupLimits", "Query", "ReadParameter"]
