"""A record is made of another one, each line once."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from netsuite_account import Json, NetSuite, document, line, netsuite, order

from engine.mapping.record_schemas import list_record_types
from engine.simulator.netsuite.kinds import TRANSFORMS


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


@pytest.mark.parametrize(
    "items", [7, [7], [None], [{"orderLine": True}], [{"orderLine": 1, "quantity": "1"}]]
)
def test_lines_that_are_none_are_refused(there: NetSuite, items: object) -> None:
    path = f"/salesOrder/{there.create('salesOrder', order(there.customer()))}"
    body = {"item": {"items": items}}
    assert there.ask("POST", f"{path}/!transform/cashSale", body).status_code == 400


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


def test_lines_say_how_much_of_them_was_billed(there: NetSuite) -> None:
    body = order(there.customer(), line(501, rate=1, quantity=3), line(502))
    path = f"/salesOrder/{there.create('salesOrder', body)}"
    part = [{"orderLine": 1, "quantity": 2}, {"orderLine": 2, "quantity": 0}]
    assert transform(there, path, "cashSale", *part).status_code == 204
    first, second = there.read(f"{path}/item")["items"]
    assert (first["quantityBilled"], second["quantityBilled"]) == (2, 0)


# What every type of record needs to be created; those with a schema are created, and transformed.
DEPOSIT: Json = {"customer": {"externalId": "C"}, "payment": 10}
GOODS: Json = {"entity": {"externalId": "C"}, "item": {"items": [line(501, rate=10)]}}
BODIES: dict[str, Json] = {
    "salesOrder": GOODS, "cashSale": GOODS, "invoice": GOODS, "creditMemo": GOODS,
    "cashRefund": GOODS, "returnAuthorization": GOODS, "customerDeposit": DEPOSIT,
    "customerRefund": {"customer": {"externalId": "C"}},
}  # fmt: skip


@pytest.mark.parametrize("record", sorted(set(BODIES) & set(list_record_types())))
def test_each_type_is_created_and_found(there: NetSuite, record: str) -> None:
    there.customer(externalId="C")
    there.create(record, BODIES[record] | {"externalId": "X-1"})
    assert there.read(f"/{record}/eid:X-1")["tranDate"] == "2026-12-01"
    query = "SELECT recordtype FROM transaction WHERE externalid = 'X-1'"
    assert there.suiteql(query).json()["items"][0]["recordtype"] == record.lower()


@pytest.mark.parametrize(
    ("source", "target"), [pair for pair in TRANSFORMS if set(pair) <= set(list_record_types())]
)
def test_each_transform_is_made_once(there: NetSuite, source: str, target: str) -> None:
    customer = there.customer(externalId="C")
    path = f"/{source}/{there.create(source, BODIES[source])}"
    record = made(there, transform(there, path, target))
    assert (record.get("entity") or record["customer"])["id"] == customer
    assert (
        record.get("createdFrom", {"id": path.rpartition("/")[2]})["id"] == path.rpartition("/")[2]
    )
    assert transform(there, path, target).status_code == 400
