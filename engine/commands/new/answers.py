"""The answers of `erpmap new` as a document of plain data: defaults, merging, ids that are made up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...documents.money import MINOR_UNITS
from .zones import find_zone

Answers = dict[str, Any]
"""A document in the form of `answers_schema`."""
ANY = "*"
# The first id of each kind that is made up, as in the example tenants.
_FIRST_IDS = {
    "subsidiaries": 2,
    "currencies": 1,
    "stores": 11,
    "tax_codes": 7,
    "service_levels": 801,
    "items": 1101,
    "payments": 601,
    "goods": 4001,
}
# Kinds that are all items of NetSuite, and share their ids.
_ITEMS = ("items", "payments", "goods")
_HOMES = {
    "USD": "US",
    "CAD": "CA",
    "GBP": "GB",
    "EUR": "DE",
    "CHF": "CH",
    "SEK": "SE",
    "DKK": "DK",
    "NOK": "NO",
    "JPY": "JP",
    "KWD": "KW",
    "AUD": "AU",
}
_RATES = {"US": 8, "GB": 20, "DE": 19, "CH": 8, "SE": 25, "DK": 25, "NO": 25, "JP": 10, "KW": 0}
_USUAL_RATE = 20
_EXEMPT = 5


@dataclass(slots=True)
class CompleteAnswers:
    """Answers in which nothing is missing; `assumed` are the keys that were defaults, `guesses` sentences.

    `made_up` are the ids that nobody gave: the kind, the name and the id of each.
    """

    answers: Answers
    assumed: list[str] = field(default_factory=list)
    made_up: list[tuple[str, str, int]] = field(default_factory=list)
    guesses: list[str] = field(default_factory=list)


def merge_answers(low: Mapping[str, Any], high: Mapping[str, Any]) -> Answers:
    """Return both documents as one; where both answer the same, `high` counts."""
    merged: Answers = {**low}
    for key, value in high.items():
        before = merged.get(key)
        if key in _KEYS and isinstance(before, list):
            merged[key] = _merge_entries(before, value, _KEYS[key])
        elif isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[key] = {
                **before,
                **{k: v for k, v in value.items() if v is not None or k not in before},
            }
        else:
            merged[key] = value
    return merged


def complete_answers(
    tenant: str, given: Mapping[str, Any], taken: Mapping[str, set[int]] | None = None
) -> CompleteAnswers:
    """Return the answers with defaults for what is missing, and made-up ids.

    `taken` are ids of each kind that are not free, besides those of the answers.
    """
    complete = CompleteAnswers({**given})
    answers = complete.answers
    words = " ".join(part.capitalize() for part in tenant.replace("_", "-").split("-") if part)
    _assume(complete, "newstore", f"{tenant.replace('_', '-').rstrip('-')}-sandbox")
    _assume(complete, "account", "1234567_SB1")
    _assume(complete, "brand", words)
    _assume(complete, "currencies", dict.fromkeys(_list_sold(given) or ["USD"]))
    _assume(complete, "subsidiaries", {words: None})
    home = _HOMES.get(next(iter(answers["currencies"])), "US")
    _assume(complete, "stores", _default_stores(words))
    answers["stores"] = [
        _complete_store(tenant, store, home, next(iter(answers["subsidiaries"])))
        for store in answers["stores"]
    ]
    _assume(complete, "tax", "included" if "tax_rates" in given else "line")
    _assume(complete, "payments", _default_payments())
    _assume(complete, "service_levels", {"GROUND": None, "EXPRESS": None})
    _assume(complete, "gift_cards", ["GIFT-CARD"])
    _assume(complete, "goods", {"TEE-BLACK-M": None, "COAT-WOOL-38": None, "SOCKS-3PACK": None})
    _assume(complete, "items", {})
    _complete_tax(complete)
    _make_up_ids(complete, taken or {})
    return complete


def list_payment_key(payment: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return what identifies a payment: its method, provider and currency."""
    return (
        str(payment["method"]),
        str(payment.get("provider") or ANY),
        str(payment.get("currency") or ANY),
    )


def _store_key(store: Mapping[str, Any]) -> str:
    return str(store["channel"])


_KEYS: Mapping[str, Any] = {"stores": _store_key, "payments": list_payment_key}


def _merge_entries(low: Iterable[Any], high: Iterable[Any], key: Any) -> list[Any]:
    found = {key(entry): entry for entry in low}
    for entry in high:
        found[key(entry)] = {**found.get(key(entry), {}), **entry}
    return list(found.values())


def _assume(complete: CompleteAnswers, key: str, value: object) -> None:
    if not complete.answers.get(key) and key not in ("gift_cards", "items"):
        complete.answers[key] = value
        complete.assumed.append(key)
    elif key not in complete.answers:
        complete.answers[key] = value


def _list_sold(given: Mapping[str, Any]) -> list[str]:
    codes = [code for store in given.get("stores", ()) for code in store.get("currencies") or ()]
    return list(dict.fromkeys(codes))


def _default_stores(words: str) -> list[Answers]:
    return [
        {"channel": "WEB", "kind": "web", "name": f"{words} Web"},
        {"channel": "STORE1", "kind": "store", "name": f"{words} Store"},
    ]


def _default_payments() -> list[Answers]:
    return [
        {"method": "cash"},
        {"method": "credit_card", "provider": "adyen"},
        {"method": "paypal"},
        {"method": "gift_card"},
        {"method": "store_credit"},
    ]


def _complete_store(tenant: str, store: Mapping[str, Any], home: str, subsidiary: str) -> Answers:
    channel = str(store["channel"])
    name = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in channel)
    defaults: Answers = {
        "kind": "web" if "web" in channel.lower() else "store",
        "name": channel,
        "subsidiary": subsidiary,
        "country": home,
        "timezone": find_zone(str(store.get("country") or home)) or "UTC",
        "currencies": [],
        "email": f"store.{name.lower()}@{tenant}.example.com".replace("_", "-"),
    }
    return {**defaults, **{key: value for key, value in store.items() if value is not None}}


def _complete_tax(complete: CompleteAnswers) -> None:
    answers = complete.answers
    countries = list(dict.fromkeys(store["country"] for store in answers["stores"]))
    if answers["tax"] == "line":
        answers["tax_codes"] = {}
        return
    keys = countries if answers["tax"] == "included" else list(answers["currencies"])
    answers["tax_codes"] = {**dict.fromkeys(keys), **answers.get("tax_codes", {})}
    if answers["tax"] == "included":
        rates = {country: _RATES.get(country, _USUAL_RATE) for country in countries}
        given = answers.get("tax_rates", {})
        answers["tax_rates"] = {**rates, **given}
        complete.assumed += [f"tax_rates.{each}" for each in countries if each not in given]


def _make_up_ids(complete: CompleteAnswers, more: Mapping[str, set[int]]) -> None:
    """Replace every id that is missing by a free one."""
    answers = complete.answers
    wanted = ["discount", "tax"] + (["gift_card"] if answers["gift_cards"] else [])
    wanted += ["rounding"] if any(MINOR_UNITS[code] > 2 for code in answers["currencies"]) else []
    answers["items"] = {**dict.fromkeys(wanted), **answers["items"]}
    if answers["tax"] != "line":
        exempt = answers.get("exempt_code")
        answers["tax_codes"] = {**answers["tax_codes"], "exempt": exempt}
    for kind in ("subsidiaries", "currencies", "tax_codes", "service_levels", *_ITEMS[::2]):
        taken = _list_taken(answers, kind) | more.get(kind, set())
        answers[kind] = {
            name: _number(complete, (kind, name), found, taken)
            for name, found in answers[kind].items()
        }
    for kind, key in (("stores", "id"), ("payments", "item")):
        taken = _list_taken(answers, kind) | more.get(kind, set())
        answers[kind] = [
            {**entry, key: _number(complete, (kind, _name_entry(entry)), entry.get(key), taken)}
            for entry in answers[kind]
        ]


def _name_entry(entry: Mapping[str, Any]) -> str:
    """Return how a store or a payment is named in a list."""
    return str(entry["channel"]) if "channel" in entry else " ".join(list_payment_key(entry))


def _list_taken(answers: Mapping[str, Any], kind: str) -> set[int]:
    kinds = _ITEMS if kind in _ITEMS else (kind,)
    return {int(found) for each in kinds for found in _list_ids(answers[each])}


def _list_ids(part: Mapping[str, Any] | Sequence[Any]) -> Iterable[Any]:
    found = (
        part.values() if isinstance(part, Mapping) else (e.get("id", e.get("item")) for e in part)
    )
    return (each for each in found if each is not None)


def _number(
    complete: CompleteAnswers, name: tuple[str, str], found: object, taken: set[int]
) -> int:
    """Return an id as a number; without one the next free id of its kind."""
    if found is not None:
        return int(str(found))
    free = _EXEMPT if name == ("tax_codes", "exempt") else _FIRST_IDS[name[0]]
    while free in taken:
        free += 1
    taken.add(free)
    complete.made_up.append((*name, free))
    return free
