"""Makes a case of a real order: anonymised, and refused where that changes how the order ends."""
