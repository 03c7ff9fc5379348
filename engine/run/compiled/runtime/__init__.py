"""The functions that compiled mappings call while they run."""

from .namespace import NAMES

__all__ = ["NAMES"]
