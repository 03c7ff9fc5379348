"""The orders that a command looks at: a folder, a tenant's cases, or the deliveries of a journal."""
