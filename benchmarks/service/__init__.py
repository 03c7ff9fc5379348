"""What the service costs: acknowledging, delivering, waiting."""
