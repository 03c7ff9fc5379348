"""Prints results: tables and colours for people, JSON for programs."""
