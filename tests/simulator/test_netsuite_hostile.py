"""Whatever is sent, the answer is NetSuite's, and the service goes on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netsuite_account import RECORDS, TOKEN, NetSuite, document, line, netsuite, order, person
from scale import scaled

from engine.mapping.record_schemas import list_record_types, load_record_schema
from engine.simulator.faults import Fault

SERVED: list[NetSuite] = []


@pytest.fixture(scope="module", autouse=True)
def there() -> Iterator[NetSuite]:
    with netsuite() as served:
        SERVED[:] = [served]
        yield served


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"[]", b"null", b"7", b'"x"', b"{", b'{"a":1,"a":2}', b'{"email": NaN}',
        b"\xff\xfe", b'{"a":' * 300 + b"1" + b"}" * 300, b'{"creditLimit": 1e400}',
        b'{"creditLimit": ' + b"9" * 5000 + b"}", b"<xml/>", b"{} {}",
        b'{"a": [' + b"1," * 600_000 + b"1]}",
    ],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_bodies_that_are_no_json_map_are_invalid(there: NetSuite, body: bytes) -> None:
    for path in ("/customer", "/salesOrder"):
        answer = there.client.post(RECORDS + path, content=body)
        assert answer.status_code == 400
        assert answer.json()["o:errorDetails"][0]["o:errorCode"] == "INVALID_CONTENT"


def test_a_body_that_is_too_large_is_refused(there: NetSuite) -> None:
    answer = there.client.post(RECORDS + "/customer", content=b" " * 10_000_001)
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["detail"]) == (
        400, "The request body is too large.",
    )  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        {"item": None}, {"item": {}}, {"item": {"items": None}}, {"item": {"items": [None]}},
        {"item": {"items": [{}]}}, {"item": {"items": [line(501, rate=1) | {"item": None}]}},
        {"item": {"items": [[]]}}, {"item": []}, {"entity": []}, {"entity": {}}, {"entity": {"id": None}},
        {"entity": True}, {"entity": {"id": {}}}, {"currency": {"externalId": "1"}}, {"externalId": 7},
        {"tranDate": "2026-02-31"}, {"tranDate": "9999-99-99"}, {"shippingCost": True},
        {"billingAddress": []}, {"billingAddress": {"country": []}}, {"discountItem": {"id": "9"}},
        {"item": {"items": [line(501, rate=1, line=Decimal("1.5"))]}}, {"exchangeRate": "1"},
    ],
)  # fmt: skip
def test_odd_values_are_refused(there: NetSuite, body: Any) -> None:
    answer = there.ask("POST", "/salesOrder", order(there.customer()) | body)
    assert answer.status_code == 400, answer.text


def test_texts_of_any_kind_are_stored(there: NetSuite) -> None:
    for text in ("\ud800", "é𝄞", "'; DROP TABLE x_item; --", "\r\nX: y", "\x00"):
        id_ = there.customer(comments=text, entityId=f"E {text}")
        assert there.read(f"/customer/{id_}")["comments"] == text
    assert there.suiteql("SELECT entityid FROM customer").status_code == 200


def test_an_empty_external_id_is_none(there: NetSuite) -> None:
    for _ in range(2):
        path = f"/customer/{there.customer(externalId='')}"
        assert "externalId" not in there.read(path)
    assert there.ask("DELETE", path).status_code == 204


def test_names_in_a_warning_cannot_make_a_header(there: NetSuite) -> None:
    answer = there.ask("POST", "/customer", person(**{"a\r\nX-Evil: 1": 1, "é" * 3000: 2}))
    assert (answer.status_code, "x-evil" in answer.headers) == (204, False)


@pytest.mark.parametrize(
    "path", ["/customer/", "//customer", "/customer/1/", "/%2e%2e/x", "/customer/%00"]
)
def test_odd_addresses_are_not_found(there: NetSuite, path: str) -> None:
    assert there.client.get(RECORDS + path).status_code in (400, 404)


def test_head_is_answered_as_get(there: NetSuite) -> None:
    assert there.client.head(RECORDS + "/customer").status_code == 200


@pytest.mark.parametrize("host", [b"[::1", b"a b", b"", "é".encode()])
def test_odd_hosts_do_no_harm(there: NetSuite, host: bytes) -> None:
    answer = there.ask("GET", "/customer", headers={b"Host": host})
    assert answer.status_code in (200, 400)


@pytest.mark.parametrize("prefer", ["respond-async", "respond-async, wait=1"])
def test_what_is_not_simulated_is_refused(there: NetSuite, prefer: str) -> None:
    answer = there.ask("POST", "/customer", person(), headers={"Prefer": prefer})
    assert answer.status_code == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just({"id": "1"}),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "items", "item", "externalId", "line", "x"]), inner
        )
    ),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["entity", "item", "externalId", "tranDate", "currency", "shippingCost", "billingAddress",
     "custbody_note", "orderStatus", "taxDetails", "discountRate", "total", "memo", "ENTITY"]
)  # fmt: skip


@settings(max_examples=scaled(60, full=1_500), deadline=None)
@given(st.dictionaries(FIELDS, JSON, max_size=4))
def test_any_body_is_stored_or_refused(body: Any) -> None:
    there = SERVED[0]
    customer = there.customer()
    id_ = there.create("salesOrder", order(customer))
    answers = [
        there.ask("PATCH", f"/salesOrder/{id_}", body),
        there.ask("POST", "/salesOrder", order(customer) | body),
        there.ask("POST", f"/salesOrder/{id_}/!transform/cashSale", body),
    ]
    assert {answer.status_code for answer in answers} <= {204, 400}
    assert there.ask("GET", f"/salesOrder/{id_}?expandSubResources=true").status_code == 200
    assert there.suiteql("SELECT * FROM transaction").status_code == 200


# What stands where something else belongs, at any depth.
NESTED: st.SearchStrategy[object] = st.recursive(
    st.sampled_from([None, True, 0, -1, Decimal("1e30"), "", "x", "1", "2026-02-30", "T", [], {}]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "items", "item", "externalId", "line", "quantity", "amount", "apply"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)  # fmt: skip


@st.composite
def bodies(draw: st.DrawFn, record: str) -> dict[str, object]:
    """Any values for some fields that a type of record has, in any sublist's form too."""
    schema = load_record_schema(record)
    assert schema is not None
    names = st.sampled_from([*sorted(schema.schema["properties"]), "item", "custbody_note", "zzz"])
    sound: st.SearchStrategy[dict[str, object]] = st.sampled_from(
        [
            {},
            {"entity": {"id": "@"}},
            {"entity": {"id": "@"}, "item": {"items": [line(501, rate=1)]}},
        ]
    )
    values: st.SearchStrategy[dict[str, object]] = st.dictionaries(names, NESTED, max_size=5)
    return {**draw(sound), **draw(values)}


@pytest.mark.parametrize("record", sorted(list_record_types()))
def test_no_body_of_any_type_is_too_much(there: NetSuite, record: str) -> None:
    customer = there.customer()
    made = there.create("salesOrder", order(customer))

    @settings(max_examples=25, deadline=None)
    @given(bodies(record))
    def tried(body: dict[str, object]) -> None:
        if body.get("entity") == {"id": "@"}:
            body["entity"] = {"id": customer}
        answers = [
            there.ask("POST", f"/{record}", body),
            there.ask("PUT", f"/{record}/eid:fuzz", body, params={"replace": "item"}),
            there.ask("PATCH", f"/{record}/eid:fuzz", body),
            there.ask("POST", f"/salesOrder/{made}/!transform/{record}", body),
        ]
        assert {answer.status_code for answer in answers} <= {204, 400, 404}, body
        for path in (f"/{record}", f"/{record}/eid:fuzz?expandSubResources=true"):
            assert there.ask("GET", path).status_code in (200, 404)
        assert there.suiteql("SELECT * FROM transaction").status_code == 200

    tried()


# the limit of requests at once, and faults


def test_one_request_too_many_at_once_is_refused() -> None:
    with netsuite(concurrency=2) as there, ThreadPoolExecutor(6) as pool:
        there.faults.latency = 1.0
        answers = list(pool.map(lambda _: there.ask("GET", "/customer"), range(6)))
        there.faults.latency = 0.0
        refused = [answer for answer in answers if answer.status_code != 200]
        assert refused
        assert there.app.state.most_at_once == 2
        for answer in refused:
            is_as_documented(answer)
        assert there.ask("GET", "/customer").status_code == 200


def is_as_documented(answer: httpx.Response) -> None:
    """429, titled otherwise, and nothing says when to come again."""
    body = answer.json()
    assert (answer.status_code, body["title"], body["o:errorCode"]) == (
        429,
        "Bad Request",
        "USER_ERROR",
    )
    assert body["o:errorDetails"] == [
        {
            "detail": "Concurrent request limit exceeded. Request blocked.",
            "o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED",
        }
    ]
    assert "retry-after" not in answer.headers


def test_a_throttled_request_has_done_nothing(there: NetSuite) -> None:
    before = len(there.ledger.document()["records"])
    there.faults.script.append(Fault.THROTTLE)
    is_as_documented(there.ask("POST", "/customer", person()))
    assert len(there.ledger.document()["records"]) == before


@pytest.mark.parametrize("fault", [Fault.COMMIT_THEN_DROP, Fault.COMMIT_THEN_ERROR])
def test_what_was_stored_before_the_answer_was_lost_exists(there: NetSuite, fault: Fault) -> None:
    body = person(externalId=f"L-{fault.value}")
    there.faults.script.append(fault)
    try:
        assert there.ask("POST", "/customer", body).status_code == 500
    except httpx.TransportError:
        assert fault is Fault.COMMIT_THEN_DROP
    answer = there.ask("POST", "/customer", body)
    assert "This record already exists." in answer.json()["o:errorDetails"][0]["detail"]
    assert there.ledger.created["customer", f"L-{fault.value}"] == 1


def test_an_answer_that_hangs_holds_no_place() -> None:
    with netsuite(concurrency=1) as there:
        there.faults.stall = 20.0
        there.faults.script.append(Fault.COMMIT_THEN_TIMEOUT)
        with pytest.raises(httpx.ReadTimeout):
            there.ask("GET", "/customer", timeout=0.2)
        assert there.ask("GET", "/customer").status_code == 200


@pytest.mark.parametrize("fault", [Fault.THROTTLE, Fault.TOKEN_EXPIRED])
def test_faults_of_the_services_do_not_strike_the_token(there: NetSuite, fault: Fault) -> None:
    there.faults.script.append(fault)
    assert there.client.post(TOKEN, data={}).json() == {"error": "invalid_request"}
    assert not there.faults.script


# the catalogue


def test_the_catalogue_names_every_type(there: NetSuite) -> None:
    names = {item["name"] for item in there.read("/metadata-catalog")["items"]}
    assert names >= {"salesOrder", "cashSale", "customer"}
    chosen = there.read("/metadata-catalog?select=salesOrder")["items"]
    assert [item["name"] for item in chosen] == ["salesOrder"]


def test_a_type_is_described_with_the_fields_of_the_account(there: NetSuite) -> None:
    def schema(name: str) -> Any:
        headers = {"Accept": "application/schema+json"}
        answer = there.ask("GET", f"/metadata-catalog/{name}", headers=headers)
        assert answer.status_code == 200
        return document(answer)["properties"]

    fields, base = schema("salesorder"), f"{there.address}{RECORDS}/metadata-catalog/"
    assert fields["entity"] == {"$ref": base + "nsResource"}
    assert fields["tranDate"] == {"type": "string", "format": "date"}
    assert fields["item"] == {"$ref": base + "salesOrder-itemCollection"}
    assert "custbody_note" in fields
    assert not {"custcol_line_id", "custentity_source"} & set(fields)
    items = schema("salesOrder-itemCollection")["items"]
    assert items["items"] == {"$ref": base + "salesOrder-itemElement"}
    columns = schema("salesOrder-itemElement")
    assert columns["custcol_tax_rate"]["type"] == columns["quantity"]["type"] == "number"
    assert set(schema("nsResource")) == {"id", "refName", "externalId", "links"}


@pytest.mark.parametrize(
    ("name", "accept"), [("nothing", "application/schema+json"), ("customer", "*/*")]
)
def test_what_the_catalogue_has_not(there: NetSuite, name: str, accept: str) -> None:
    answer = there.ask("GET", f"/metadata-catalog/{name}", headers={"Accept": accept})
    assert answer.status_code in (400, 404)


def test_the_clock_dates_what_has_no_date(there: NetSuite) -> None:
    id_ = there.create("salesOrder", order(there.customer()))
    assert there.read(f"/salesOrder/{id_}")["tranDate"] == "2026-12-01"
