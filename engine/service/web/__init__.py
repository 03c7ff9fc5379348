"""The webhook service: what NewStore's Event Stream speaks to."""
