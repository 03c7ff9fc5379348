"""What `erpmap stream` does: a tenant's integration registered, shown, started, stopped, replayed."""
