"""Reading from NewStore: a token, GraphQL queries with all their pages, REST documents.

Only reads, but for the integrations of the Event Stream (`stream`). What NewStore answered is handed on as it came, with exact numbers; what is not an
answer is a NoAnswerError or a ShopError, whose words hold neither secrets nor customers' data.
"""

from __future__ import annotations

from .address import NewStoreAddress, build_address, build_simulated_address
from .auth import Credentials
from .client import NewStore
from .order_events import build_order_event
from .rate_limit import REQUESTS_A_SECOND, RateLimiter
from .shop import NewStoreShop, QueryRead, RestRead, fetch

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
    "fetch",
]
