"""How many connections fit into the files that the process may open."""

from __future__ import annotations

import resource
from dataclasses import replace

from ...findings.errors import ErpmapError
from .connections import ConnectionLimits

# No more than these are asked for: some systems allow a thousand million, and more is never used.
_MOST = 65_536
# Files for everything but senders: the journal, connections to NewStore and NetSuite, mappings, logs.
_LEAST_REST = 200
_LEAST_CONNECTIONS = 16


def raise_descriptor_limit() -> int:
    """Raise the maximum of open files to what the system allows; return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return _MOST if soft == resource.RLIM_INFINITY else soft


def fit_connections(limits: ConnectionLimits, descriptors: int) -> ConnectionLimits:
    """Return the limits with as many connections as leave room for other files.

    Connections that are accepted and not yet counted (`backlog`) need files as well. Raise ErpmapError
    when there is no room for a useful number.
    """
    room = descriptors - max(_LEAST_REST, descriptors // 4)
    backlog = min(limits.backlog, room // 4)
    connections = min(limits.connections, room - backlog)
    if connections < min(_LEAST_CONNECTIONS, limits.connections):
        raise ErpmapError(
            f"the process may open {descriptors:,} files, and needs 256 at least: raise the limit"
            " (`ulimit -n`, or LimitNOFILE of its unit)"
        )
    return replace(limits, connections=connections, backlog=backlog)
