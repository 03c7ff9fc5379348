"""SuiteQL: one SELECT in Oracle's manner; values are texts, what is null is left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netsuite_account import SUITEQL, NetSuite, line, netsuite, order
from scale import scaled

from engine.simulator.netsuite.refusals import RefusalError
from engine.simulator.netsuite.suiteql.dialect import translate_query


@pytest.fixture(scope="module")
def there() -> Iterator[NetSuite]:
    with netsuite() as served:
        customer = served.customer(externalId="C-1", email="Ann@example.com")
        served.customer(firstName="Bo", isInactive=True, email="bo@example.com", entityId="Bo")
        for number, rate in (("SO-1", "19.90"), ("SO-2", "0.10"), ("SO-3", "100")):
            lines = line(501, rate=Decimal(rate))
            body = order(customer, lines, externalId=number, tranDate="2026-12-01", memo=number)
            served.create("salesOrder", body)
        served.create("cashSale", order(customer, externalId="CS-1", tranDate="2026-11-30"))
        yield served


def rows(there: NetSuite, query: str, **parameters: Any) -> list[dict[str, Any]]:
    answer = there.suiteql(query, **parameters)
    assert answer.status_code == 200, answer.text
    return [{k: v for k, v in row.items() if k != "links"} for row in answer.json()["items"]]


def test_a_transaction_is_found_by_its_external_id(there: NetSuite) -> None:
    (found,) = rows(there, "SELECT * FROM transaction WHERE externalid = 'SO-1'")
    assert found | {"id": "", "entity": "", "createddate": ""} == {
        "id": "", "entity": "", "createddate": "", "tranid": "SO1", "externalid": "SO-1",
        "type": "SalesOrd", "recordtype": "salesorder", "trandate": "12/1/2026", "status": "B",
        "foreigntotal": "19.90", "currency": "1", "exchangerate": "1", "memo": "SO-1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT externalid FROM transaction WHERE externalid = 'so-1'", []),
        ("SELECT ID, ITEMID FROM ITEM WHERE ITEMID = 'SOCKS'", [{"id": "502", "itemid": "SOCKS"}]),
        ("SELECT id FROM item WHERE itemid IN ('SOCKS', 'OLD-HAT') AND isinactive = 'F'", [{"id": "502"}]),
        ("SELECT id FROM item WHERE id = '502'", [{"id": "502"}]),
        ("SELECT id FROM item WHERE id IN (502, '503') ORDER BY id DESC", [{"id": "503"}, {"id": "502"}]),
        ("SELECT id AS internal FROM item WHERE externalid = 'P-42'", [{"internal": "501"}]),
        ("SELECT firstname FROM customer WHERE email LIKE 'ann%'", []),
        ("SELECT firstname FROM customer WHERE LOWER(email) LIKE 'ann%'", [{"firstname": "Ann"}]),
        ("SELECT firstname FROM customer WHERE LOWER(email) = 'ann@example.com' AND isinactive = 'F'",
         [{"firstname": "Ann"}]),
        ("SELECT LOWER('ÀÉ-Ö1') AS small, UPPER('àé') AS large FROM currency WHERE LOWER(symbol) = 'jpy'",
         [{"small": "àé-ö1", "large": "ÀÉ"}]),
        ("SELECT entityid FROM customer WHERE isinactive = 'T'", [{"entityid": "Bo"}]),
        ("SELECT COUNT(*) AS n FROM transaction WHERE type = 'SalesOrd'", [{"n": "3"}]),
        ("SELECT SUM(foreigntotal) AS total FROM transaction WHERE type = 'SalesOrd'", [{"total": "120.00"}]),
        ("SELECT memo FROM transaction WHERE foreigntotal > 5 AND foreigntotal < 50", [{"memo": "SO-1"}]),
        ("SELECT memo FROM transaction WHERE foreigntotal = 0.1", [{"memo": "SO-2"}]),
        ("SELECT memo FROM transaction WHERE type='SalesOrd' ORDER BY foreigntotal FETCH FIRST 2 ROWS ONLY",
         [{"memo": "SO-2"}, {"memo": "SO-1"}]),
        ("SELECT memo FROM transaction WHERE type = 'SalesOrd' AND ROWNUM <= 1", [{"memo": "SO-1"}]),
        # counted before it is sorted, as Oracle does it
        ("SELECT memo FROM transaction WHERE type = 'SalesOrd' AND ROWNUM <= 2 ORDER BY memo DESC",
         [{"memo": "SO-2"}, {"memo": "SO-1"}]),
        ("SELECT * FROM (SELECT memo FROM transaction WHERE type = 'SalesOrd' ORDER BY memo DESC) WHERE ROWNUM = 1",
         [{"memo": "SO-3"}]),
        ("SELECT BUILTIN.DF(t.status) AS status, BUILTIN.DF(currency) AS c FROM transaction t WHERE externalid = 'SO-1'",
         [{"status": "Pending Fulfillment", "c": "USD"}]),
        ("SELECT TO_CHAR(trandate, 'YYYY-MM-DD') AS day FROM transaction WHERE trandate < TO_DATE('2026-12-01', 'YYYY-MM-DD')",
         [{"day": "2026-11-30"}]),
        ("SELECT t.memo FROM transaction t JOIN customer c ON c.id = t.entity WHERE c.externalid = 'C-1' AND t.memo = 'SO-3'",
         [{"memo": "SO-3"}]),
        ("SELECT name, externalid FROM location", [{"name": "New York"}]),
        ("SELECT id FROM currency WHERE symbol = 'JPY'", [{"id": "2"}]),
        ("SELECT id FROM subsidiary WHERE name = 'Dodici CA'", [{"id": "2"}]),
        ("SELECT id FROM classification UNION SELECT id FROM department WHERE id = 1", None),
    ],
)  # fmt: skip
def test_queries(there: NetSuite, query: str, found: list[dict[str, str]] | None) -> None:
    if found is None:
        assert there.suiteql(query).status_code == 400
    else:
        assert rows(there, query) == found


def test_rows_come_by_the_page(there: NetSuite) -> None:
    query = "SELECT memo FROM transaction WHERE type = 'SalesOrd' ORDER BY memo"
    first = there.suiteql(query, limit=2).json()
    assert (first["count"], first["hasMore"], first["offset"], first["totalResults"]) == (
        2,
        True,
        0,
        3,
    )
    second = there.suiteql(query, limit=2, offset=2).json()
    assert (second["count"], second["hasMore"]) == (1, False)
    assert second["items"][0]["memo"] == "SO-3"


@pytest.mark.parametrize("limit", ["1001", "0", "x"])
def test_a_page_has_a_thousand_rows_at_most(there: NetSuite, limit: str) -> None:
    assert there.suiteql("SELECT id FROM item", limit=limit).status_code == 400


def test_a_query_says_that_it_is_transient(there: NetSuite) -> None:
    answer = there.client.post(SUITEQL, json={"q": "SELECT id FROM item"})
    assert answer.status_code == 400


def test_an_unknown_column_is_named(there: NetSuite) -> None:
    for query in (
        "SELECT nothing FROM item",
        'SELECT "nothing" FROM item',
        "SELECT i.nothing FROM item i",
    ):
        answer = there.suiteql(query)
        words = answer.json()["o:errorDetails"][0]["detail"]
        assert answer.status_code == 400
        assert words.startswith(
            "Invalid search query. Detailed unprocessed description follows. "
            "Search error occurred: Unknown identifier 'nothing'. Available identifiers are: {"
        )


@pytest.mark.parametrize(
    "query",
    [
        "", " ", "SELECT", "SELECT id FROM nothing", "SELECT id FROM item LIMIT 3",
        "SELECT id FROM item; SELECT id FROM item", "DELETE FROM item", "DROP TABLE item",
        "PRAGMA user_version", "SELECT * FROM sqlite_master", "SELECT load_extension('x') FROM item",
        "SELECT randomblob(100000000) FROM item", "SELECT BUILTIN.DF() FROM item",
        "SELECT BUILTIN.XY(id) FROM item", "SELECT id FROM item WHERE ROWNUM > 3",
        "SELECT TO_CHAR(1, 2, 3) FROM item", "SELECT TO_DATE('x', 'YYYY') FROM item",
        "WITH a AS (SELECT 1) SELECT * FROM a", "SELECT id FROM item OFFSET 3 ROWS",
        "SELECT " + "(" * 3000 + "1" + ")" * 3000 + " FROM item", "SELECT '" + "x" * 300_000 + "' FROM item",
        "SELECT COUNT(*) FROM " + ", ".join(f"item i{n}" for n in range(12)),
        "SELECT SUM(itemid) FROM item", "SELECT id FROM item WHERE",
    ],
)  # fmt: skip
def test_what_is_no_query_is_refused(there: NetSuite, query: str) -> None:
    answer = there.suiteql(query)
    assert answer.status_code == 400
    assert answer.json()["o:errorDetails"][0]["o:errorCode"] in (
        "INVALID_PARAMETER",
        "INVALID_CONTENT",
    )


def test_queries_follow_what_is_changed_and_removed(there: NetSuite) -> None:
    path = f"/customer/{there.customer(externalId='C-9', email='x@example.com')}"
    query = "SELECT email FROM customer WHERE externalid = 'C-9'"
    assert rows(there, query) == [{"email": "x@example.com"}]
    there.ask("PATCH", path, {"email": "y@example.com"})
    assert rows(there, query) == [{"email": "y@example.com"}]
    there.ask("DELETE", path)
    assert rows(there, query) == []


WORDS = st.sampled_from(
    [
        "SELECT",
        "id",
        ",",
        "(",
        ")",
        "*",
        "FROM",
        "item",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "IN",
        "ROWNUM",
        "<=",
        "=",
        "1",
        "'x'",
        "ORDER",
        "BY",
        "JOIN",
        "ON",
        "UNION",
        "BUILTIN.DF",
        "TO_CHAR",
        "NVL",
        "COUNT",
        "NULL",
        "LIMIT",
        "FETCH",
        "FIRST",
        "ROWS",
        "ONLY",
        ";",
        "||",
        ".",
        '"',
        "CASE",
        "WHEN",
        "END",
    ]
)


@settings(max_examples=scaled(100, full=3_000), deadline=None)
@given(st.lists(WORDS, max_size=14).map(lambda words: "SELECT " + " ".join(words)))
def test_any_words_are_translated_or_refused(query: str) -> None:
    with suppress(RefusalError):
        sql = translate_query(query).sql
        assert sql.startswith("SELECT")


def test_a_custom_field_of_any_kind_leaves_searches_whole() -> None:
    with netsuite() as there:
        note = {"id": {"inner": [1]}}
        there.create("salesOrder", order(there.customer(), custbody_note=note))
        (row,) = there.suiteql("SELECT * FROM transaction").json()["items"]
        assert "custbody_note" not in row
