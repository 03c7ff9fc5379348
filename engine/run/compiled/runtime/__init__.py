"""What compiled mappings call while they run; all else in `compiled` writes their source."""

from .namespace import NAMES

__all__ = ["NAMES"]
