"""The control requests of the simulators: change faults and settings, add orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from ..documents import read_json_bytes
from ..findings.errors import ReadError
from .aim import NETWORK_TRAPS, AimedFault, Trap, describe_aimed
from .faults import Fault, Faults
from .figures import (
    parse_aimed_kind,
    parse_count,
    parse_fault,
    parse_flag,
    parse_part,
    parse_rates,
    parse_seconds,
)
from .netsuite import ACCOUNT_SETTINGS, AccountSettings, Periods, parse_months
from .newstore import MONEY_AS, SimulatedShop


@dataclass(frozen=True, slots=True)
class _Changes:
    """Validated changes to the faults of one system."""

    rates: Mapping[Fault, Fraction]
    script: list[Fault | None]
    spells: Mapping[Fault, float]
    aimed: list[AimedFault]
    times: Mapping[str, float]

    def apply(self, faults: Faults) -> None:
        faults.change(rates=self.rates, script=self.script, spells=self.spells, aimed=self.aimed)
        for name, seconds in self.times.items():
            setattr(faults, name, seconds)


_TIMES = ("latency", "stall", "late")
_LISTS = ("rates", "script", "spells", "aimed")
_MOST_AIMED = 1000
_LONGEST_TEXT = 1000


def change_faults(faults: Mapping[str, Faults], body: bytes) -> None:
    """Replace the faults, as in `{"netsuite": {"rates": {"drop": "0.05"}, "script": ["drop"]}}`.

    A null in a script lets a request pass. `aimed` lists faults with the requests that they strike, as in
    `{"fault": "unavailable", "method": "POST", "path": "suiteql", "times": 3}`. `spells` give the seconds from now during which a fault
    strikes every request. `latency`, `stall` and `late` are in seconds and stay unchanged when they are
    not given. Raise ValueError for an invalid document; then nothing is changed.
    """
    changes = {
        system: _read_changes(faults, system, document)
        for system, document in _read_map(body).items()
    }
    for system, change in changes.items():
        change.apply(faults[system])


def _read_changes(faults: Mapping[str, Faults], system: str, document: object) -> _Changes:
    if system not in faults or not isinstance(document, Mapping):
        raise ValueError(f"give the faults as a map under {' or '.join(faults)}")
    _check_keys(document, (*_LISTS, *_TIMES))
    script = document.get("script", [])
    if not isinstance(script, list):
        raise ValueError("script must be a list of faults")  # noqa: TRY004 - an error of the client
    return _Changes(
        rates=parse_rates(_read_inner_map(document, "rates").items()),
        script=[None if name is None else parse_fault(name) for name in script],
        spells={
            parse_fault(name): parse_seconds(of)
            for name, of in _read_inner_map(document, "spells").items()
        },
        aimed=_read_aimed(system, document.get("aimed", [])),
        times={name: parse_seconds(document[name]) for name in _TIMES if name in document},
    )


_AIM = ("fault", "method", "path", "times", "skip", "words", "wait")


def _read_aimed(system: str, listed: object) -> list[AimedFault]:
    if not isinstance(listed, list) or len(listed) > _MOST_AIMED:
        raise ValueError(f"aimed must be a list of at most {_MOST_AIMED} maps")
    return [_read_aim(system, entry) for entry in listed]


def _read_aim(system: str, entry: object) -> AimedFault:
    if not isinstance(entry, Mapping):
        raise ValueError("aimed must be a list of maps")  # noqa: TRY004 - an error of the client
    _check_keys(entry, _AIM)
    kind = parse_aimed_kind(entry.get("fault"))
    if isinstance(kind, Trap) and kind not in NETWORK_TRAPS and system != "netsuite":
        raise ValueError(f"{kind} strikes NetSuite only")
    texts = {name: entry.get(name) for name in ("method", "path", "words")}
    for name, text in texts.items():
        if not isinstance(text, str | None) or len(text or "") > _LONGEST_TEXT:
            raise ValueError(f"{name} must be a text of at most {_LONGEST_TEXT} characters")
    return AimedFault(
        kind=kind,
        method=None if texts["method"] is None else texts["method"].upper(),
        path=texts["path"],
        times=parse_count(entry.get("times", 1), least=1),
        skip=parse_count(entry.get("skip", 0), least=0),
        words=texts["words"],
        wait=parse_seconds(entry.get("wait", 0)),
    )


def describe_faults(faults: Mapping[str, Faults]) -> dict[str, object]:
    """Return the current faults, and how often each has struck."""
    return {
        system: {
            "rates": {str(fault): str(rate) for fault, rate in own.rates.items()},
            "script": [fault and str(fault) for fault in own.script],
            "spells": {
                str(fault): f"{left:.3f}" for fault, left in own.list_active_spells().items()
            },
            "aimed": describe_aimed(own.aimed),
            "latency": str(own.latency),
            "stall": str(own.stall),
            "late": str(own.late),
            "struck": {str(fault): count for fault, count in own.struck.items()},
        }
        for system, own in faults.items()
    }


def _read_optional(read: Callable[[object], int], value: object) -> int | None:
    return None if value is None else read(value)


def _read_money_as(value: object) -> str:
    if value not in MONEY_AS:
        raise ValueError(f"must be {', '.join(MONEY_AS)}")
    return str(value)


_SETTINGS: Mapping[str, Callable[[object], object]] = {
    "orders_delay": parse_seconds,
    "orders_delay_reads": partial(parse_count, least=0),
    "payments_delay": parse_seconds,
    "payments_delay_reads": partial(parse_count, least=0),
    "transactions_delay": parse_seconds,
    "transactions_delay_reads": partial(parse_count, least=0),
    "late_transactions": partial(parse_count, least=0),
    "null_taxes": parse_flag,
    "page_cap": partial(_read_optional, partial(parse_count, least=1)),
    "token_ttl": partial(parse_count, least=1),
    "money_as": _read_money_as,
    "rate_limit": partial(_read_optional, partial(parse_count, least=1)),
    "repeated": parse_part,
    "shuffle": partial(parse_count, least=0, most=1000),
    "retry_pause": parse_seconds,
    "callback_timeout": parse_seconds,
    "stop_after": partial(_read_optional, partial(parse_count, least=1)),
}


# NetSuite's lists of months, and the attribute of the periods.
_MONTHS: Mapping[str, str] = {"closed_months": "closed", "locked_months": "locked"}
_READ: Mapping[str, Callable[[object], object]] = {
    **_SETTINGS,
    **dict.fromkeys(_MONTHS, parse_months),
    **ACCOUNT_SETTINGS,
}


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """What may be changed at runtime: the shop's settings, the account's, and the closed months."""

    shop: SimulatedShop
    account: AccountSettings
    periods: Periods

    def change(self, body: bytes) -> None:
        """Change some settings, as in `{"retry_pause": "0.05", "closed_months": ["2026-11"]}`.

        Raise ValueError for an invalid document; then nothing is changed.
        """
        document = _read_map(body)
        _check_keys(document, tuple(_READ))
        changes: dict[str, Any] = {}
        for name, value in document.items():
            try:
                changes[name] = _READ[name](value)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
        for name, value in changes.items():
            if name in _MONTHS:
                self.periods.change(_MONTHS[name], value)
            else:
                setattr(self.shop.settings if name in _SETTINGS else self.account, name, value)

    def document(self) -> dict[str, object]:
        """Return the settings; whole numbers as numbers, other figures as text, months as lists."""
        values = {name: getattr(self.shop.settings, name) for name in _SETTINGS}
        shown: dict[str, object] = {
            name: value if value is None or isinstance(value, int) else str(value)
            for name, value in values.items()
        }
        months = {name: sorted(getattr(self.periods, kind)) for name, kind in _MONTHS.items()}
        return shown | months | self.account.document()


def add_order(shop: SimulatedShop, body: bytes) -> None:
    """Add an order to the shop: `{"event": …, "order": …, "account": …}`. Raise ValueError."""
    document = _read_map(body)
    shop.add(
        _read_inner_map(document, "event"),
        _read_inner_map(document, "order"),
        document.get("account"),
    )


def add_transaction(shop: SimulatedShop, body: bytes) -> None:
    """Add a payment to an order: `{"order": ID, "transaction": {"transactionType": "void", …}}`."""
    document = _read_map(body)
    _check_keys(document, ("order", "transaction"))
    shop.add_transaction(str(document.get("order", "")), _read_inner_map(document, "transaction"))


def _check_keys(document: Mapping[str, object], names: Sequence[str]) -> None:
    """Raise ValueError for an unknown key; a misspelt one would change nothing."""
    for name in document:
        if name not in names:
            raise ValueError(f"the key {name!r:.80} is not known; use {', '.join(names)}")


def _read_map(body: bytes) -> Mapping[str, object]:
    try:
        document = read_json_bytes("the request", body)
    except ReadError as error:
        raise ValueError("the request is not JSON") from error
    if not isinstance(document, Mapping):
        raise ValueError("the request is not a JSON map")  # noqa: TRY004 - an error of the client
    return document


def _read_inner_map(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    inner = document.get(name, {})
    if not isinstance(inner, Mapping):
        raise ValueError(f"{name} must be a map")  # noqa: TRY004 - an error of the client
    return inner
