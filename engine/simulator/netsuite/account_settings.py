"""How an account behaves where accounts differ, or where reports of them differ.

A simulator.yaml gives the values at the start, under `settings`; the control path `/settings` changes them
at runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial

from ..figures import parse_count, parse_flag, parse_seconds
from .messages import LANGUAGES

UNSORTED = ("all", "half", "nothing")
LENGTHS = ("characters", "bytes", "off")
OVERLOADS = ("429", "400", "request_limit", "401")
MISSING = ("404", "400")


@dataclass(slots=True)
class AccountSettings:
    """How an account behaves; every setting may be changed at runtime. Times are in seconds.

    `language`: of the messages. A record that was written is missing from searches, or found as it was
    before, for `search_lag` seconds and for `search_lag_requests` searches; searches are SuiteQL, lists
    and, with `search_lag_by_external_id`, GET by external id. `unsorted`: the rows that SuiteQL returns
    for an ORDER BY without ASC or DESC. `missing_transaction`: the status of GET by the id of no
    transaction. `lengths`: whether the limits of text fields count characters or bytes. `places`:
    whether countries and states are checked. `auto_numbering`: whether entities are numbered; if not,
    their names are their ids and must be unique. `overload`: the response to a request above the
    concurrency limit: 429 or 400 with CONCURRENCY_LIMIT_EXCEEDED, 400 with SSS_REQUEST_LIMIT_EXCEEDED
    (`request_limit`), or a failed login (401), each after `overload_wait`.
    """

    language: str = "en"
    search_lag: float = 0.0
    search_lag_requests: int = 0
    search_lag_by_external_id: bool = False
    unsorted: str = "all"
    missing_transaction: str = "404"
    lengths: str = "characters"
    places: bool = True
    auto_numbering: bool = True
    overload: str = "429"
    overload_wait: float = 0.0

    def change(self, changes: Mapping[str, object]) -> None:
        """Set some settings to parsed values."""
        for name, value in changes.items():
            setattr(self, name, value)

    def document(self) -> dict[str, object]:
        """Return the settings as plain data; times as text."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: str(value) if isinstance(value, float) else value
            for name, value in values.items()
        }


def _parse_choice(among: tuple[str, ...], value: object) -> str:
    """Return a value of a list; a number such as 429 may be given as a number. Raise ValueError."""
    text = "" if isinstance(value, bool) else str(value)
    if text not in among:
        raise ValueError(f"must be {', '.join(among)}")
    return text


def _parse_length_unit(value: object) -> str:
    """Return how lengths are counted. YAML 1.1 reads the word off as false. Raise ValueError."""
    return "off" if value is False else _parse_choice(LENGTHS, value)


PARSERS: Mapping[str, Callable[[object], object]] = {
    "language": partial(_parse_choice, LANGUAGES),
    "search_lag": parse_seconds,
    "search_lag_requests": partial(parse_count, least=0, most=10_000),
    "search_lag_by_external_id": parse_flag,
    "unsorted": partial(_parse_choice, UNSORTED),
    "missing_transaction": partial(_parse_choice, MISSING),
    "lengths": _parse_length_unit,
    "places": parse_flag,
    "auto_numbering": parse_flag,
    "overload": partial(_parse_choice, OVERLOADS),
    "overload_wait": parse_seconds,
}
