"""Live lookups: what they ask, remember and make of the answers."""
