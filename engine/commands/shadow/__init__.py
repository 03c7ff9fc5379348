"""The verb `erpmap shadow`."""
