"""Who may ask: access tokens and the number of requests of one address.

State with a lifetime, told the time by its caller. What NewStore answers to whom is in `gate`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

WINDOW = 300.0  # five minutes, both to count requests in and to be blocked for (documented)


@dataclass(slots=True)
class Access:
    """Tokens with the moment they end, and the addresses that asked too often."""

    tokens: dict[str, float] = field(default_factory=dict)
    windows: dict[str, tuple[float, int]] = field(default_factory=dict)
    blocked: dict[str, float] = field(default_factory=dict)

    def issue_token(self, now: float, ttl: float) -> str:
        """A new token; those that have ended are forgotten."""
        self.tokens = {token: end for token, end in list(self.tokens.items()) if end > now}
        token = secrets.token_urlsafe(32)
        self.tokens[token] = now + ttl
        return token

    def is_valid(self, token: str, now: float) -> bool:
        """Whether a token is one of ours and has not ended."""
        return self.tokens.get(token, now) > now

    def revoke_token(self, token: str) -> None:
        """End a token before its time."""
        self.tokens.pop(token, None)

    def admit_request(self, address: str, now: float, limit: int | None) -> bool:
        """Count a request; False while the address is blocked."""
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
