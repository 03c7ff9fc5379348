"""The parts of the mapping written by hand; nothing here knows the engine."""
