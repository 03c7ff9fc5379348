"""Lines are added, changed and exchanged by their key; amounts, tax and totals are NetSuite's own."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from netsuite_account import Json, NetSuite, line, netsuite, order


@pytest.fixture(scope="module")
def there() -> Iterator[NetSuite]:
    with netsuite() as served:
        yield served


def created(there: NetSuite, *lines: Json, **more: Any) -> str:
    return f"/salesOrder/{there.create('salesOrder', order(there.customer(), *lines, **more))}"


def full(there: NetSuite, path: str) -> Json:
    return there.read(f"{path}?expandSubResources=true")


def lines_of(there: NetSuite, path: str, *names: str) -> list[tuple[Any, ...]]:
    items = full(there, path)["item"]["items"]
    return [tuple(item.get(name) for name in names) for item in items]


def patch(there: NetSuite, path: str, *lines: Json, query: str = "") -> int:
    return there.ask("PATCH", path + query, {"item": {"items": list(lines)}}).status_code


def refused(there: NetSuite, *lines: Json, **more: Any) -> str:
    answer = there.ask("POST", "/salesOrder", order(there.customer(), *lines, **more))
    assert answer.status_code == 400
    words: str = answer.json()["o:errorDetails"][0]["detail"]
    return words


def test_lines_are_numbered_as_they_come(there: NetSuite) -> None:
    path = created(there, line(501, rate=1, line=7), line(502, line=7))
    assert lines_of(there, path, "line") == [(1,), (2,)]


def test_a_line_without_its_key_is_added(there: NetSuite) -> None:
    path = created(there, line(501, rate=1))
    assert patch(there, path, line(501, rate=1)) == 204
    assert lines_of(there, path, "line") == [(1,), (2,)]


def test_a_line_with_its_key_is_changed(there: NetSuite) -> None:
    path = created(there, line(501, rate=10, description="x"), line(502))
    assert patch(there, path, {"line": 1, "quantity": 3}) == 204
    assert lines_of(there, path, "line", "amount", "description") == [
        (1, 30, "x"), (2, Decimal("4.50"), None),
    ]  # fmt: skip


def test_replace_exchanges_all_lines(there: NetSuite) -> None:
    path = created(there, line(501, rate=10), line(502), line(501, rate=1))
    assert (
        patch(there, path, {"line": 2, "quantity": 2}, line(501, rate=5), query="?replace=Item")
        == 204
    )
    assert lines_of(there, path, "line", "amount") == [(2, 9), (4, 5)]


def test_the_same_upsert_twice_doubles_the_lines_unless_they_are_replaced(there: NetSuite) -> None:
    body = order(there.customer(), line(501, rate=10))
    for query, count in (("", 1), ("", 2), ("?replace=item", 1)):
        assert there.ask("PUT", f"/salesOrder/eid:SO-twice{query}", body).status_code == 204
        assert len(lines_of(there, "/salesOrder/eid:SO-twice", "line")) == count


@pytest.mark.parametrize(
    ("sent", "amount"),
    [
        (line(501, rate=10, quantity=3), "30"),
        (line(501, rate=10), "10"),
        (line(501, rate=10, quantity=3, amount=29), "29"),
        (line(501, rate=Decimal("0.335"), quantity=3), "1.01"),
        (line(501, amount=Decimal("1.005")), "1.01"),
        (line(502, quantity=2), "9"),
        (line(502, quantity=2, rate=1), "2"),
        (line(1201, amount=0), "0"),
    ],
)
def test_amounts(there: NetSuite, sent: Json, amount: str) -> None:
    path = created(there, sent)
    read = full(there, path)
    assert (read["item"]["items"][0]["amount"], read["total"]) == (Decimal(amount),) * 2


def test_amounts_are_rounded_to_what_the_currency_has(there: NetSuite) -> None:
    path = created(there, line(501, rate=Decimal("99.5")), currency={"id": 2})
    assert full(there, path)["total"] == 100


def test_a_line_without_any_amount_is_refused(there: NetSuite) -> None:
    assert refused(there, line(501)) == "Please enter value(s) for: Amount"


def test_payments_are_sent_positive_and_stored_negative(there: NetSuite) -> None:
    path = created(there, line(501, rate=10), line(1201, amount=10))
    assert lines_of(there, path, "amount") == [(10,), (-10,)]
    assert full(there, path)["total"] == 0
    assert patch(there, path, {"line": 2, "amount": 4}, {"line": 1, "description": "x"}) == 204
    assert lines_of(there, path, "amount") == [(10,), (-4,)]
    assert patch(there, path, {"line": 2, "description": "x"}) == 204
    assert lines_of(there, path, "amount") == [(10,), (-4,)]


def test_a_total_below_nothing_is_refused(there: NetSuite) -> None:
    assert "negative" in refused(there, line(501, rate=10), line(1201, amount=11))


def test_a_discount_needs_a_line_above(there: NetSuite) -> None:
    assert "line above" in refused(there, line(1101, amount=-1), line(501, rate=10))


def test_discounts_of_an_amount_and_of_a_part(there: NetSuite) -> None:
    path = created(there, line(501, rate=50), line(1101, amount=-5), line(1104))
    assert lines_of(there, path, "amount") == [(50,), (-5,), (-5,)]
    assert patch(there, path, {"line": 1, "rate": 100}) == 204
    assert lines_of(there, path, "amount") == [(100,), (-5,), (-10,)]


@pytest.mark.parametrize(
    ("lines", "tax"),
    [
        ([line(501, rate=10, taxCode=7)], "0.89"),
        ([line(501, rate=10, taxCode=7)] * 3, "2.67"),  # not 30 × 8.875 % = 2.66
        ([line(501, rate=10, taxCode=7), line(1101, amount=-5)], "0.44"),
        ([line(501, rate=10, taxCode=9, custcol_tax_rate=Decimal("5.5"))], "0.55"),
        ([line(501, rate=10, taxCode=9)], "0"),
        ([line(501, rate=10, taxCode=7, tax1Amt=1)], "1"),
        ([line(501, rate=10)], "0"),
    ],
)
def test_tax_is_rounded_line_by_line(there: NetSuite, lines: list[Json], tax: str) -> None:
    read = full(there, created(there, *lines))
    assert read["taxTotal"] == Decimal(tax)
    assert read["total"] == read["subtotal"] + Decimal(tax)


def test_a_discount_is_known_by_a_column_when_the_account_says_so() -> None:
    code = {"id": 7, "rate": 10, "discounts_by": "custcol_line_id"}
    with netsuite(tax_codes=[code]) as there:
        goods = line(501, rate=10, taxCode=7, custcol_line_id="a")
        own, other = line(1101, amount=-1, custcol_line_id="a"), line(1101, amount=-2)
        assert full(there, created(there, goods, own, other))["taxTotal"] == Decimal("0.90")


def test_tax_follows_a_change(there: NetSuite) -> None:
    path = created(there, line(501, rate=10, taxCode=7))
    assert patch(there, path, {"line": 1, "quantity": 2}) == 204
    assert lines_of(there, path, "tax1Amt") == [(Decimal("1.78"),)]


def test_shipping_and_its_tax_are_part_of_the_total(there: NetSuite) -> None:
    cost = {"shippingCost": Decimal("10.00"), "shippingTaxCode": {"id": 7}}
    read = full(there, created(there, line(501, rate=10), **cost))
    assert (read["shippingCost"], read["taxTotal"], read["total"]) == (
        10, Decimal("0.89"), Decimal("20.89"),
    )  # fmt: skip


def test_totals_that_are_sent_do_not_count(there: NetSuite) -> None:
    read = full(there, created(there, line(501, rate=10), total=1, subtotal=2, taxTotal=3))
    assert (read["subtotal"], read["taxTotal"], read["total"]) == (10, 0, 10)


def test_a_discount_on_the_whole(there: NetSuite) -> None:
    more = {"discountItem": {"id": 1101}, "discountRate": -3}
    assert full(there, created(there, line(501, rate=10), **more))["total"] == 7


def test_numbers_keep_every_digit(there: NetSuite) -> None:
    amount = Decimal("12345678901234567.89")
    path = created(there, line(501, amount=amount))
    assert f'"total":{amount}' in there.ask("GET", path).text


def test_numbers_that_do_not_fit_are_refused(there: NetSuite) -> None:
    large = Decimal(10) ** 29
    assert refused(there, line(501, rate=large, quantity=large))
