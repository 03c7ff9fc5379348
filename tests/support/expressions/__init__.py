"""Generated expressions of the language, and documents for them."""
