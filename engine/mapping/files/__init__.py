"""Mapping files: YAML text becomes data with places, overlays are applied, the grammar is checked."""
