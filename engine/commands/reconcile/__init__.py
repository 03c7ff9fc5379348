"""Compares orders of NewStore with transactions of NetSuite: missing, differing, and extra ones.

Two lists decide most orders: the external id of an order's transaction follows from its number where
the mapping's template allows it, and its total from a rule learned from one rendered order. An order
that this does not explain is rendered from live sources, dry, before it is judged; so is every order
whose external id or total cannot be predicted.
"""
