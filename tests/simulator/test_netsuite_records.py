"""Records are created, read, changed, removed, and refused as NetSuite does it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from netsuite_account import NetSuite, document, line, netsuite, order, person


@pytest.fixture
def there() -> Iterator[NetSuite]:
    with netsuite() as served:
        yield served


def test_create_answers_204_with_an_absolute_address_and_no_body(there: NetSuite) -> None:
    answer = there.ask("POST", "/customer", person(externalId="C-1"))
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["location"].startswith(
        f"{there.address}/services/rest/record/v1/customer/"
    )
    read = document(there.client.get(answer.headers["location"]))
    assert (read["externalId"], read["firstName"]) == ("C-1", "Ann")


def test_a_sales_order_is_stored_with_its_lines_and_totals(there: NetSuite) -> None:
    customer = there.customer()
    id_ = there.create(
        "salesOrder", order(customer, line(501, quantity=2, rate=10), line(1201, amount=20))
    )
    (stored,) = there.ledger.transactions()
    assert stored.id == id_
    assert [entry["amount"] for entry in stored.lines] == [20, -20]
    assert stored.fields["total"] == 0
