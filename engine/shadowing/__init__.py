"""A new version of a tenant's mappings beside the live one, on the same events; it posts nothing.

It is run when the live one is through, on what that was given: it asks no system for anything. In a
thread of its own and with a bounded queue, so that the live one neither waits for it nor fails with it.
"""

from .following import Arrived, Following
from .shadow import Shadow

__all__ = ["Arrived", "Following", "Shadow"]
