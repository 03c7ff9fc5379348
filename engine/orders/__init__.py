"""Orders on disk: read them, render them, compare them with their cases, report on them."""
