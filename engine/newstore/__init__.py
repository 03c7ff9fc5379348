"""NewStore as the shop: its client, the events of orders, its Event Stream.

The client reads GraphQL queries with all their pages, and REST documents; it writes only integrations of
the Event Stream. Documents come unchanged, with exact numbers. Failures are NoAnswerError or ShopError,
whose words hold neither secrets nor customers' data.
"""

from __future__ import annotations

from .address import NewStoreAddress, build_address, build_simulated_address
from .auth import Credentials
from .client import NewStore
from .order_events import build_order_event
from .rate_limit import REQUESTS_A_SECOND, RateLimiter
from .shop import NewStoreShop, QueryRead, RestRead, fetch_document

__all__ = [
    "REQUESTS_A_SECOND",
    "Credentials",
    "NewStore",
    "NewStoreAddress",
    "NewStoreShop",
    "QueryRead",
    "RateLimiter",
    "RestRead",
    "build_address",
    "build_order_event",
    "build_simulated_address",
    "fetch_document",
]
