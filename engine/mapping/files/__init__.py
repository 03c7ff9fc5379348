"""YAML text becomes data with places, overlays applied, and then the mapping as written."""
