"""What `erpmap serve` does."""
