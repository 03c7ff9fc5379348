"""What authors write inside strings: JMESPath and Jinja, their functions, types and budget."""
