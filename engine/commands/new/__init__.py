"""The verb `erpmap new`."""
