"""The language inside the strings of a mapping: paths, templates, functions, types, budget."""
