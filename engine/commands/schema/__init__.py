"""Pulls a tenant's own schemas: fetches them from its systems, compares them with the stored ones, writes them."""
