"""NewStore, simulated: one tenant's tokens, GraphQL, REST reads and Event Stream.

`SimulatedShop` is the tenant's state, `build_newstore_app` serves it. `engine/simulator/NEWSTORE.md` lists what is as
in NewStore and what is not.
"""

from __future__ import annotations

from .app import build_newstore_app
from .settings import MONEY_AS, Settings
from .shop import SimulatedShop

__all__ = ["MONEY_AS", "Settings", "SimulatedShop", "build_newstore_app"]
