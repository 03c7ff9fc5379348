"""Access: tokens, and the number of requests of each address.

State with a lifetime; the caller passes the time. `gate` turns its verdicts into responses.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

WINDOW = 300.0  # five minutes, both to count requests in and to be blocked for (documented)


@dataclass(slots=True)
class Access:
    """Tokens with their expiry, and the addresses that sent too many requests."""

    tokens: dict[str, float] = field(default_factory=dict)
    windows: dict[str, tuple[float, int]] = field(default_factory=dict)
    blocked: dict[str, float] = field(default_factory=dict)

    def issue_token(self, now: float, ttl: float) -> str:
        """Return a new token; drop expired ones."""
        self.tokens = {token: expiry for token, expiry in list(self.tokens.items()) if expiry > now}
        token = secrets.token_urlsafe(32)
        self.tokens[token] = now + ttl
        return token

    def is_valid(self, token: str, now: float) -> bool:
        """Return whether a token was issued here and has not expired."""
        return self.tokens.get(token, now) > now

    def revoke_token(self, token: str) -> None:
        """End a token before it expires."""
        self.tokens.pop(token, None)

    def admit_request(self, address: str, now: float, limit: int | None) -> bool:
        """Count a request; return False while the address is blocked."""
        if self.blocked.get(address, now) > now:
            return False
        start, count = self.windows.get(address, (now, 0))
        if now - start >= WINDOW:
            start, count = now, 0
        self.windows[address] = (start, count + 1)
        if limit is not None and count >= limit:
            self.blocked[address] = now + WINDOW
            del self.windows[address]
            return False
        return True
