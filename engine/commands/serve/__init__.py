"""The verbs `erpmap serve` and `erpmap worker`."""
