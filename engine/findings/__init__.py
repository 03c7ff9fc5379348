"""What is wrong, where, in which words, and the errors that carry it."""
