"""The verb `erpmap trace`."""
