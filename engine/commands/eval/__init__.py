"""The verb `erpmap eval`."""
