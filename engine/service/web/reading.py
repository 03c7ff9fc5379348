"""How far a sender has come with a request, and how much beside its body was sent."""

from __future__ import annotations

from dataclasses import dataclass

from .receiving import HEAD_BYTES


@dataclass(slots=True)
class Reading:
    """In a head, in a body, or between two requests; told of each by the parser of HTTP.

    `_beside` are the bytes of the head that is not whole yet, or of what surrounds the parts of a
    body: the parser itself would go on for ever.
    """

    is_in_head: bool = False
    is_in_body: bool = False
    _beside: int = 0

    def came(self, size: int) -> None:
        """So many bytes are about to be parsed."""
        self._beside += size

    def head_begins(self) -> None:
        """The first byte of a request."""
        self.is_in_head, self.is_in_body = True, False

    def body_begins(self) -> None:
        """All of a head is there."""
        self.is_in_head, self.is_in_body, self._beside = False, True, 0

    def body_came(self, size: int) -> None:
        """So many bytes of a body."""
        self._beside -= size

    def ends(self) -> None:
        """All of a request is there."""
        self.is_in_head = self.is_in_body = False
        self._beside = 0

    def is_too_large(self) -> bool:
        """Whether more stands beside a body than a head may have."""
        return (self.is_in_head or self.is_in_body) and self._beside > HEAD_BYTES
