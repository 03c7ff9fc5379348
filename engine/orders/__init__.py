"""Orders on disk: read, rendered, held against their cases, reported."""
