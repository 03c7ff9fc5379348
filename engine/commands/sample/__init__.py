"""The verb `erpmap sample`."""
