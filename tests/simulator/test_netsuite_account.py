"""An account is read from plain data, every mistake in it at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from conftest import ROOT
from netsuite_account import ACCOUNT

from engine.documents import read_json_bytes
from engine.findings.errors import SpecError
from engine.simulator.netsuite import read_account


def test_the_account_of_the_tests_is_sound() -> None:
    account = read_account(ACCOUNT)
    assert (account.id, account.concurrency) == ("1234567_SB1", 5)
    assert account.symbols == {"1": "USD", "2": "JPY"}
    assert "secret" not in repr(account.tokens)


def test_the_account_of_the_page_is_sound() -> None:
    page = (ROOT / "engine" / "simulator" / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    document: Any = read_json_bytes("README", block.encode())
    assert set(ACCOUNT) - set(document) == {"certificates"}
    assert read_account(document).id == "1234567_SB1"


@pytest.mark.parametrize(
    ("other", "code", "words"),
    [
        ({"account": None}, "E0203", "account is missing"),
        ({"acount": "x"}, "E0201", "acount is not known"),
        ({"items": {}}, "E0202", "items is not a list"),
        ({"items": ["x"]}, "E0202", "items[0] is not a map"),
        ({"items": [{"id": 1}]}, "E0203", "items[0].itemid is missing"),
        ({"items": [{"id": 1, "itemid": "A", "rate": "x"}]}, "E0202", "items[0].rate is not a number"),
        ({"items": [{"id": 1, "itemid": "A", "inactive": "no"}]}, "E0202", "items[0].inactive is neither"),
        ({"items": [{"id": 1, "itemid": "A", "colour": 1}]}, "E0201", "items[0].colour is not known"),
        ({"locations": [{"id": 1, "name": "A"}, {"id": "1", "name": "B"}]}, "E0219", "locations[1] has the id 1"),
        ({"currencies": [{"id": 1, "symbol": "USX"}]}, "E0205", "currencies[0].symbol cannot be 'USX'"),
        ({"tax_codes": [{"id": 1}]}, "E0203", "tax_codes[0].rate is missing"),
        ({"tax_codes": [{"id": 1, "rate": 1, "column": "custcol_x"}]}, "E0203", "tax_codes[0].rate is missing"),
        ({"custom_fields": {"body": ["custcol_x"]}}, "E0205", "custom_fields.body.custcol_x does not begin"),
        ({"custom_fields": {"body": {"custbody_x": "texts"}}}, "E0205", "custbody_x cannot be 'texts'"),
        ({"custom_fields": {"bodies": []}}, "E0201", "custom_fields.bodies is not known"),
        ({"certificates": [{"client_id": "a", "id": "b", "public_key": "c"}]}, "E0205", "public_key is not a public key"),
        ({"first_open_day": "soon"}, "E0202", "first_open_day is not a date"),
        ({"closed_months": ["2026-13"]}, "E0202", "closed_months is not valid: give a list of months, such as 2026-11"),
        ({"concurrency": 0}, "E0202", "concurrency is not a whole number"),
        ({"may_create": ["order"]}, "E0207", "may_create names 'order'"),
        ({"mandatory": {"order": []}}, "E0207", "mandatory.order names 'order'"),
        ({"order_status": "G"}, "E0205", "order_status cannot be 'G'"),
    ],
)  # fmt: skip
def test_mistakes_are_findings(other: Any, code: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_account(ACCOUNT | other)
    found = [(finding.code, finding.message) for finding in caught.value.findings]
    assert any(
        (each == code and message.startswith(words)) or words in message for each, message in found
    ), found


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        read_account({"items": [{"id": 1}], "concurrency": "many"})
    assert len(caught.value.findings) == 3
