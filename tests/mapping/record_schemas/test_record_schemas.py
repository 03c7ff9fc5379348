"""What NetSuite takes: the fast yes or no says what jsonschema says, and the words tell an author why.

A usual run compares some hundred bodies of each record, others each time. A long one:

    pytest --full tests/mapping/record_schemas
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError
from scale import scaled

from engine.documents import read_json
from engine.documents.numbers import WrittenDecimal, WrittenInt
from engine.findings.diagnostics import SourceText
from engine.mapping.record_schemas import (
    RecordSchema,
    list_record_types,
    load_record_schema,
    read_schema,
)

RECORDS = list_record_types()
EXAMPLES = scaled(100, full=20_000)
ORDER = "mappings/dodici/cases/discounts-and-coupon/payloads.json"

# What orders and returns become besides the records of the cases: as a mapping would write them.
_LINE: dict[str, Any] = {
    "item": {"externalId": "TEE-M"}, "quantity": 1, "rate": Decimal("19.90"), "amount": Decimal("19.90"),
    "price": {"id": "-1"}, "taxCode": {"id": 7}, "location": {"id": "3"}, "custcol_nws_item_id": "i-1",
}  # fmt: skip
_HEAD: dict[str, Any] = {
    "externalId": "X-AC-1", "tranDate": "2026-12-01", "memo": "AC-1", "currency": {"id": "1"},
    "subsidiary": 2, "location": {"id": "3"}, "custbody_order": "AC-1",
}  # fmt: skip
_TAX: dict[str, Any] = {
    "taxDetailsReference": {"id": "SHIPPING"}, "taxCode": {"id": 9}, "taxAmount": Decimal("1.58"),
}  # fmt: skip
SYNTHETIC: dict[str, Any] = {
    "cashRefund": {**_HEAD, "entity": {"id": 5}, "createdFrom": {"id": 11}, "paymentOption": {"id": "4"},
        "item": {"items": [{**_LINE, "orderLine": 1}]}, "billingaddress": {"city": "Berlin", "country": {"id": "DE"}}},
    "creditMemo": {**_HEAD, "entity": {"externalId": "C-1"}, "item": {"items": [_LINE]}, "taxDetailsOverride": True,
        "taxDetails": {"items": [_TAX]},
        "apply": {"items": [{"doc": {"id": "11"}, "apply": True, "amount": Decimal("19.90")}]}},
    "customerDeposit": {**_HEAD, "customer": {"externalId": "C-1"}, "payment": Decimal("19.90"), "salesOrder": {"id": "11"},
        "paymentOption": {"id": "4"}, "undepFunds": {"id": "T"}},
    "customerRefund": {**_HEAD, "customer": {"id": 5}, "account": {"id": 1}, "paymentMethod": {"id": 2},
        "apply": {"items": [{"doc": {"id": 12}, "apply": True}]}, "deposit": {"items": [{"apply": True}]}},
    "returnAuthorization": {**_HEAD, "entity": {"id": 5}, "orderStatus": {"id": "B"}, "createdFrom": {"id": 11},
        "item": {"items": [{**_LINE, "isClosed": False}]}},
    "invoice": {**_HEAD, "entity": {"id": 5}, "postingPeriod": {"id": 31}, "duedate": "2026-12-31",
        "item": {"items": [_LINE, {"orderLine": 2, "quantity": 0}]}},
    "itemFulfillment": {"externalId": "F-1", "tranDate": "2026-12-01", "shipStatus": {"id": "C"}, "inventoryLocation": {"id": 3},
        "item": {"items": [{"orderLine": 1, "itemReceive": True, "quantity": 1, "location": {"id": 3}}]},
        "package": {"items": [{"packageTrackingNumber": "1Z", "packageWeight": 1}]}},
}  # fmt: skip

# Where something is put into the payload, and the one mistake that it makes.
SLIPS: dict[str, list[tuple[tuple[Any, ...], str, str]]] = {
    "cashRefund": [
        (("entty", 5), "entty", " has no field 'entty'"),
        (("item", "items", 0, "ammount", 1), "item.items[0].ammount", ".item.items[] has no field 'ammount'"),
        (("tranDate", "1.12.2026"), "tranDate", ".tranDate is not a date"),
    ],
    "creditMemo": [
        (("createdfrom", {"id": 1}), "createdfrom", " has no field 'createdfrom'"),
        (("apply", "items", 0, "amount", "19.90"), "apply.items[0].amount", ".apply.items[].amount is a text, not a number"),
        (("taxDetails", "items", 0, "taxAmout", 1), "taxDetails.items[0].taxAmout", ".taxDetails.items[] has no field 'taxAmout'"),
    ],
    "customerDeposit": [
        (("entity", {"id": 5}), "entity", " has no field 'entity'"),
        (("amount", 1), "amount", " has no field 'amount'"),
        (("paymentMethod", {"id": 1}), "paymentMethod", " has no field 'paymentMethod'"),
        (("payment", "19.90"), "payment", ".payment is a text, not a number"),
        (("status", {"id": "X"}), "status.id", ".status.id cannot be 'X'"),
    ],
    "customerRefund": [
        (("entity", {"id": 5}), "entity", " has no field 'entity'"),
        (("apply", [{"doc": 12}]), "apply", ".apply is a list, not a sublist"),
        (("account", {"refName": "Cash"}), "account", ".account has no `id` or `externalId`"),
    ],
    "returnAuthorization": [
        (("orderstatus", "B"), "orderstatus", " has no field 'orderstatus'"),
        (("item", "items", 0, "isClosed", "no"), "item.items[0].isClosed", ".item.items[].isClosed is a text, not true or false"),
    ],
    "invoice": [
        (("dueDate", "2026-12-31"), "dueDate", " has no field 'dueDate'"),
        (("tranId", "x" * 46), "tranId", ".tranId is longer than 45 characters"),
    ],
    "itemFulfillment": [
        (("shipstatus", "C"), "shipstatus", " has no field 'shipstatus'"),
        (("item", "items", 0, "quantity", "1"), "item.items[0].quantity", ".item.items[].quantity is a text, not a number"),
        (("package", "items", ["1Z"]), "package.items[0]", ".package.items[] is a text, not a map"),
    ],
}  # fmt: skip


def file_of(record: str) -> dict[str, Any]:
    text = (ROOT / "schemas" / "netsuite" / f"{record}.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def schema_of(record: str) -> dict[str, Any]:
    """The schema of the file, with the limits of what NetSuite takes."""
    return dict(ours(record).schema)


def ours(record: str) -> RecordSchema:
    schema = load_record_schema(record)
    assert schema is not None
    return schema


def _max_bytes(_: Any, most: int, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and len(value.encode("utf-8", "replace")) > most:
        yield ValidationError("too long")


def _states_of(_: Any, states: Any, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, dict) and isinstance(value.get("state"), str):
        country = value.get("country")
        country = country.get("id") if isinstance(country, dict) else country
        codes = states.get(country) if isinstance(country, str) else None
        is_alone = country is None  # nothing says what the state is held against
        if is_alone or (codes and value["state"] not in codes):
            yield ValidationError("no such state")


def _no_controls(_: Any, __: Any, value: Any, ___: Any) -> Iterator[ValidationError]:
    # the characters of XML 1.0, section 2.2
    if isinstance(value, str) and any(ord(each) < 32 and each not in "\t\n\r" for each in value):
        yield ValidationError("a control")


@cache
def oracle(record: str) -> Draft202012Validator:
    """jsonschema as it is, but for exact whole numbers: 2.0 is an integer, as its floats are."""

    def is_integer(_: object, value: object) -> bool:
        if isinstance(value, Decimal):
            return value == int(value)
        return isinstance(value, int) and not isinstance(value, bool)

    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", is_integer)
    extend: Any = validators.extend
    keywords = {"maxBytes": _max_bytes, "statesOf": _states_of, "noControls": _no_controls}
    made: Draft202012Validator = extend(Draft202012Validator, keywords, type_checker=types)(
        schema_of(record)
    )
    return made


@cache
def real_bodies(record: str) -> list[Any]:
    """A body written for the tests, if there is one, and those of the example tenants' cases."""
    found = [SYNTHETIC[record]] if record in SYNTHETIC else []
    for path in sorted(ROOT.glob("mappings/*/cases/*/payloads.json")):
        if path.parent.name != "lines-two-thousand":
            document: Any = read_json(SourceText(path.name, path.read_text(encoding="utf-8")))
            found += [
                p["body"] for each in document for p in each["payloads"] if p["record"] == record
            ]
    return found


TEXTS: list[Any] = [
    "", "x", "7", "US", "A", "C", "MIMIC", "2026-12-01", "2026-12-01\n", "2026-13-01", "٢٠٢٦-12-01",
    "2026-12-01T10:00:00Z", "2026-12-01T10:00:00+01:00\n", "a\n", "\ud800", "e\u0301" * 23, "x" * 45,
    "x" * 46, "\ud800" * 45, "\ud800" * 46, "😀" * 45, "true",
]  # fmt: skip
NUMBERS: list[Any] = [
    0, 1, -1, 2**63, 2**64, -(10**39), 10**39, Decimal("2.0"), Decimal("2.50"), Decimal("1E+30"),
    Decimal("1E-30"), Decimal("-0"), Decimal("9007199254740993.5"), Decimal("1" * 40),
    Decimal("12345678901234567890.12345678901234567890"), WrittenInt("-0"), WrittenDecimal("1e2"),
    WrittenDecimal("1.0E0"), WrittenDecimal("25e-1"),
]  # fmt: skip
EARLIER: list[Any] = [
    {"$record": "customer", "field": "id"},
    {"$record": "customer", "field": "external_id"},
    {"$record": "customer", "field": "name"},
    {"$record": 1, "field": "id"},
    {"$record": "customer"},
    {"id": {"$record": "customer", "field": "id"}, "field": "id"},
]
LEAVES = st.one_of(
    st.none(), st.booleans(), st.sampled_from(TEXTS), st.sampled_from(NUMBERS), st.text(max_size=5)
)
MEMBERS = st.sampled_from(["id", "externalId", "refName", "items", "item", "$record", "field", "amount",
                           "country", "custcol_a", "custcol_", "custcol_a\n", "CUSTCOL_A", "x", "\ud800"])  # fmt: skip
VALUES = st.recursive(
    st.one_of(LEAVES, st.sampled_from(EARLIER).map(copy.deepcopy)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(MEMBERS, inner, max_size=3),
        st.fixed_dictionaries({"items": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"id": inner}),
    ),
    max_leaves=6,
)


@st.composite
def made_bodies(draw: st.DrawFn, record: str) -> dict[str, Any]:
    """A few fields of the record, each with a value of any kind."""
    names = st.sampled_from(
        [*schema_of(record)["properties"], "custbody_a", "custbodya\n", "custx"]
    )
    return draw(st.dictionaries(names, VALUES, max_size=3))


def places(value: object) -> Iterator[tuple[Any, Any]]:
    """Every member of every map and list: what holds it, and its key or index."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


@st.composite
def changed_bodies(draw: st.DrawFn, record: str) -> dict[str, Any]:
    """A real body in which something was replaced, renamed, added or taken away, or nothing."""
    body: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(real_bodies(record))))
    for _ in range(draw(st.integers(0, 2))):
        holder, key = draw(st.sampled_from(list(places(body))))
        how = draw(st.sampled_from(["replace", "rename", "add", "take away", "nest"]))
        if how == "replace":
            holder[key] = draw(VALUES)
        elif how == "nest":
            holder[key] = draw(st.sampled_from([[holder[key]], {"id": holder[key]}]))
        elif isinstance(holder, list):
            holder.append(draw(VALUES))
        elif how == "add":
            holder[draw(MEMBERS)] = draw(VALUES)
        else:
            value = holder.pop(key)
            if how == "rename":
                holder[draw(st.one_of(MEMBERS, st.just(f"{key}s"), st.just(f"{key}\n")))] = value
    return body


@pytest.mark.parametrize("record", RECORDS)
@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None)
def test_yes_and_no_are_what_jsonschema_says(record: str, data: st.DataObject) -> None:
    body = data.draw(st.one_of(changed_bodies(record), made_bodies(record)))
    expected = oracle(record).is_valid(body)
    assert ours(record).accepts(body) is expected
    mistakes = ours(record).mistakes(body)
    assert (not mistakes) is expected
    for mistake in mistakes:
        assert mistake.message
        assert mistake.message.startswith(record)
        assert len(mistake.message) < 200


@pytest.mark.parametrize("record", RECORDS)
def test_every_kind_of_field_takes_the_same_kinds_of_values(record: str) -> None:
    schema = schema_of(record)
    kinds = {json.dumps(how): name for name, how in schema["properties"].items()}
    fields = [*kinds.values(), "custbody_a"]
    values = [None, True, False, *TEXTS, *NUMBERS, *EARLIER, [], {}, [1], {"items": []}]
    values += [{"items": [value]} for value in [*values]] + [{"id": value} for value in values]
    for field, value in product(fields, values):
        if field.endswith("State") and isinstance(value, str):
            continue  # held against the country beside it, which JSON Schema has no keyword for
        body = {field: value}
        assert ours(record).accepts(body) is oracle(record).is_valid(body), body
        assert bool(ours(record).mistakes(body)) is not ours(record).accepts(body), body


def test_the_records_are_those_that_orders_and_returns_become() -> None:
    assert set(RECORDS) == {"cashSale", "customer", "salesOrder", *SYNTHETIC}


@pytest.mark.parametrize("record", SYNTHETIC)
def test_a_synthetic_payload_is_accepted_and_slips_in_it_are_not(record: str) -> None:
    for change, trail, message in SLIPS[record]:
        body = copy.deepcopy(SYNTHETIC[record])
        assert ours(record).mistakes(body) == ()
        holder = body
        *way, last = change
        for step in way[:-1]:
            holder = holder[step]
        holder[way[-1]] = last
        (mistake,) = ours(record).mistakes(body)
        assert (mistake.trail, mistake.message) == (trail, f"{record}{message}")
        assert not ours(record).accepts(body)


def test_real_payloads_are_accepted() -> None:
    for record in RECORDS:
        bodies = real_bodies(record)
        assert bodies
        assert all(map(ours(record).accepts, bodies))


@pytest.mark.parametrize("record", RECORDS)
def test_the_schemas_are_sound(record: str) -> None:
    schema = file_of(record)
    Draft202012Validator.check_schema(schema)
    for holder, key in places(schema):
        if key in ("properties", "$defs"):
            names = list(holder[key])
            assert names == sorted(names, key=lambda name: (name.lower(), name))
        assert key != "$ref" or holder[key].removeprefix("#/$defs/") in schema["$defs"]
    used = {holder[key] for holder, key in places(schema) if key == "$ref"}
    assert used == {f"#/$defs/{name}" for name in schema["$defs"]}


WORDS: dict[str, tuple[dict[str, Any], str, str, str | None]] = {
    "unknown field": ({"otherrefnum": "1"}, "otherrefnum", "salesOrder has no field 'otherrefnum'", "did you mean otherRefNum?"),
    "field of the account": ({"custbody_A": 1}, "custbody_A", "salesOrder has no field 'custbody_A'", "a custom field begins with custbody, custcol, custentity or similar"),
    "unknown field of a line": ({"item": {"items": [{}, {"ammount": 1}]}}, "item.items[1].ammount", "salesOrder.item.items[] has no field 'ammount'", "did you mean amount?"),
    "text for a number": ({"item": {"items": [{"amount": "19.90"}]}}, "item.items[0].amount", "salesOrder.item.items[].amount is a text, not a number", "`| number` reads the number of a text"),
    "number for a text": ({"memo": 5}, "memo", "salesOrder.memo is a number, not a text", "`| string` makes a text of it"),
    "true for a number": ({"shippingCost": True}, "shippingCost", "salesOrder.shippingCost is true, not a number", None),
    "part of a number": ({"estimate": Decimal("1.5")}, "estimate", "salesOrder.estimate is a number with a fraction, not a whole number", "`| round | integer` makes it whole"),
    "null": ({"memo": None}, "memo", "salesOrder.memo is null, not a text", None),
    "list for a sublist": ({"item": []}, "item", "salesOrder.item is a list, not a sublist", "{items: [...]}"),
    "list for a reference": ({"entity": [1]}, "entity", "salesOrder.entity is a list, not a reference", "another record: as in {id: 7} or {externalId: SO-1}; the bare id is accepted too"),
    "fraction for an id": ({"entity": {"id": Decimal("1.5")}}, "entity.id", "salesOrder.entity.id is a number, not an id", "a text, a whole number, or the id of a record written earlier"),
    "reference to nothing": ({"entity": {"refName": "x"}}, "entity", "salesOrder.entity has no `id` or `externalId`", None),
    "malformed reference": ({"entity": {"id": 1, "name": "x"}}, "entity.name", "salesOrder.entity has no field 'name'", "it has: externalId, id, refName"),
    "choice that is none": ({"orderStatus": {"id": "C"}}, "orderStatus.id", "salesOrder.orderStatus.id cannot be 'C'", "allowed: A, B"),
    "bare choice that is none": ({"orderStatus": "C"}, "orderStatus", "salesOrder.orderStatus cannot be 'C'", "allowed: A, B"),
    "choice without id": ({"billCountry": {"refName": "x"}}, "billCountry", "salesOrder.billCountry has no `id`", None),
    "malformed date": ({"tranDate": "1.12.2026"}, "tranDate", "salesOrder.tranDate is not a date", "as in 2026-12-01"),
    "text too long": ({"tranId": "x" * 46}, "tranId", "salesOrder.tranId is longer than 45 characters", "it has 46: `| cut(45)` shortens it"),
}  # fmt: skip


@pytest.mark.parametrize("name", WORDS)
def test_a_mistake_is_told_in_words(name: str) -> None:
    body, trail, message, hint = WORDS[name]
    (mistake,) = ours("salesOrder").mistakes(body)
    assert (mistake.trail, mistake.message, mistake.hint) == (trail, message, hint)
    assert not ours("salesOrder").accepts(body)


def test_mistakes_come_in_the_order_of_writing() -> None:
    body = {
        "tranDate": 1,
        "nothing": 1,
        "email": 1,
        "item": {"items": [{"rate": "", "amount": ""}]},
    }
    trails = [mistake.trail for mistake in ours("salesOrder").mistakes(body)]
    assert trails == ["tranDate", "nothing", "email", "item.items[0].rate", "item.items[0].amount"]


def test_a_value_is_not_told() -> None:
    body = {"memo": ["ann@example.com"], "tranDate": "ann@example.com", "total": "ann@example.com"}
    assert len(ours("salesOrder").mistakes(body)) == 3
    assert "ann" not in str(ours("salesOrder").mistakes(body))


def test_one_wrong_line_of_thousands_is_found_and_thousands_are_not_all_told() -> None:
    lines: list[Any] = [{"amount": 1} for _ in range(20_000)]
    lines[19_999] = {"amount": "1"}
    (mistake,) = ours("salesOrder").mistakes({"item": {"items": lines}})
    assert mistake.trail == "item.items[19999].amount"
    wrong = [{"amount": "1"} for _ in range(20_000)]
    assert len(ours("salesOrder").mistakes({"item": {"items": wrong}})) == 200
    unknown = {f"field_{number}": 1 for number in range(1_000)}
    assert len(ours("salesOrder").mistakes(unknown)) == 20


@pytest.mark.parametrize("record", ["vendorBill", "", "salesorder", "../mapping", "sales order"])
def test_other_records_have_no_schema(record: str) -> None:
    assert load_record_schema(record) is None


def test_a_schema_is_read_once() -> None:
    assert load_record_schema("customer") is load_record_schema("customer")


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://example.com/schema.json"},
        {"$ref": "#/$defs/missing", "$defs": {}},
        {"properties": {"a": {"items": [{"$ref": "file:///etc/passwd"}]}}},
        {"$id": "https://example.com/", "$ref": "other"},
    ],
)
def test_nothing_outside_of_a_schema_is_asked(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="does not define"):
        read_schema("x", schema)
