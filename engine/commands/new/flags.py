"""Turns the texts of flags and of typed answers into answers: `USD=1`, `NYC5,id=12,country=US`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import click

from .answers import Answers

STORE_KEYS: Final = ("kind", "name", "id", "class", "subsidiary", "country", "timezone", "currencies", "email")  # fmt: skip


def read_flags(given: Mapping[str, Any]) -> Answers:
    """Return the answers of flags, without those that were not given. Raise UsageError."""
    return {
        key: _READERS[key](key, value) if key in _READERS else value
        for key, value in given.items()
        if value not in (None, ())
    }


def _read_ids(key: str, texts: Iterable[str]) -> dict[str, object]:
    """Read NAME or NAME=ID of each text."""
    found: dict[str, object] = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        if not equals:
            name, value = text, ""
        if not name.strip() or (equals and not value.strip()):
            raise click.UsageError(f"{text!r} is not NAME or NAME=ID, for {key}")
        found[name.strip()] = _read_number(value)
    return found


def _read_stores(_key: str, texts: Iterable[str]) -> list[Answers]:
    """Read CHANNEL,key=value,… of each text; currencies are joined by +."""
    stores = []
    for text in texts:
        channel, *rest = (part.strip() for part in text.split(","))
        store: Answers = {"channel": channel}
        for part in rest:
            name, equals, value = part.partition("=")
            if not equals or name not in STORE_KEYS:
                known = ", ".join(STORE_KEYS)
                raise click.UsageError(
                    f"{part!r} in --store {text!r} is not KEY=VALUE with a key of {known}"
                )
            store[name] = value.split("+") if name == "currencies" else value
            if name in ("id", "class"):
                store[name] = _read_number(value)
        stores.append(store)
    return stores


def _read_payments(_key: str, texts: Iterable[str]) -> list[Answers]:
    """Read METHOD,PROVIDER,CURRENCY=ID of each text; all but the method may be left out."""
    payments = []
    for text in texts:
        names, _, value = text.partition("=")
        parts = [part.strip() for part in names.split(",")]
        if len(parts) > 3 or not parts[0]:
            raise click.UsageError(f"--payment {text!r} is not METHOD,PROVIDER,CURRENCY=ID")
        named = dict(zip(("method", "provider", "currency"), parts, strict=False))
        payment: Answers = {name: part for name, part in named.items() if part not in ("", "*")}
        payments.append(payment | ({"item": _read_number(value)} if value else {}))
    return payments


def _read_number(text: str) -> object:
    """Return a text of digits as a number, an empty one as None; the schema judges others."""
    text = text.strip()
    return (int(text) if text.isascii() and text.isdigit() else text) or None


_READERS: Mapping[str, Callable[[str, Any], object]] = {
    "subsidiaries": _read_ids,
    "currencies": _read_ids,
    "tax_codes": _read_ids,
    "tax_rates": _read_ids,
    "service_levels": _read_ids,
    "items": _read_ids,
    "goods": _read_ids,
    "gift_cards": lambda _key, texts: list(texts),
    "exempt_code": lambda _key, text: _read_number(text),
    "stores": _read_stores,
    "payments": _read_payments,
}
