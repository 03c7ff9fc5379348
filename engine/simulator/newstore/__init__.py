"""NewStore, simulated: one tenant's tokens, GraphQL, REST reads and Event Stream.

`Shop` is the tenant's state, `build_newstore_app` serves it. `engine/simulator/NEWSTORE.md` lists what is as
in NewStore and what is not.
"""

from __future__ import annotations

from .app import build_newstore_app
from .settings import MONEY_AS, Settings
from .shop import Shop

__all__ = ["MONEY_AS", "Settings", "Shop", "build_newstore_app"]
