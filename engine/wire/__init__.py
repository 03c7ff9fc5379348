"""HTTP with bounds: one deadline for each exchange, answers of limited size, no redirects; webhooks.

A failed exchange raises NoAnswerError, which says whether the request may have been sent.
"""

from __future__ import annotations

from .bearer import AccessToken, AccessTokenCache, BearerAuth
from .environment import proxy_for, trusted
from .exchange import SEND_BY, BoundedTransport, ExchangeBounds, distrust
from .json_body import document_in, is_json, words_of
from .open_client import open_client
from .retry_after import seconds_to_wait
from .urls import loopback, webhook, whole_url

__all__ = [
    "SEND_BY",
    "AccessToken",
    "AccessTokenCache",
    "BearerAuth",
    "BoundedTransport",
    "ExchangeBounds",
    "distrust",
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
