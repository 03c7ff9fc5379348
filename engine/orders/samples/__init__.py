"""Synthetic orders of a tenant's own shop: what it sells where, sales drawn from that, their documents. Pure."""
