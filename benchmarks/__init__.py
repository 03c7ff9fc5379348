"""How fast erpmap is, against code written by hand and against other ways to map JSON."""
