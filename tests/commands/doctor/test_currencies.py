"""The decimal places of the account's currencies, compared with those by which orders are rounded."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from engine.commands.doctor.netsuite import check_currencies
from engine.documents.money import LEDGER_PLACES
from engine.findings.health import HealthStatus
from engine.netsuite import NetSuite


class _Account:
    """An account with these currencies."""

    def __init__(self, rows: list[dict[str, object]]) -> None:
        self._rows = rows

    async def rows(self, _: str) -> list[dict[str, object]]:
        return self._rows


@pytest.mark.parametrize(
    ("places", "differs"), [({"HUF": "2", "KWD": 2}, ""), ({"HUF": "0", "KWD": "2"}, "HUF: 0")]
)
def test_another_precision_of_the_account_is_named(places: dict[str, object], differs: str) -> None:
    rows = [{"symbol": symbol, "currencyprecision": kept} for symbol, kept in places.items()]
    account = cast(NetSuite, _Account([*rows, {"symbol": "Points"}]))
    found = asyncio.run(check_currencies(account, LEDGER_PLACES))
    assert found.verdict is (HealthStatus.FAILED if differs else HealthStatus.OK)
    assert f"precision: {{{differs}}}" in (found.hint or "") if differs else found.words
