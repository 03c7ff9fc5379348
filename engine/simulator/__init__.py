"""Simulated NewStore and NetSuite: servers on loopback with the real systems' traps, and faults on demand."""
