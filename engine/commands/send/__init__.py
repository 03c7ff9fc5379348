"""The verb `erpmap send`."""
