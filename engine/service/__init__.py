"""The service: events in, deliveries out, watched."""
