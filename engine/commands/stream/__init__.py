"""What `erpmap stream` does: register, show, start, stop, delete and replay a tenant's integration."""
