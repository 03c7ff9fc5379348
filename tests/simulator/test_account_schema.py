"""The schema of simulator.yaml and the reader of accounts agree on keys and values."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.findings.errors import SpecError
from engine.simulator.account_schema import account_schema
from engine.simulator.netsuite import account_settings
from engine.simulator.netsuite.account import Account
from engine.simulator.netsuite.messages import LANGUAGES
from engine.simulator.netsuite.read_account import LISTS, read_account

SCHEMA: Any = account_schema()
# Every key once, but for certificates, whose key has a form that only the reader checks.
WHOLE: dict[str, Any] = {
    "account": "1234567_SB1",
    "concurrency": 5,
    "tells_limits": True,
    "settings": {
        "language": "de", "search_lag": 0.5, "search_lag_requests": 2, "search_lag_by_external_id": True,
        "unsorted": "half", "missing_transaction": 400, "lengths": "bytes", "places": False,
        "auto_numbering": False, "overload": 401, "overload_wait": "1",
    },
    "currencies": [{"id": 1, "symbol": "USD", "precision": 2}],
    **{name: [{"id": 1, "name": "a", "externalid": "x", "subsidiary": 2, "inactive": False}]
       for name in LISTS if name != "currencies"},
    "tax_codes": [{"id": 1, "rate": 5, "body_field": "custbody_rate"}, {"id": 2, "column": "custcol_r", "discounts_by": "custcol_x"}],
    "items": [
        {"id": 1, "itemid": "A", "type": "Group", "members": [{"item": 2, "quantity": 2}]},
        {"id": 2, "itemid": 7, "externalid": "b", "inactive": True, "rate": "-10%"},
    ],
    "custom_fields": {"body": ["custbody_a"], "column": {"custcol_b": "number"}, "entity": {"custentity_c": "any"}},
    "certificates": [],
    "tokens": [{"consumer_key": "a", "consumer_secret": "b", "id": "c", "secret": "d"}],
    "first_open_day": "2026-12-01",
    "closed_months": ["2026-10"],
    "locked_months": ["2026-09"],
    "may_create": ["salesOrder"],
    "mandatory": {"salesOrder": ["memo"]},
    "order_status": "A",
    "scripts": [{
        "records": ["cashSale"], "round_total_to": "0.05", "rounding_item": 1, "move_days": 1, "round_rates_to": 2,
        "add_line": {"item": 2, "quantity": 1, "rate": 2, "amount": 3, "taxCode": 1},
    }],
    "not_exposed": {"transaction": ["memo"]},
    "lengths": {"memo": 10},
    "states": {"DE": ["BE"]},
}  # fmt: skip


def accepted(document: dict[str, Any]) -> tuple[bool, bool]:
    """Whether the schema accepts an account, and whether the reader does."""
    try:
        read_account(document)
    except SpecError:
        reads = False
    else:
        reads = True
    return not list(Draft202012Validator(SCHEMA).iter_errors(document)), reads


def test_the_schema_has_every_key_of_an_account() -> None:
    fields = {field.name for field in dataclasses.fields(Account)}
    assert set(SCHEMA["properties"]) == {"account", *LISTS, *(fields - {"id", "lists"})}
    settings = SCHEMA["properties"]["settings"]["properties"]
    assert set(settings) == set(account_settings.PARSERS)
    for name, words in {
        "language": LANGUAGES, "unsorted": account_settings.UNSORTED, "lengths": account_settings.LENGTHS,
        "overload": account_settings.OVERLOADS, "missing_transaction": account_settings.MISSING,
    }.items():  # fmt: skip
        assert {one for one in settings[name]["enum"] if isinstance(one, str)} == set(words)


def test_both_accept_an_account_with_every_key() -> None:
    assert set(WHOLE) == set(SCHEMA["properties"])
    assert accepted(WHOLE) == (True, True)


def changed(document: Any, path: tuple[str | int, ...], value: object) -> Any:
    if not path:
        return value
    copy = document.copy()
    inner = copy[path[0]] if not isinstance(path[0], str) or path[0] in copy else {}
    copy[path[0]] = changed(inner, path[1:], value)
    return copy


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("accont",), 1),
        (("settings", "speed"), 1),
        (("settings", "language"), "nl"),
        (("settings", "overload"), 500),
        (("items", 0, "price"), 1),
        (("items", 0, "members", 0, "count"), 1),
        (("currencies", 0, "symbol"), "DOL"),
        (("currencies", 0, "precision"), 5),
        (("tax_codes", 0, "percent"), 5),
        (("custom_fields", "body"), {"custcol_a": "text"}),
        (("custom_fields", "column", "custcol_b"), "amount"),
        (("tokens", 0, "secret"), None),
        (("closed_months",), ["October"]),
        (("may_create",), ["vendorBil"]),
        (("order_status",), "C"),
        (("scripts", 0, "add_line", "price"), 1),
        (("scripts", 0, "move_days"), 400),
        (("concurrency",), 0),
        (("locations", 0, "name"), None),
        (("lengths", "memo"), 0),
    ],
)
def test_both_refuse_what_is_wrong(path: tuple[str | int, ...], value: object) -> None:
    assert accepted(changed(WHOLE, path, value)) == (False, False)
