"""The verb `erpmap render`."""
