"""Reads answers from a file and from flags, with findings at the places of mistakes. No network, no prompt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...documents import write_json
from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.errors import SpecError
from ...language.moments import is_zone
from ...language.places import find_country
from ...mapping.files.nodes import ListNode, MapNode, Node, as_data
from ...mapping.files.parse_yaml import read_yaml
from ...mapping.files.schema_check import check_shape
from ...orders.order import read_text
from .answers import Answers, list_payment_key
from .answers_schema import answers_schema

FLAGS: Mapping[str, str] = {
    "newstore": "--newstore",
    "account": "--account",
    "brand": "--brand",
    "subsidiaries": "--subsidiary",
    "currencies": "--currency",
    "tax": "--tax",
    "tax_codes": "--tax-code",
    "exempt_code": "--exempt-code",
    "tax_rates": "--tax-rate",
    "stores": "--store",
    "payments": "--payment",
    "service_levels": "--level",
    "items": "--item",
    "gift_cards": "--gift-card",
    "goods": "--goods",
}
_TRUNK = ("tax_codes", "tax_rates")


@dataclass(frozen=True, slots=True)
class AnswersFile:
    """An answers file: its document, and its node, which knows the places."""

    answers: Answers
    node: MapNode | None = None

    def find_place(self, *path: str | int) -> Place | None:
        """Return the place of a value in the file; None where the file does not have it."""
        node: Node | None = self.node
        for part in path:
            if isinstance(node, MapNode):
                node = node.get(str(part))
            elif isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
                node = node.items[part]
            else:
                return None
        return None if node is None else node.place


def read_answers_file(path: Path) -> AnswersFile:
    """Read an answers file, YAML or JSON. Raise ReadError, or SpecError with every mistake."""
    node = read_yaml(read_text(path))
    findings = check_shape(node, answers_schema())
    if findings or not isinstance(node, MapNode):
        raise SpecError(f"{path} does not hold answers", findings)
    return AnswersFile(_as_answers(node), node)


def check_flags(answers: Answers) -> Answers:
    """Return the answers that flags give. Raise SpecError with every mistake."""
    node = read_yaml(SourceText("the options", write_json(answers)))
    findings = [replace(each, place=None) for each in check_shape(node, answers_schema())]
    if findings:
        raise SpecError("the options are not answers", findings)
    assert isinstance(node, MapNode)
    return _as_answers(node)


def check_answers(answers: Answers, file: AnswersFile) -> tuple[Finding, ...]:
    """Return what contradicts itself in complete answers, at its place in the file if it is from there."""
    findings = [
        *_check_stores(answers, file),
        *_check_payments(answers, file),
        *_check_tax(answers, file),
        *_check_ids(answers, file),
    ]
    return tuple(dict.fromkeys(findings))


def _as_answers(node: MapNode) -> Answers:
    """Return a node as plain data; ids and rates may be numbers or texts, names are texts."""
    data: Any = as_data(node)
    answers: Answers = dict(data)
    for key in ("stores", "payments", "gift_cards", "currencies"):
        if answers.get(key) is None:
            answers.pop(key, None)
    return answers


def _check_stores(answers: Answers, file: AnswersFile) -> Iterator[Finding]:
    seen: set[str] = set()
    for at, store in enumerate(answers["stores"]):
        channel = store["channel"]

        def place(key: str, at: int = at) -> Place | None:
            return file.find_place("stores", at, key) or file.find_place("stores", at)

        if channel in seen:
            yield Finding("E0219", f"the channel {channel} is in stores twice", place("channel"))
        seen.add(channel)
        for code in store["currencies"]:
            if code not in answers["currencies"]:
                message = f"the store {channel} sells in {code}, which is not in currencies"
                yield Finding(
                    "E0205", message, place("currencies"), hint=f"add {code} to currencies"
                )
        if store["subsidiary"] not in answers["subsidiaries"]:
            message = f"the store {channel} belongs to {store['subsidiary']!r}, which is not in subsidiaries"
            yield Finding(
                "E0205", message, place("subsidiary"), hint=_known(answers["subsidiaries"])
            )
        if not is_zone(store["timezone"]):
            message = f"the store {channel} is in {store['timezone']!r}, which is no time zone"
            hint = "write it as Area/City, as in America/New_York"
            yield Finding("E0513", message, place("timezone"), hint=hint)
        if find_country(store["country"]) != store["country"]:
            message = f"the store {channel} is in {store['country']!r}, which is no country"
            yield Finding("E0426", message, place("country"), hint="write two letters, as in US")


def _check_payments(answers: Answers, file: AnswersFile) -> Iterator[Finding]:
    seen: set[tuple[str, ...]] = set()
    for at, payment in enumerate(answers["payments"]):
        key, place = list_payment_key(payment), file.find_place("payments", at)
        words = " ".join(key)
        if tuple(map(str.casefold, key)) in seen:
            yield Finding("E0219", f"the payment {words} is there twice", place)
        seen.add(tuple(map(str.casefold, key)))
        if key[2] != "*" and key[2] not in answers["currencies"]:
            message = f"the payment {words} is in {key[2]}, which is not in currencies"
            yield Finding("E0205", message, place, hint=f"add {key[2]} to currencies")


def _check_tax(answers: Answers, file: AnswersFile) -> Iterator[Finding]:
    kind = answers["tax"]
    needed = {"tax_codes": ("codes", "included"), "tax_rates": ("included",)}
    for key, kinds in needed.items():
        if answers.get(key) and kind not in kinds:
            message = f"{key} are given, and tax is {kind!r}: it has none"
            hint = f"they belong to tax: {' or '.join(kinds)}"
            yield Finding("E0206", message, file.find_place(key), hint=hint)
    countries = {store["country"] for store in answers["stores"]}
    known = countries if kind == "included" else set(answers["currencies"])
    for key in _TRUNK:
        for name in answers.get(key) or {}:
            if kind != "line" and name != "exempt" and name not in known:
                what = "country of a store" if kind == "included" else "currency"
                message = f"{key} has {name}, which is no {what}"
                yield Finding("E0205", message, file.find_place(key, name), hint=_known(known))


def _check_ids(answers: Answers, file: AnswersFile) -> Iterator[Finding]:
    """Find ids that two entries of NetSuite would share; locations and service levels may share one."""
    for kind in ("currencies", "subsidiaries"):
        yield from _find_shared((kind, name, found) for name, found in answers[kind].items())
    items = [(kind, name, i) for kind in ("items", "goods") for name, i in answers[kind].items()]
    yield from _find_shared(items)
    taken = {found: f"{kind} {name}" for kind, name, found in items}
    for at, payment in enumerate(answers["payments"]):
        if payment["item"] in taken:
            message = (
                f"the id {payment['item']} is that of a payment and of {taken[payment['item']]}"
            )
            yield Finding("E0219", message, file.find_place("payments", at))


def _find_shared(named: Iterable[tuple[str, str, int]]) -> Iterator[Finding]:
    seen: dict[int, str] = {}
    for kind, name, found in named:
        if found in seen:
            yield Finding("E0219", f"the id {found} is that of {seen[found]} and of {kind} {name}")
        seen.setdefault(found, f"{kind} {name}")


def _known(names: Iterable[str]) -> str:
    return f"there are: {', '.join(sorted(names))}"
