"""The shadow: a new version of a tenant's mappings that runs beside the live one and posts nothing.

It runs after the live mapping, on the same inputs; only with `--shadow-asks` it fetches missing ones from
the live mapping's systems. It runs on threads beside the event loop, one event after another, from a
bounded queue: the live mapping neither waits for it nor fails with it.
"""

from .follow import ArrivedEvent, ShadowFollower
from .shadow import Shadow

__all__ = ["ArrivedEvent", "Shadow", "ShadowFollower"]
