"""What one run is given, besides its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from ..mapping.lookups import Table


class _Absent(Enum):
    """The one value that says: asked for, and there is no such document (HTTP 404)."""

    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Inputs:
    """An event, the documents fetched for it, and the answers of live lookups.

    `event` is the envelope NewStore sent; `sources` maps a source's name to the answer as it came
    (for GraphQL the whole `{"data": …}`), or to ABSENT; `tables` maps a live lookup's name to its
    table. All numbers are int or Decimal.
    """

    event: object
    sources: Mapping[str, object] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
