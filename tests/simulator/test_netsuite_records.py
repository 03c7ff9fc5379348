"""Records are created, read, changed, removed, and refused as NetSuite does it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from netsuite_account import Json, NetSuite, document, line, netsuite, order, person

ERROR = {"X-NetSuite-PropertyNameValidation": "Error"}


@pytest.fixture
def there() -> Iterator[NetSuite]:
    with netsuite() as served:
        yield served


def refusal(answer: Any) -> tuple[int, str, str]:
    """Status, code and words of an answer that refuses."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/vnd.oracle.resource+json; type=error"
    assert (body["status"], set(body) >= {"type", "title"}) == (answer.status_code, True)
    detail = body["o:errorDetails"][0]
    return answer.status_code, detail["o:errorCode"], detail["detail"]


def test_create_answers_204_with_an_absolute_address_and_no_body(there: NetSuite) -> None:
    answer = there.ask("POST", "/customer", person(externalId="C-1"))
    assert (answer.status_code, answer.content) == (204, b"")
    start = f"{there.address}/services/rest/record/v1/customer/"
    assert answer.headers["location"].startswith(start)
    read = document(there.client.get(answer.headers["location"]))
    assert (read["externalId"], read["firstName"]) == ("C-1", "Ann")


def test_names_are_taken_in_any_case(there: NetSuite) -> None:
    customer = there.create("CUSTOMER", {name.lower(): value for name, value in person().items()})
    lines = {"ITEMS": [{"Item": {"ID": 501}, "QUANTITY": 2, "rate": 3}]}
    id_ = there.create("salesorder", {"ENTITY": customer, "trandate": "2026-12-01", "Item": lines})
    read = there.read(f"/SalesOrder/{id_}?expandSubResources=true")
    assert (read["tranDate"], read["item"]["items"][0]["amount"]) == ("2026-12-01", 6)


def test_a_name_in_two_cases_is_refused(there: NetSuite) -> None:
    answer = there.ask("POST", "/customer", person(EMAIL="b@example.com"))
    assert refusal(answer)[:2] == (400, "INVALID_CONTENT")


@pytest.mark.parametrize("mode", ["Warning", "Ignore", None])
def test_unknown_fields_are_dropped(there: NetSuite, mode: str | None) -> None:
    headers = {} if mode is None else {"X-NetSuite-PropertyNameValidation": mode}
    body = person(nickname="A", custentity_unknown=1, custbody_note="x", externalId="C-1")
    answer = there.ask("POST", "/customer", body, headers=headers)
    assert answer.status_code == 204
    warnings = [value for name, value in answer.headers.items() if "warning" in name]
    dropped = ["nickname", "custentity_unknown", "custbody_note"]
    assert [all(name in text for name in dropped) for text in warnings] == (
        [] if mode == "Ignore" else [True]
    )
    assert not set(dropped) & set(there.read("/customer/eid:C-1"))


def test_unknown_fields_are_errors_when_that_is_asked_for(there: NetSuite) -> None:
    customer = there.customer()
    body = order(customer, line(501, rate=1, colour="red"), nickname="A")
    answer = there.ask("POST", "/salesOrder", body, headers=ERROR)
    assert refusal(answer)[:2] == (400, "INVALID_CONTENT")
    paths = [detail["o:errorPath"] for detail in answer.json()["o:errorDetails"]]
    assert paths == ["item.items[0].colour", "nickname"]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"tranDate": "12/01/2026"}, "tranDate"),
        ({"memo": 7}, "memo"),
        ({"shippingCost": "9.90"}, "shippingCost"),
        ({"orderStatus": {"id": "G"}}, "orderStatus.id"),
        ({"item": {"items": [line(501, rate="1")]}}, "item.items[0].rate"),
        ({"item": {"items": [line(501, rate=1, custcol_tax_rate="x")]}}, "item.items[0].custcol_tax_rate"),
        ({"entity": {"id": {"$record": "customer", "field": "id"}}}, "entity"),
    ],
)  # fmt: skip
def test_values_of_the_wrong_kind_are_refused(there: NetSuite, more: Json, path: str) -> None:
    answer = there.ask("POST", "/salesOrder", order(there.customer()) | more)
    assert refusal(answer)[:2] == (400, "INVALID_CONTENT")
    assert answer.json()["o:errorDetails"][0]["o:errorPath"] == path
    assert there.ledger.transactions() == ()


@pytest.mark.parametrize(
    ("more", "field", "value"),
    [
        ({"entity": {"id": 99}}, "entity", "99"),
        ({"subsidiary": {"id": 2}}, "subsidiary", "2"),
        ({"location": {"id": "99"}}, "location", "99"),
        ({"class": 99}, "class", "99"),
        ({"department": {"externalId": "X"}}, "department", "X"),
        ({"currency": {"id": "9"}}, "currency", "9"),
        ({"shipMethod": {"id": "9"}}, "shipMethod", "9"),
        ({"item": {"items": [line(9, rate=1)]}}, "item", "9"),
        ({"item": {"items": [line(503, rate=1)]}}, "item", "503"),
        ({"item": {"items": [line(501, rate=1, taxCode={"id": 8})]}}, "taxCode", "8"),
    ],
)
def test_references_lead_somewhere(there: NetSuite, more: Json, field: str, value: str) -> None:
    answer = there.ask("POST", "/salesOrder", order(there.customer()) | more)
    words = f"You have entered an Invalid Field Value {value} for the following field: {field}"
    assert refusal(answer) == (400, "USER_ERROR", words)


def test_references_by_external_id_and_bare_ids(there: NetSuite) -> None:
    there.customer(externalId="C-1")
    body = order("", {"item": {"externalId": "P-42"}, "rate": 5}, location=11)
    id_ = there.create("salesOrder", body | {"entity": {"externalId": "C-1"}})
    read = there.read(f"/salesOrder/{id_}")
    assert (read["location"]["id"], read["location"]["refName"]) == ("11", "New York")


@pytest.mark.parametrize(
    ("record", "body", "missing"),
    [
        ("salesOrder", {"item": {"items": [line(501, rate=1)]}}, "Customer"),
        ("salesOrder", {"entity": None}, "Customer, Items"),
        ("customer", {"isPerson": True, "subsidiary": 1}, "First Name, Last Name"),
        ("customer", {"subsidiary": 1}, "Company Name"),
        ("customer", {"companyName": "A"}, "Subsidiary"),
    ],
)
def test_what_is_needed_is_asked_for(
    there: NetSuite, record: str, body: Json, missing: str
) -> None:
    answer = there.ask("POST", f"/{record}", body)
    assert refusal(answer) == (400, "USER_ERROR", f"Please enter value(s) for: {missing}")


def test_a_form_makes_fields_mandatory() -> None:
    with netsuite(mandatory={"salesOrder": ["location", "class"]}) as there:
        answer = there.ask("POST", "/salesOrder", order(there.customer(), location=11))
        assert refusal(answer)[2] == "Please enter value(s) for: Class"


def test_a_role_may_create_what_it_may() -> None:
    with netsuite(may_create=["customer"]) as there:
        answer = there.ask("POST", "/salesOrder", order(there.customer()))
        assert refusal(answer)[:2] == (403, "INSUFFICIENT_PERMISSION")


def test_closed_periods_take_no_transactions(there: NetSuite) -> None:
    answer = there.ask("POST", "/salesOrder", order(there.customer(), tranDate="2025-12-31"))
    assert refusal(answer)[:2] == (400, "USER_ERROR")
    there.create("salesOrder", order(there.customer(), tranDate="2026-01-01"))


@pytest.mark.parametrize("kind", ["closed_months", "locked_months"])
def test_months_are_closed_and_locked_and_the_table_says_so(kind: str) -> None:
    with netsuite(**{kind: ["2026-02"]}) as there:
        february = order(there.customer(), tranDate="2026-02-28")
        assert refusal(there.ask("POST", "/salesOrder", february))[:2] == (400, "USER_ERROR")
        there.create("salesOrder", order(there.customer(), tranDate="2026-03-01"))
        columns = "periodname, startdate, closed, arlocked, isposting, isquarter, isyear, isadjust"
        of_days = "enddate >= TO_DATE('2026-02-01', 'YYYY-MM-DD') AND startdate < TO_DATE('2026-03-01', 'YYYY-MM-DD')"
        query = f"SELECT {columns} FROM accountingperiod WHERE {of_days} ORDER BY id"
        found = [list(row.values())[1:] for row in there.suiteql(query).json()["items"]]
        closed = "T" if kind == "closed_months" else "F"
        assert found == [
            ["FY 2026", "1/1/2026", "F", "F", "F", "F", "T", "F"],
            ["Q1 2026", "1/1/2026", "F", "F", "F", "T", "F", "F"],
            ["Feb 2026", "2/1/2026", closed, "T", "T", "F", "F", "F"],
        ]


# external ids


def test_an_external_id_is_taken_for_all_transactions(there: NetSuite) -> None:
    customer = there.customer(externalId="X-1")
    there.create("salesOrder", order(customer, externalId="X-1"))
    for record in ("salesOrder", "cashSale"):
        answer = there.ask("POST", f"/{record}", order(customer, externalId="X-1"))
        assert refusal(answer)[:2] == (400, "USER_ERROR")
        assert "This record already exists." in refusal(answer)[2]
    assert there.read("/salesOrder/eid:X-1")["externalId"] == "X-1"
    assert refusal(there.ask("GET", "/cashSale/eid:X-1"))[:2] == (404, "NONEXISTENT_ID")
    assert there.ledger.created["salesOrder", "X-1"] == 1


def test_an_external_id_is_free_when_its_record_is_gone(there: NetSuite) -> None:
    there.customer(externalId="X-1")
    assert there.ask("DELETE", "/customer/eid:X-1").status_code == 204
    there.customer(externalId="X-1")
    assert there.ledger.created["customer", "X-1"] == 2


def test_external_ids_are_compared_by_case(there: NetSuite) -> None:
    there.customer(externalId="X-1")
    assert there.ask("GET", "/customer/eid:x-1").status_code == 404


@pytest.mark.parametrize("id_", ["a|b", "a%20b", "%23100", ""])
def test_what_cannot_stand_in_an_address_is_refused(there: NetSuite, id_: str) -> None:
    assert refusal(there.ask("GET", f"/customer/eid:{id_}"))[:2] == (400, "INVALID_ID")


def test_names_of_entities_are_taken_once(there: NetSuite) -> None:
    there.customer(entityId="Ann")
    answer = there.ask("POST", "/customer", person(entityId="Ann"))
    assert refusal(answer)[:2] == (400, "USER_ERROR")
    assert "This entity already exists." in refusal(answer)[2]
    there.customer()


def test_changing_to_a_taken_external_id_is_refused(there: NetSuite) -> None:
    there.customer(externalId="X-1")
    there.customer(externalId="X-2")
    answer = there.ask("PATCH", "/customer/eid:X-2", {"externalId": "X-1"})
    assert "This record already exists." in refusal(answer)[2]
    assert there.read("/customer/eid:X-2")["externalId"] == "X-2"


# reading


def test_lines_are_read_as_an_address_or_in_full(there: NetSuite) -> None:
    id_ = there.create("salesOrder", order(there.customer(), externalId="SO-1"))
    here = f"{there.address}/services/rest/record/v1/salesOrder/{id_}"
    assert there.read("/salesOrder/eid:SO-1")["item"] == {
        "links": [{"rel": "self", "href": f"{here}/item"}]
    }
    full = there.read("/salesOrder/eid:SO-1?expandSubResources=true")["item"]
    assert (full["totalResults"], full["items"][0]["line"]) == (1, 1)
    assert there.read("/salesOrder/eid:SO-1/item") == full
    assert there.read("/salesOrder/eid:SO-1/item/1") == full["items"][0]
    assert there.ask("GET", "/salesOrder/eid:SO-1/item/2").status_code == 404
    assert there.ask("GET", "/salesOrder/eid:SO-1/nothing").status_code == 404


def test_choices_are_maps_or_bare(there: NetSuite) -> None:
    id_ = there.create("salesOrder", order(there.customer(), orderStatus={"id": "A"}))
    path = f"/salesOrder/{id_}"
    assert there.read(path)["orderStatus"] == {"id": "A", "refName": "Pending Approval"}
    assert there.read(f"{path}?simpleEnumFormat=true")["orderStatus"] == "A"


def test_only_some_fields_are_read(there: NetSuite) -> None:
    read = there.read(f"/customer/{there.customer(phone='1')}?fields=Email,phone")
    assert set(read) == {"links", "email", "phone"}


def test_an_address_is_an_inner_map(there: NetSuite) -> None:
    address = {"addr1": "1 Main St", "country": {"id": "US"}}
    id_ = there.create("salesOrder", order(there.customer(), billingAddress=address))
    assert there.read(f"/salesOrder/{id_}/billingaddress") == address


def test_what_is_read_can_be_written(there: NetSuite) -> None:
    id_ = there.create("salesOrder", order(there.customer(), memo="x"))
    before = there.read(f"/salesOrder/{id_}?expandSubResources=true")
    answer = there.ask("PATCH", f"/salesOrder/{id_}", {"memo": "y", "total": 1, "links": []})
    assert answer.status_code == 204
    after = there.read(f"/salesOrder/{id_}?expandSubResources=true")
    assert after == before | {"memo": "y"}


def test_lists_are_addresses_by_the_page(there: NetSuite) -> None:
    ids = [there.customer() for _ in range(3)]
    page = there.read("/customer?limit=2&offset=0")
    assert ([each["id"] for each in page["items"]], page["hasMore"]) == (ids[:2], True)
    page = there.read("/customer?limit=2&offset=2")
    assert ([each["id"] for each in page["items"]], page["hasMore"]) == (ids[2:], False)
    assert page["totalResults"] == 3


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "offset=-1", "limit=x", "q=email IS 1"])
def test_odd_pages_are_refused(there: NetSuite, query: str) -> None:
    assert refusal(there.ask("GET", f"/customer?{query}"))[:2] == (400, "INVALID_PARAMETER")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/customer/99999", 404),
        ("GET", "/customer/xyz", 404),
        ("PATCH", "/customer/99999", 404),
        ("DELETE", "/customer/eid:none", 404),
        ("GET", "/nothing/1", 404),
        ("PUT", "/customer/1", 400),
        ("PATCH", "/customer", 405),
        ("GET", "/customer/1/2/3/4", 404),
    ],
)
def test_what_is_not_there_is_not_found(
    there: NetSuite, method: str, path: str, status: int
) -> None:
    body: Json | None = {} if method in ("PATCH", "PUT") else None
    assert refusal(there.ask(method, path, body))[0] == status


def test_an_unknown_type_is_named(there: NetSuite) -> None:
    answer = there.ask("POST", "/bad-path", {})
    assert refusal(answer)[2] == "Record type 'bad-path' does not exist"


# changing


def test_only_what_is_sent_changes_and_null_empties(there: NetSuite) -> None:
    path = f"/customer/{there.customer(phone='1', comments='x')}"
    answer = there.ask("PATCH", path, {"phone": None, "email": "b@example.com"})
    assert (answer.status_code, answer.content) == (204, b"")
    read = there.read(path)
    assert (read.get("phone"), read["email"], read["comments"]) == (None, "b@example.com", "x")


def test_a_refused_change_changes_nothing(there: NetSuite) -> None:
    path = f"/salesOrder/{there.create('salesOrder', order(there.customer()))}"
    before = there.read(path + "?expandSubResources=true")
    body = {"memo": "x", "item": {"items": [line(9, rate=1)]}}
    assert there.ask("PATCH", path, body).status_code == 400
    assert there.read(path + "?expandSubResources=true") == before


def test_put_creates_and_then_changes(there: NetSuite) -> None:
    for email in ("a@example.com", "b@example.com"):
        answer = there.ask("PUT", "/customer/eid:C-9", person(email=email))
        assert (answer.status_code, answer.content) == (204, b"")
        assert there.read("/customer/eid:C-9")["email"] == email
    assert there.ledger.created["customer", "C-9"] == 1


def test_the_ledger_is_plain_data(there: NetSuite) -> None:
    there.create("salesOrder", order(there.customer(), externalId="SO-1"))
    _, stored = there.ledger.document()["records"]
    assert (stored["record"], stored["externalId"], stored["created"]) == ("salesOrder", "SO-1", 1)
    assert (stored["total"], stored["item"][0]["amount"]) == (100, 100)


def test_of_an_address_only_what_is_sent_changes(there: NetSuite) -> None:
    address = {"addr1": "1 Main St", "city": "Exampleville", "zip": "00501"}
    path = (
        f"/salesOrder/{there.create('salesOrder', order(there.customer(), billingAddress=address))}"
    )
    change = {"billingAddress": {"city": "Elsewhere", "zip": None}}
    assert there.ask("PATCH", path, change).status_code == 204
    assert there.read(path)["billingAddress"] == {"addr1": "1 Main St", "city": "Elsewhere"}


def test_lines_without_a_key_are_always_added(there: NetSuite) -> None:
    entry = {"defaultBilling": True, "addressBookAddress": {"city": "Exampleville"}}
    path = f"/customer/{there.customer(addressBook={'items': [entry]})}"
    assert there.ask("PATCH", path, {"addressBook": {"items": [entry]}}).status_code == 204
    assert there.read(f"{path}/addressBook")["totalResults"] == 2


def test_numbers_given_out_are_nobodys(there: NetSuite) -> None:
    there.customer(entityId="CUST1")
    assert there.read(f"/customer/{there.customer()}")["entityId"] == "CUST2"


def test_an_upsert_of_a_taken_external_id_is_refused(there: NetSuite) -> None:
    customer = there.customer()
    there.create("salesOrder", order(customer, externalId="X-1"))
    answer = there.ask("PUT", "/cashSale/eid:X-1", order(customer))
    assert "This record already exists." in refusal(answer)[2]
