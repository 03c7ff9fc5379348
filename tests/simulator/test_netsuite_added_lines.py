"""NetSuite stores more than was sent: item groups, and scripts that add lines, move dates and round."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from netsuite_account import ACCOUNT, Json, NetSuite, line, netsuite, order

GROUP: Json = {
    "id": 900, "itemid": "GIFT-BOX", "type": "Group",
    "members": [{"item": 502, "quantity": 2}, {"item": 501}],
}  # fmt: skip
ITEMS = [*ACCOUNT["items"], GROUP]


def lines(there: NetSuite, record: str, id_: str) -> list[tuple[int, str, str, Any, Any]]:
    """Each line's number, item, type, quantity and amount."""
    read = there.read(f"/{record}/{id_}?expandSubResources=true")
    return [
        (each["line"], each["item"]["id"], each["itemType"]["id"], each.get("quantity"), each["amount"])
        for each in read["item"]["items"]
    ]  # fmt: skip


def test_a_group_becomes_its_members_and_its_end() -> None:
    with netsuite(items=ITEMS) as there:
        customer = there.customer()
        group = line(900, quantity=3, taxCode={"id": 7}, custcol_line_id="a")
        id_ = there.create("salesOrder", order(customer, line(501, rate=10), group))
        stored = [
            (1, "501", "InvtPart", 1, 10),
            (2, "900", "Group", 3, 0),
            (3, "502", "InvtPart", 6, 27),
            (4, "501", "InvtPart", 3, 0),
            (5, "900", "EndGroup", 1, 0),
        ]
        assert lines(there, "salesOrder", id_) == stored
        read = there.read(f"/salesOrder/{id_}?expandSubResources=true")
        member = read["item"]["items"][2]
        assert (member["taxCode"]["id"], member["custcol_line_id"]) == ("7", "a")
        assert (read["subtotal"], read["taxTotal"], read["total"]) == (
            37,
            Decimal("2.40"),
            Decimal("39.40"),
        )
        # What was read can be sent again, in place or as a change, and an invoice has each line once.
        for change, query in (
            (read, "?replace=item"),
            ({"item": {"items": [{"line": 2, "description": "x"}]}}, ""),
        ):
            assert there.ask("PATCH", f"/salesOrder/{id_}{query}", change).status_code == 204
            assert lines(there, "salesOrder", id_) == stored
        answer = there.ask("POST", f"/salesOrder/{id_}/!transform/invoice")
        invoice = answer.headers["location"].rpartition("/")[2]
        assert lines(there, "invoice", invoice) == stored
        assert there.read(f"/invoice/{invoice}")["total"] == read["total"]


def test_scripts_add_lines_move_dates_and_round() -> None:
    scripts = [
        {"records": ["salesOrder"], "round_rates_to": 1, "move_days": -1},
        {"records": ["salesOrder", "cashSale"], "add_line": {"item": 502, "quantity": 1, "amount": 0}},
        {"records": ["salesOrder"], "round_total_to": "0.05", "rounding_item": 1102},
        {"records": ["salesOrder"], "move_days": 3},
    ]  # fmt: skip
    with netsuite(scripts=scripts) as there:
        customer = there.customer()
        body = order(
            customer,
            line(501, quantity=2, rate=Decimal("9.99")),
            line(1102, amount=Decimal("0.02")),
            tranDate="2026-11-30",
        )
        id_ = there.create("salesOrder", body)
        assert lines(there, "salesOrder", id_) == [
            (1, "501", "InvtPart", 2, 20),
            (2, "1102", "OthCharge", 1, Decimal("0.02")),
            (3, "502", "InvtPart", 1, 0),
            (4, "1102", "OthCharge", 1, Decimal("-0.02")),
        ]
        read = there.read(f"/salesOrder/{id_}")
        assert (read["total"], read["tranDate"]) == (20, "2026-12-02")
        assert there.ask("PATCH", f"/salesOrder/{id_}", {"memo": "x"}).status_code == 204
        assert len(lines(there, "salesOrder", id_)) == 4
        sale = there.create("cashSale", body)
        assert [each[1] for each in lines(there, "cashSale", sale)] == ["501", "1102", "502"]
        assert there.read(f"/cashSale/{sale}")["tranDate"] == "2026-11-30"


@pytest.mark.parametrize("days", [-2, 2])
def test_a_script_may_move_a_date_into_a_closed_month(days: int) -> None:
    scripts = [{"records": ["salesOrder"], "move_days": days}]
    months = ["2026-02", "2026-04"]
    with netsuite(scripts=scripts, closed_months=months) as there:
        day = "2026-03-01" if days < 0 else "2026-03-31"
        answer = there.ask("POST", "/salesOrder", order(there.customer(), tranDate=day))
        assert answer.status_code == 400
        assert "open accounting period" in answer.text
