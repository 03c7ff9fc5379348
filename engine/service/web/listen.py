"""The addresses that the service listens on."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from ...findings.errors import ErpmapError
from .connections import ConnectionLimits

# The pages are read by a few programs.
ADMIN_LIMITS = ConnectionLimits(connections=32, backlog=16)
_BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """An address, what it is for, and the limits of its connections. Port 0 means any free one."""

    purpose: str
    host: str
    port: int
    limits: ConnectionLimits

    def url(self, listener: socket.socket) -> str:
        """The URL of the address that is listened on."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{listener.getsockname()[1]}"


def open_listener(address: ListenAddress) -> socket.socket:
    """Listen on an address; the caller closes the socket. Raise ErpmapError when it is not available."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        listener = socket.create_server(
            (address.host, address.port), family=family, backlog=_BACKLOG
        )
    except OSError as error:
        shown = f"{address.host}:{address.port}"
        raise ErpmapError(f"{shown} cannot be listened on: {error.strerror}") from error
    # asyncio sets this only for sockets that name their protocol, which these do not: an answer of
    # two writes would wait 40 ms for the sender's acknowledgement of the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
