"""HTTP with bounds: one deadline for a whole exchange, answers capped in size, nothing followed.

What goes wrong on the way is a NoAnswerError, which says whether the request may have arrived.
"""

from __future__ import annotations

from .answers import document_in, is_json, words_of
from .bounded import SEND_BY, BoundedTransport, Bounds
from .clients import open_client, whole_url
from .environment import proxy_for, trusted
from .loopback import loopback
from .tokens import BearerAuth, Token, Tokens
from .waiting import seconds_to_wait
from .webhooks import webhook

__all__ = [
    "SEND_BY",
    "BearerAuth",
    "BoundedTransport",
    "Bounds",
    "Token",
    "Tokens",
    "document_in",
    "is_json",
    "loopback",
    "open_client",
    "proxy_for",
    "seconds_to_wait",
    "trusted",
    "webhook",
    "whole_url",
    "words_of",
]
