"""Findings: what is wrong, where and in which words; the exceptions that carry them."""
