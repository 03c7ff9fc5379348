"""Tenants loaded, checked by their cases, opened, and swapped while the service runs."""
