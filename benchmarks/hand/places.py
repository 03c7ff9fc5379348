"""Countries and states by code or name, written by hand; the data is schemas/places.json."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from .contacts import cut, plain
from .values import RefusedError

_FILE = Path(__file__).parents[2] / "schemas" / "places.json"
_PLACES = json.loads(_FILE.read_text(encoding="utf-8"))
_LONGEST_NAME = 100
_LONGEST_STATE = 30


def _fold(name: str) -> str:
    """The letters and digits of a name, without case and accents."""
    if len(name) > _LONGEST_NAME:
        return ""
    if name.isascii() and name.isalnum():
        return name.lower()
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join([c for c in parts if c.isalnum() or unicodedata.category(c) == "Mc"])


def _by_name(places: dict[str, list[str]]) -> dict[str, str]:
    """The codes by folded name; a code stands before any name."""
    codes = {_fold(name): code for code, names in places.items() for name in names if name}
    return codes | {_fold(code): code for code in places}


_COUNTRIES = _by_name(_PLACES["countries"])
_STATES = {country: _by_name(states) for country, states in _PLACES["states"].items()}


def state_and_country(state: str, country: str) -> tuple[str, str]:
    """Their codes, empty where they are; a state stays a name where its country has no list.

    Raise RefusedError for an unknown country, and for a state that is not in its country's list.
    """
    if country in _PLACES["countries"] and state in _PLACES["states"].get(country, ()):
        return state, country
    states = _STATES.get(_COUNTRIES.get(_fold(country), ""), {})
    name = plain(state)
    its_state = states.get(_fold(name), name)
    if len(its_state) > _LONGEST_STATE:
        its_state = cut(its_state, _LONGEST_STATE)
    its_country = ""
    if name := plain(country):
        its_country = _COUNTRIES.get(_fold(name), "")
        if not its_country:
            raise RefusedError("country")
    if its_state and its_state not in _PLACES["states"].get(its_country, (its_state,)):
        raise RefusedError("state")
    return its_state, its_country
