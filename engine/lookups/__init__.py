"""Tables from NewStore values to NetSuite values: inline, YAML, CSV and JSON."""
