"""The list of orders that an earlier integration has posted: what a file may look like, what it means."""

from __future__ import annotations

import pytest

from engine.findings.diagnostics import SourceText
from engine.findings.errors import SpecError
from engine.mapping.files.posted_orders import MAX_ORDERS, PostedOrders, read_posted_orders

WANTED = ("order.opened", "order.items_cancelled", "return.processed")


def listed(content: str) -> PostedOrders:
    return read_posted_orders(SourceText("posted.csv", content), WANTED)


def found(content: str) -> list[tuple[str, int | None]]:
    with pytest.raises(SpecError) as caught:
        listed(content)
    return [(one.code, one.place.line if one.place else None) for one in caught.value.findings]


def event(name: str, **payload: object) -> dict[str, object]:
    return {"name": name, "payload": payload}


@pytest.mark.parametrize(
    "content",
    ["order\nu-1\n#1002\n", "\ufefforder\r\nu-1\r\n\r\n#1002\r\n", 'order \n"u-1"\n #1002'],
)
def test_an_order_is_known_by_its_id_or_its_number_whatever_wrote_the_file(content: str) -> None:
    posted = listed(content)
    assert posted.has(event("order.opened", id="u-1", external_id="#1001"))
    assert posted.has(event("order.opened", id="u-2", external_id="#1002"))
    assert not posted.has(event("order.opened", id="u-3", external_id="#1003"))
    assert not posted.has(event("order.opened", id=["u-1"], external_id=None))
    assert not posted.has("no event")


def test_what_happens_to_an_order_later_is_not_left_out() -> None:
    posted = listed("order\nu-1\n")
    assert not posted.has(event("order.items_cancelled", id="u-1"))
    assert not posted.has(event("return.processed", id="r-1", order_id="u-1"))


def test_a_row_with_an_event_is_about_that_event_alone() -> None:
    posted = listed("order,event\nr-1,return.processed\nu-2,\n")
    assert posted.has(event("return.processed", id="r-1", order_id="u-1"))
    assert not posted.has(event("order.opened", id="r-1"))
    assert posted.has(event("order.opened", id="u-2"))


def test_a_list_without_orders_leaves_nothing_out() -> None:
    assert not listed("order\n").has(event("order.opened", id="order"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", [("E0607", None)]),
        ("u-1\nu-2\n", [("E0606", 1), ("E0607", 1)]),
        ("order;event\nu-1;\n", [("E0610", 1)]),
        ("order,event\nu-1\n", [("E0608", 2)]),
        ("order,event\nu-1,order.opened\nu-1,\nu-2,order.shipped\n", [("E0207", 4), ("E0602", 3)]),
        ("order\n" + "9" * 201 + "\n", [("E0608", 2)]),
        ("order\n" + "u\n" * (MAX_ORDERS + 1), [("E0609", 1)]),
        ('order\n"u-1\n', [("E0610", 2)]),
        ("order\nu\0-1\n", [("E0610", 2)]),
    ],
)
def test_what_is_wrong_is_found_at_its_place(
    content: str, expected: list[tuple[str, int | None]]
) -> None:
    assert found(content) == expected


def test_a_list_for_events_that_no_mapping_wants_says_which_ones() -> None:
    with pytest.raises(SpecError) as caught:
        read_posted_orders(SourceText("posted.csv", "order\nr-1\n"), ["return.processed"])
    assert [finding.code for finding in caught.value.findings] == ["E0207"]
