"""Forecasts which orders of a corpus a tenant's mappings would post, and what they do not cover."""
