"""The commands of `cli.py` that have many options, each with its help. They parse, call and exit."""
