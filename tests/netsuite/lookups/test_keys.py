"""Whatever keys hold, a database reads exactly those keys from the query, and nothing else."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_lookups import HEAD, ITEM, ITEMS, NetSuite, Row, live_of, order, plan_of

from engine.mapping.plan import Plan

QUERY = "SELECT itemid, id FROM item WHERE itemid IN ({keys})"


@pytest.fixture(scope="module")
def plan() -> Plan:
    with TemporaryDirectory() as folder:
        return plan_of(Path(folder), HEAD + ITEM + ITEMS)


class Database(NetSuite):
    """SQLite, which reads texts and numbers as standard SQL does."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[object] = []

    async def __call__(self, query: str) -> Sequence[Row]:
        self.queries.append(query)
        head, _, rest = query.partition(" IN (")
        assert (head, rest[-1]) == ("SELECT itemid, id FROM item WHERE itemid", ")")
        with closing(sqlite3.connect(":memory:")) as database:
            (row,) = database.execute(f"SELECT {rest[:-1]}")
        self.read = list(row)
        return []


READABLE = st.characters(exclude_categories=("Cc", "Cs"))
TEXTS = st.text(READABLE, min_size=1, max_size=300) | st.text(
    "'\"\\{}keys;-*/%_`$:?[], ", min_size=1
)
NUMBERS = st.integers(-(2**63), 2**63 - 1)


@given(st.lists((TEXTS | NUMBERS).filter(lambda key: key != "*"), min_size=1, max_size=20))
def test_a_database_reads_the_keys_and_nothing_else(plan: Plan, keys: list[object]) -> None:
    database = Database()
    asyncio.run(live_of(database).tables(plan, order(skus=keys)))
    assert database.read == [
        key for index, key in enumerate(keys) if (type(key), key) not in typed(keys[:index])
    ]


def typed(keys: list[object]) -> list[tuple[type, object]]:
    return [(type(key), key) for key in keys]


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9
    )
)
def test_decimals_stand_as_they_are(plan: Plan, key: Decimal) -> None:
    netsuite = NetSuite()
    asyncio.run(live_of(netsuite).tables(plan, order(skus=[key])))
    assert netsuite.queries == [QUERY.replace("{keys}", format(key, "f"))]


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("a\nb", "control character"),
        ("a\0b", "control character"),
        ("a\x85", "control character"),
        ("a\ud800", "half a character"),
        ("x" * 301, "301 characters, more than 300"),
        ("*", "would match every key"),
        (True, "neither a text nor a number"),
        ({"a": 1}, "neither a text nor a number"),
        (10**41, "too large"),
    ],
)
def test_other_keys_are_refused_and_the_rest_is_asked(plan: Plan, key: object, why: str) -> None:
    netsuite = NetSuite({"itemid": "A", "id": "7"})
    tables, (finding,) = asyncio.run(live_of(netsuite).tables(plan, order(skus=[key, "A"])))
    assert finding.code == "E0614"
    assert finding.message.startswith("the lookup 'item' cannot query this key: ")
    assert why in finding.message
    assert len(finding.message) < 200
    assert finding.place is not None
    assert [row.key for row in tables["item"].rows] == [("A",)]
    assert netsuite.queries == [QUERY.replace("{keys}", "'A'")]
