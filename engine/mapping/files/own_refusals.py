"""A tenant's own refusals of its ledger: a YAML file that `netsuite.refusals` names.

Words are texts, not regular expressions: a text is found in a time that is known. Pure: the caller has
read the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.errors import SpecError
from ...findings.quote import quoted
from .grammar.refusal_keys import REFUSALS
from .nodes import ListNode, MapNode, Node, as_data
from .parse_yaml import read_yaml
from .schema_check import check_shape

# Codes under which the ledger reports many different errors.
_GENERAL = frozenset(("USER_ERROR", "INVALID_CONTENT", "INVALID_REQUEST", "UNKNOWN_CODE"))


@dataclass(frozen=True, slots=True)
class OwnRefusal:
    """An entry: our code, the ledger's codes and the texts that mean it, its verdict, cause and remedy."""

    code: str
    verdict: str
    codes: tuple[str, ...]
    words: tuple[str, ...]
    cause: str
    remedy: str


def read_own_refusals(text: SourceText) -> tuple[OwnRefusal, ...]:
    """Return the entries of a file. Raise SpecError or ReadError with every finding."""
    node = read_yaml(text)
    findings = [*check_shape(node, REFUSALS)]
    if not isinstance(node, ListNode):
        message, hint = "the file of refusals is not a list", "as in `- {code: …, words: […], …}`"
        findings = [Finding("E0202", message, place=Place(text), hint=hint)]
    elif not findings:
        findings = [*_find_mistakes(node)]
    if findings:
        raise SpecError(f"{text.name} cannot be used", findings)
    assert isinstance(node, ListNode)
    return tuple(_read_entry(as_data(item)) for item in node.items)


def _read_entry(entry: object) -> OwnRefusal:
    assert isinstance(entry, Mapping)

    def listed(key: str) -> tuple[str, ...]:
        values = entry.get(key)
        return tuple(map(str, values)) if isinstance(values, list) else ()

    return OwnRefusal(
        code=str(entry["code"]),
        verdict=str(entry.get("verdict", "refused")),
        codes=listed("netsuite"),
        words=listed("words"),
        cause=str(entry["cause"]),
        remedy=str(entry["remedy"]),
    )


def _find_mistakes(node: ListNode) -> Iterator[Finding]:
    """Find entries that nothing means, codes given twice, and codes that mean nothing in particular."""
    seen: set[object] = set()
    for item in node.items:
        assert isinstance(item, MapNode)
        if item.get("netsuite") is None and item.get("words") is None:
            message = "the refusal has neither codes of NetSuite nor words"
            hint = "give `words: [a text that NetSuite's words contain]`, or `netsuite: [CODE]`"
            yield Finding("E0203", message, place=item.place, hint=hint)
        for code in _list_codes(item):
            value = as_data(code)
            if value in _GENERAL:
                message = f"{quoted(str(value))} stands for many errors"
                yield Finding(
                    "E0205", message, place=code.place, hint="recognise it by its `words`"
                )
            elif value in seen:
                message = f"{quoted(str(value))} is given twice"
                yield Finding("E0205", message, place=code.place, hint="merge the entries")
            seen.add(value)


def _list_codes(item: MapNode) -> Iterator[Node]:
    theirs = item.get("netsuite")
    own = item.get("code")
    listed = theirs.items if isinstance(theirs, ListNode) else ()
    if own is not None and as_data(own) not in {as_data(code) for code in listed}:
        yield own
    yield from listed
