"""What tells another record under the same external id from the one that was to be written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.delivery.write import resolve_references
from engine.netsuite.compare import (
    are_equal,
    find_additions,
    find_differences,
    find_foreign,
    find_unconfirmed,
)
from engine.netsuite.external_ids import safe_id
from engine.netsuite.match_lines import match_lines
from engine.run.ledger import StoppedRecord, WrittenRecord

Json = dict[str, Any]
LINES = [
    {"item": {"id": "1"}, "quantity": 2, "amount": Decimal("5.00")},
    {"item": {"id": 9}, "amount": 10},
]
BODY: Json = {"entity": {"id": "7"}, "currency": {"id": 1}, "memo": "a", "item": {"items": LINES}}
STORED: Json = {
    "id": "1001", "salesorder": 3, "Entity": {"id": 7, "refName": "Ann"}, "currency": {"id": "1"}, "memo": "edited",
    "item": {"items": [
        {"line": 1, "item": {"id": 1}, "quantity": Decimal("2.0"), "amount": 5, "rate": Decimal("2.5")},
        {"line": 2, "item": {"id": "9"}, "amount": Decimal("-10.00"), "itemType": {"id": "Payment"}},
    ]},
}  # fmt: skip


def lines(**first: object) -> Json:
    return {"item": {"items": [LINES[0] | first, LINES[1]]}}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ()),
        ({"entity": {"id": "8"}}, ("entity",)),
        ({"entity": {"externalId": "C-8"}}, ()),  # not by id: nothing to compare
        ({"subsidiary": {"id": 2}}, ()),  # not in the record that was found
        ({"currency": 2}, ("currency",)),
        ({"salesOrder": {"id": "4"}}, ("salesOrder",)),
        ({"item": {"items": [*LINES, LINES[1]]}}, ("number of lines",)),
        ({"item": {"items": LINES[:1]}}, ()),  # a line that NetSuite added
        ({"item": {"items": LINES[::-1]}}, ("items of lines",)),
        (lines(item={"id": "2"}), ("items of lines",)),
        (lines(quantity=3), ("quantity of a line",)),
        (lines(amount=Decimal("5.01")), ("amount of a line",)),
        (lines(rate=Decimal("2.50")), ()),
    ],
)
def test_differences(change: Json, expected: tuple[str, ...]) -> None:
    assert find_differences(BODY | change, STORED) == expected


def stored_with(*items: Json) -> Json:
    return STORED | {"item": {"items": [*items]}}


FIRST, SECOND = STORED["item"]["items"]
ADDED = {"item": {"id": "900"}, "quantity": 1, "amount": 3}
GROUP = {"item": {"id": "800"}, "quantity": 2, "itemType": {"id": "Group"}}


@pytest.mark.parametrize(
    ("stored", "fatal", "told"),
    [
        (STORED, (), ()),
        (stored_with(ADDED, FIRST, ADDED, SECOND, ADDED), (), ("3 more lines than were sent",)),
        (stored_with(FIRST, FIRST | {"quantity": 9}, SECOND), (), ("1 more line than were sent",)),
        (stored_with(FIRST | {"quantity": 9}, FIRST, SECOND), (), ("1 more line than were sent",)),
        (stored_with(FIRST, SECOND) | {"tranDate": "2026-12-01"}, (),
         ("dated 2026-12-01 instead of 2026-11-30",)),
        (stored_with(FIRST | {"amount": Decimal("5.005")}, SECOND), (), ("amounts rounded in 1 line",)),
        (stored_with(FIRST | {"amount": Decimal("5.006")}, SECOND), ("amount of a line",), None),
        (stored_with(FIRST | {"quantity": Decimal("2.001")}, SECOND), ("quantity of a line",), None),
        (stored_with(SECOND, FIRST, ADDED), ("items of lines",), None),
        (stored_with(ADDED, FIRST | {"amount": 6}, SECOND), ("amount of a line",), None),
        (stored_with(ADDED, ADDED), ("items of lines",), None),
        (stored_with(FIRST), ("number of lines",), None),
    ],
)  # fmt: skip
def test_ours_is_recognised_among_more_lines(
    stored: Json, fatal: tuple[str, ...], told: tuple[str, ...] | None
) -> None:
    body = BODY | {"tranDate": "2026-11-30"}
    assert find_differences(body, stored) == fatal
    if told is not None:
        assert find_additions(body, stored) == told


def test_a_group_that_was_expanded_is_ours() -> None:
    body = BODY | {"item": {"items": [{"item": {"id": "800"}, "quantity": 2}, LINES[1]]}}
    members = [{"item": {"id": str(at)}, "quantity": 2, "amount": 5} for at in range(3)]
    end = {"item": {"id": "0"}, "itemType": {"id": "EndGroup"}}
    assert find_differences(body, stored_with(GROUP, *members, end, SECOND)) == ()


@given(st.data())
def test_our_lines_are_found_wherever_others_stand_between_them(data: st.DataObject) -> None:
    line = st.fixed_dictionaries(
        {"item": st.integers(1, 3), "quantity": st.integers(1, 2), "amount": st.integers(1, 2)}
    )
    ours = data.draw(st.lists(line, max_size=5))
    stored = [*ours]
    for extra in data.draw(st.lists(line, max_size=4)):
        stored.insert(data.draw(st.integers(0, len(stored))), extra)
    body, found = {"item": {"items": ours}}, {"item": {"items": stored}}
    assert find_differences(body, found) == ()
    missing = (
        found | {"item": {"items": [each for each in stored if each != ours[0]]}} if ours else {}
    )
    assert not ours or find_differences(body, missing) != ()


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"externalId": "SO-1", "entity": {"id": 7}}, ()),
        ({"externalid": "so-1"}, ()),
        ({"entity": {"id": "7"}, "total": 5}, ()),
        ({"externalId": "SO-2", "entity": {"id": "7"}}, ("externalId",)),
        ({"externalId": "SO-1", "entity": {"id": "8"}}, ("entity",)),
        ({"ExternalID": "SO-2", "Entity": 9, "currency": 5}, ("externalId", "entity")),
    ],
)
def test_a_record_of_another_order_is_recognised(found: Json, expected: tuple[str, ...]) -> None:
    assert find_foreign(BODY, "SO-1", found) == expected


def test_an_entity_by_external_id_is_compared_where_the_record_shows_it() -> None:
    body = {"customer": {"externalId": "C-1"}}
    assert find_foreign(body, "D-1", {"customer": {"id": "5", "externalId": "C-1"}}) == ()
    assert find_foreign(body, "D-1", {"customer": {"id": "5"}}) == ()
    assert find_foreign(body, "D-1", {"customer": {"id": "5", "externalId": "C-2"}}) == (
        "customer",
    )


def test_lines_that_cannot_be_seen_are_others() -> None:
    assert find_differences(BODY, STORED | {"item": {"links": []}}) == ("number of lines",)


def test_a_transform_is_told_by_what_it_was_made_of() -> None:
    made = STORED | {"createdFrom": {"id": "500"}}
    body = {"item": {"items": [{"orderLine": 1, "quantity": 1}]}}
    assert find_differences(body, made, origin="500") == ()
    assert find_differences(body, made, origin="501") == ("createdFrom",)
    assert find_differences(body, STORED, origin="500") == ("createdFrom",)


@pytest.mark.parametrize(
    ("wanted", "stored", "expected"),
    [
        (5, Decimal("5.00"), True), ("5.0", 5, True), ({"id": "7"}, 7, True), ({"id": "B"}, "B", True),
        ("a", "A", False), (None, None, True), (Decimal("0.1"), Decimal("0.10000001"), False),
        ("NaN", "NaN", True), (True, True, True), (5, None, False),
    ],
)  # fmt: skip
def test_the_same_to_netsuite(wanted: object, stored: object, *, expected: bool) -> None:
    assert are_equal(wanted, stored) is expected


def test_names_that_are_not_confirmed() -> None:
    wanted = {"total": Decimal("1.10"), "status": {"id": "B"}, "memo": "x"}
    assert find_unconfirmed(wanted, {"Total": Decimal("1.1"), "status": "A"}) == ("status", "memo")


def stored_lines(*ids: str, **more: object) -> Json:
    items = [{"line": at, "custcol_id": id_} | more for at, id_ in enumerate(ids, 1)]
    return {"item": {"items": items}}


def test_lines_are_given_the_key_of_the_line_they_mean() -> None:
    body = {"item": {"items": [{"custcol_id": "b", "line": 9}]}, "memo": "m"}
    found = match_lines(body, {"item": "CUSTCOL_ID"}, stored_lines("a", "b"))
    assert isinstance(found, StoppedRecord)  # the column is not in our line under that name
    assert match_lines(body, {"item": "custcol_id"}, stored_lines("a", "b")) == {
        "item": {"items": [{"custcol_id": "b", "line": 2}]},
        "memo": "m",
    }


def test_a_sublist_is_the_same_whatever_the_case_of_its_name() -> None:
    body = {"Item": {"items": [{"custcol_id": "b"}]}}
    found = {"iTem": stored_lines("a", "b")["item"]}
    matched_line = {"custcol_id": "b", "line": 2}
    assert match_lines(body, {"item": "custcol_id"}, found) == {"Item": {"items": [matched_line]}}


@pytest.mark.parametrize(
    ("ours", "found"),
    [
        (("c",), stored_lines("a", "b")),  # none
        (("a",), stored_lines("a", "a")),  # two
        (("a", "a"), stored_lines("a", "b")),  # two of ours mean one
        (("a",), stored_lines("a", line=None)),  # no key: it would be added
        (("a",), {"item": {"links": []}}),
        (("a",), {}),
    ],
)
def test_a_line_that_is_not_exactly_one_stops_it(ours: tuple[str, ...], found: Json) -> None:
    body = {"item": {"items": [{"custcol_id": one} for one in ours]}}
    result = match_lines(body, {"item": "custcol_id"}, found)
    assert isinstance(result, StoppedRecord)
    assert result.reason == "line_not_found"


def test_references_are_what_netsuite_has() -> None:
    posted = {"a": WrittenRecord("a", "customer", "C-x@y", "17", "created")}
    body = {"id": {"$record": "a", "field": "id"}, "n": [{"$record": "a", "field": "external_id"}]}
    assert resolve_references(body, posted, safe_id) == {"id": "17", "n": ["C-x_x40_y"]}
