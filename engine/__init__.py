"""erpmap: NewStore orders become NetSuite transactions, driven by YAML mappings."""

__version__ = "0.1.0"
