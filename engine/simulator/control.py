"""What is sent to the simulators' own doors: faults to come, and orders to have."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ..documents import read_json_bytes
from ..errors import ReadError
from .faults import Fault, Faults
from .newstore import Shop


def change_faults(faults: Mapping[str, Faults], body: bytes) -> None:
    """Put other faults in place, as `{"netsuite": {"rates": {"drop": "0.05"}, "script": ["drop"]}}`.

    A null in a script lets a request pass. `latency`, `stall` and `late` are in seconds. Raise ValueError for what is no such document.
    """
    for system, changes in _map(body).items():
        if system not in faults or not isinstance(changes, Mapping):
            raise ValueError(f"faults are of {' or '.join(faults)}, each a map")
        one = faults[system]
        rates = {
            Fault(name): Fraction(str(rate)) for name, rate in _inner(changes, "rates").items()
        }
        script = changes.get("script", [])
        if not isinstance(script, list):
            raise ValueError("a script is a list of faults")  # noqa: TRY004 - a mistake of the sender
        one.change(rates=rates, script=[None if name is None else Fault(name) for name in script])
        one.latency = float(str(changes.get("latency", one.latency)))
        one.stall = float(str(changes.get("stall", one.stall)))
        one.late = float(str(changes.get("late", one.late)))


def faults_document(faults: Mapping[str, Faults]) -> dict[str, object]:
    """The faults there are, and how often each has struck."""
    return {
        system: {
            "rates": {str(fault): str(rate) for fault, rate in one.rates.items()},
            "script": [fault and str(fault) for fault in one.script],
            "latency": str(one.latency),
            "stall": str(one.stall),
            "late": str(one.late),
            "struck": {str(fault): count for fault, count in one.struck.items()},
        }
        for system, one in faults.items()
    }


def put_order(shop: Shop, body: bytes) -> None:
    """An order to have: `{"event": …, "order": …, "account": …}`. Raise ValueError."""
    document = _map(body)
    shop.add(_inner(document, "event"), _inner(document, "order"), document.get("account"))


def _map(body: bytes) -> Mapping[str, object]:
    try:
        document = read_json_bytes("the request", body)
    except ReadError as error:
        raise ValueError("the request is not JSON") from error
    if not isinstance(document, Mapping):
        raise ValueError("the request is not a JSON map")  # noqa: TRY004 - a mistake of the sender
    return document


def _inner(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    inner = document.get(name, {})
    if not isinstance(inner, Mapping):
        raise ValueError(f"{name} is a map")  # noqa: TRY004 - a mistake of the sender
    return inner
