"""The state of the service for its operators: metrics, log lines, traces, readiness and monitors."""
