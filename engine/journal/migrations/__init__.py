"""The journal's tables through time."""
