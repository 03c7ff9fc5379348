"""The verb `erpmap diff`."""
