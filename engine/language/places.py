"""The countries, and the states of those countries that have a list, by code and name.

The data is `schemas/places.json`. Names are compared without case, accents, blanks and punctuation.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

from ..bundled import bundled

_LONGEST_NAME = 100


@cache
def list_countries() -> tuple[str, ...]:
    """Return the two letters of every country that the ledger knows."""
    return tuple(_read_places()["countries"])


@cache
def list_country_names() -> tuple[str, ...]:
    """Return the first name of every country."""
    return tuple(names[1] for names in _read_places()["countries"].values())


@cache
def list_states() -> Mapping[str, tuple[str, ...]]:
    """Return the codes of the states of each country that has a list of states."""
    return {country: tuple(states) for country, states in _read_places()["states"].items()}


def find_country(text: str) -> str | None:
    """Return the two letters of a country by its code or name; None for an unknown country."""
    return _country_codes().get(_fold(text))


def find_state(text: str, country: str) -> str | None:
    """Return the code of a state by its code or name; None for an unknown one, or without a list."""
    return _state_codes().get(country, {}).get(_fold(text))


@cache
def _read_places() -> Mapping[str, Any]:
    path = bundled("schemas") / "places.json"
    places: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return places


@cache
def _country_codes() -> Mapping[str, str]:
    return _index_names(_read_places()["countries"])


@cache
def _state_codes() -> Mapping[str, Mapping[str, str]]:
    return {country: _index_names(states) for country, states in _read_places()["states"].items()}


def _index_names(places: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the codes by folded name; a code stands before any name."""
    names = {_fold(name): code for code, found in places.items() for name in found if name}
    return names | {_fold(code): code for code in places}


def _fold(text: str) -> str:
    """Return the letters and digits of a text, without case and accents."""
    if len(text) > _LONGEST_NAME:
        return ""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in parts if c.isalnum() or unicodedata.category(c) == "Mc")
