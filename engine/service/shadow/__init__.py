"""A new version of a tenant's mappings beside the live one, on the same events; it posts nothing.

It is run when the live one is through, on what that was given; only with `--shadow-asks` it reads what is
missing from the live one's systems. It runs on threads beside the event loop, one event after another, from
a bounded queue: the live one neither waits for it nor fails with it.
"""

from .follow import ArrivedEvent, ShadowFollower
from .shadow import Shadow

__all__ = ["ArrivedEvent", "Shadow", "ShadowFollower"]
