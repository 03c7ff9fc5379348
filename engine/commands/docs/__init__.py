"""The verb `erpmap docs`."""
