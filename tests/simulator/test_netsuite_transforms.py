"""A record is made of another one, each line once."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from netsuite_account import Json, NetSuite, document, line, netsuite, order


@pytest.fixture
def there() -> Iterator[NetSuite]:
    with netsuite() as served:
        yield served


def transform(
    there: NetSuite, path: str, target: str, *lines: Json, **more: object
) -> httpx.Response:
    body = {"item": {"items": list(lines)}} | more if lines or more else None
    return there.ask("POST", f"{path}/!transform/{target}", body)


def made(there: NetSuite, answer: httpx.Response) -> Json:
    assert (answer.status_code, answer.content) == (204, b""), answer.text
    return document(
        there.client.get(answer.headers["location"], params={"expandSubResources": "true"})
    )


def status(there: NetSuite, path: str) -> str:
    read: str = there.read(path)["status"]["refName"]
    return read


def test_an_order_is_billed_once(there: NetSuite) -> None:
    customer = there.customer()
    lines = [line(501, rate=10, quantity=2), line(1101, amount=-5), line(1201, amount=20)]
    body = order(customer, *lines, externalId="SO-1", shippingCost=5, location=11)
    path = f"/salesOrder/{there.create('salesOrder', body)}"
    sale = made(there, transform(there, path, "cashSale", externalId="CS-1"))
    assert (sale["entity"]["id"], sale["location"]["id"]) == (customer, "11")
    assert sale["createdFrom"]["id"] == path.rpartition("/")[2]
    assert [each["amount"] for each in sale["item"]["items"]] == [20, -5, -20]
    assert (sale["shippingCost"], sale["total"], sale["externalId"]) == (5, 0, "CS-1")
    assert status(there, path) == "Billed"
    again = transform(there, path, "cashSale")
    assert again.status_code == 400
    assert len(there.ledger.transactions()) == 2


def test_an_order_is_billed_in_parts(there: NetSuite) -> None:
    lines = [line(501, amount=30, quantity=3), line(502, quantity=2)]
    path = f"/salesOrder/{there.create('salesOrder', order(there.customer(), *lines))}"
    part = [{"orderLine": 1, "quantity": 2}, {"orderLine": 2, "quantity": 0}]
    sale = made(there, transform(there, path, "cashSale", *part))
    assert [(each["quantity"], each["amount"]) for each in sale["item"]["items"]] == [(2, 20)]
    rest = made(there, transform(there, path, "cashSale"))
    assert [(each["quantity"], each["amount"]) for each in rest["item"]["items"]] == [
        (1, 10),
        (2, 9),
    ]


@pytest.mark.parametrize(
    "sent", [{"orderLine": 1, "quantity": 4}, {"orderLine": 1, "quantity": -1}, {"quantity": 1}]
)
def test_no_more_than_there_is(there: NetSuite, sent: Json) -> None:
    path = f"/salesOrder/{there.create('salesOrder', order(there.customer(), line(501, rate=1, quantity=3)))}"
    assert transform(there, path, "cashSale", sent).status_code == 400
    assert len(there.ledger.transactions()) == 1


def test_an_order_that_waits_for_approval_is_not_billed(there: NetSuite) -> None:
    body = order(there.customer(), orderStatus={"id": "A"})
    path = f"/salesOrder/{there.create('salesOrder', body)}"
    assert transform(there, path, "cashSale").status_code == 400
    assert there.ask("PATCH", path, {"orderStatus": {"id": "B"}}).status_code == 204
    assert transform(there, path, "cashSale").status_code == 204


def test_a_refused_transform_takes_nothing_over(there: NetSuite) -> None:
    path = f"/salesOrder/{there.create('salesOrder', order(there.customer(), externalId='SO-1'))}"
    assert transform(there, path, "cashSale", externalId="SO-1").status_code == 400
    assert transform(there, path, "cashSale", externalId="CS-1").status_code == 204


@pytest.mark.parametrize(("target", "words"), [("customer", "cannot become"), ("bad", "not exist")])
def test_not_everything_becomes_everything(there: NetSuite, target: str, words: str) -> None:
    path = f"/salesOrder/{there.create('salesOrder', order(there.customer()))}"
    answer = transform(there, path, target)
    assert answer.status_code in (400, 404)
    assert words in answer.json()["o:errorDetails"][0]["detail"]
