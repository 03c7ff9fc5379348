"""What is sent to the simulators' own doors: faults to come, and orders to have."""

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
from .newstore import MONEY_AS, Settings, Shop


@dataclass(frozen=True, slots=True)
class _Changes:
    """What is asked of one system's faults, read and found to be right."""

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
    """Put other faults in place, as `{"netsuite": {"rates": {"drop": "0.05"}, "script": ["drop"]}}`.

    A null in a script lets a request pass. `spells` are for how many seconds from now a fault strikes
    every request. `latency`, `stall` and `late` are in seconds, and stay as they are where they are
    not given. Raise ValueError for what is no such document; then nothing is changed.
    """
    changes = {
        system: _read_changes(faults, system, one) for system, one in _read_map(body).items()
    }
    for system, one in changes.items():
        one.apply(faults[system])


def _read_changes(faults: Mapping[str, Faults], system: str, document: object) -> _Changes:
    if system not in faults or not isinstance(document, Mapping):
        raise ValueError(f"faults are of {' or '.join(faults)}, each a map")
    _check_keys(document, (*_LISTS, *_TIMES))
    script = document.get("script", [])
    if not isinstance(script, list):
        raise ValueError("a script is a list of faults")  # noqa: TRY004 - a mistake of the sender
    return _Changes(
        parse_rates(_read_inner_map(document, "rates").items()),
        [None if name is None else parse_fault(name) for name in script],
        {
            parse_fault(name): parse_seconds(of)
            for name, of in _read_inner_map(document, "spells").items()
        },
        {name: parse_seconds(document[name]) for name in _TIMES if name in document},
    )


def describe_faults(faults: Mapping[str, Faults]) -> dict[str, object]:
    """The faults there are, and how often each has struck."""
    return {
        system: {
            "rates": {str(fault): str(rate) for fault, rate in one.rates.items()},
            "script": [fault and str(fault) for fault in one.script],
            "spells": {
                str(fault): f"{left:.3f}" for fault, left in one.list_active_spells().items()
            },
            "latency": str(one.latency),
            "stall": str(one.stall),
            "late": str(one.late),
            "struck": {str(fault): count for fault, count in one.struck.items()},
        }
        for system, one in faults.items()
    }


def _read_optional(read: Callable[[object], int], value: object) -> int | None:
    return None if value is None else read(value)


def _read_money_as(value: object) -> str:
    if value not in MONEY_AS:
        raise ValueError(f"amounts are written as {', '.join(MONEY_AS)}")
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


# NetSuite's settings stand beside those of the shop: months, and what they change of the periods.
_MONTHS: Mapping[str, str] = {"closed_months": "closed", "locked_months": "locked"}
_READ: Mapping[str, Callable[[object], object]] = {
    **_SETTINGS,
    **dict.fromkeys(_MONTHS, parse_months),
}


def change_settings(settings: Settings, periods: Periods, body: bytes) -> None:
    """Change some settings, as `{"retry_pause": "0.05", "closed_months": ["2026-11"]}`.

    Raise ValueError for what is no such document; then nothing is changed.
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
    """The settings there are; what is no whole number is text, months are listed."""
    values = {name: getattr(settings, name) for name in _SETTINGS}
    shown: dict[str, object] = {
        name: value if value is None or isinstance(value, int) else str(value)
        for name, value in values.items()
    }
    return shown | {name: sorted(getattr(periods, kind)) for name, kind in _MONTHS.items()}


def add_order(shop: Shop, body: bytes) -> None:
    """An order to have: `{"event": …, "order": …, "account": …}`. Raise ValueError."""
    document = _read_map(body)
    shop.add(
        _read_inner_map(document, "event"),
        _read_inner_map(document, "order"),
        document.get("account"),
    )


def _check_keys(document: Mapping[str, object], names: Sequence[str]) -> None:
    """Raise ValueError for a key that is none: what is misspelt would change nothing."""
    for name in document:
        if name not in names:
            raise ValueError(f"there is no {name!r:.80}; there are {', '.join(names)}")


def _read_map(body: bytes) -> Mapping[str, object]:
    try:
        document = read_json_bytes("the request", body)
    except ReadError as error:
        raise ValueError("the request is not JSON") from error
    if not isinstance(document, Mapping):
        raise ValueError("the request is not a JSON map")  # noqa: TRY004 - a mistake of the sender
    return document


def _read_inner_map(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    inner = document.get(name, {})
    if not isinstance(inner, Mapping):
        raise ValueError(f"{name} is a map")  # noqa: TRY004 - a mistake of the sender
    return inner
