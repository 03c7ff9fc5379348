"""The inputs of one run, besides its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from ..mapping.lookups import Table


class _Absent(Enum):
    """The type of ABSENT: the source was requested and does not exist (HTTP 404)."""

    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Inputs:
    """An event, the documents fetched for it, and the answers of live lookups.

    `event` is the envelope the shop sent; `sources` maps a source's name to the unchanged answer
    (for GraphQL the whole `{"data": …}`) or to ABSENT; `tables` maps a live lookup's name to its
    table. All numbers are int or Decimal.
    """

    event: object
    sources: Mapping[str, object] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
