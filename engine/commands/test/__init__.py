"""Runs the cases of tenants: orders with the outcome that they must have."""
