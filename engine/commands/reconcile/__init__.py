"""Orders of NewStore against transactions of NetSuite: what is missing, differs, or should not be.

Two readings of both lists answer for most orders: the external id of an order's transaction follows
from its number where the mapping's template says so, and its total from how the mapping's totals
came out for one order. Whatever these two do not explain is rendered from live sources, dry, before
anything is said about it; so is every order where an external id or a total cannot be foretold.
"""
