"""The control requests of the simulators: change faults and settings, add orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

from ..documents import read_json_bytes
from ..findings.errors import ReadError
from .faults import Fault, Faults
from .figures import parse_count, parse_fault, parse_part, parse_rates, parse_seconds
from .netsuite import Periods, parse_months
from .newstore import MONEY_AS, Settings, SimulatedShop


@dataclass(frozen=True, slots=True)
class _Changes:
    """Validated changes to the faults of one system."""

    rates: Mapping[Fault, Fraction]
    script: list[Fault | None]
    spells: Mapping[Fault, float]
    times: Mapping[str, float]

    def apply(self, faults: Faults) -> None:
        faults.change(rates=self.rates, script=self.script, spells=self.spells)
        for name, seconds in self.times.items():
            setattr(faults, name, seconds)


_TIMES = ("latency", "stall", "late")
_LISTS = ("rates", "script", "spells")


def change_faults(faults: Mapping[str, Faults], body: bytes) -> None:
    """Replace the faults, as in `{"netsuite": {"rates": {"drop": "0.05"}, "script": ["drop"]}}`.

    A null in a script lets a request pass. `spells` give the seconds from now during which a fault
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
        times={name: parse_seconds(document[name]) for name in _TIMES if name in document},
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
    "payments_delay": parse_seconds,
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


# NetSuite's settings beside those of the shop: lists of months, and the attribute of the periods.
_MONTHS: Mapping[str, str] = {"closed_months": "closed", "locked_months": "locked"}
_READ: Mapping[str, Callable[[object], object]] = {
    **_SETTINGS,
    **dict.fromkeys(_MONTHS, parse_months),
}


def change_settings(settings: Settings, periods: Periods, body: bytes) -> None:
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
            periods.change(_MONTHS[name], value)
        else:
            setattr(settings, name, value)


def describe_settings(settings: Settings, periods: Periods) -> dict[str, object]:
    """Return the current settings; whole numbers as numbers, other figures as text, months as lists."""
    values = {name: getattr(settings, name) for name in _SETTINGS}
    shown: dict[str, object] = {
        name: value if value is None or isinstance(value, int) else str(value)
        for name, value in values.items()
    }
    return shown | {name: sorted(getattr(periods, kind)) for name, kind in _MONTHS.items()}


def add_order(shop: SimulatedShop, body: bytes) -> None:
    """Add an order to the shop: `{"event": …, "order": …, "account": …}`. Raise ValueError."""
    document = _read_map(body)
    shop.add(
        _read_inner_map(document, "event"),
        _read_inner_map(document, "order"),
        document.get("account"),
    )


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
