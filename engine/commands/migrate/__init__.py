"""What `erpmap migrate` does."""
