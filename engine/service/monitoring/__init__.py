"""What is seen of the service from outside: measures, log lines, traces, and whether it is ready."""
