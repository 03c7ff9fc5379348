"""The filters and tests of templates on values that carry their causes.

A filter that keeps entries as they are, or reads only some of their keys, has a rule here; the result of any
other function has the causes of all its arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...language.functions import Function, equal
from ...language.functions.access import get_entry
from ...language.lines import LineGroup
from .causes import Cause, join_causes
from .traced import ListBuilder, Traced, list_keys, list_parts

# What the ledger computes the amount of a line from.
_STORED_KEYS = ("amount", "rate", "quantity")


def trace_call(function: Function, value: object, arguments: list[Traced]) -> Traced:
    """Return the result of a function, which is `value`, with its causes."""
    rule = _kind if function.sort == "test" else _RULES.get(function.name)
    if rule is not None:
        return rule(value, *arguments)
    return Traced(value, join_causes(*(argument.deep() for argument in arguments)))


def _size(value: object, subject: Traced) -> Traced:
    return Traced(value, subject.truth())


def _kind(value: object, subject: Traced) -> Traced:
    return Traced(value, subject.own)


def _first(_: object, subject: Traced) -> Traced:
    return subject.part(0)


def _last(_: object, subject: Traced) -> Traced:
    return subject.part(len(list_keys(subject.value)) - 1).decided_by(subject.extent)


def _map(_: object, subject: Traced, key: Traced) -> Traced:
    built = ListBuilder(subject.own)
    for part in list_parts(subject):
        built.add(_at_path(part, key.value))
    return built.build(subject.extent).decided_by(key.own)


def _where(value: Any, subject: Traced, key: Traced, wanted: Traced) -> Traced:
    built = ListBuilder(subject.own)
    for part in list_parts(subject):
        found = _at_path(part, key.value)
        cause = join_causes(found.deep(), wanted.deep(), key.own)
        if equal(found.value, wanted.value):
            built.add(part.decided_by(cause))
        built.move(cause)
    listed = built.build(subject.extent)
    return Traced(value=value, own=listed.own, extent=listed.extent, parts=listed.parts)


def _total(value: object, subject: Traced, key: Traced, default: Traced) -> Traced:
    found = (_at_path(part, key.value).deep() for part in list_parts(subject))
    return Traced(value, join_causes(subject.truth(), key.own, default.own, *found))


def _stored(value: object, lines: Traced) -> Traced:
    listed = list_parts(lines) if isinstance(lines.value, LineGroup) else [lines]
    found = (_at_path(line, key).deep() for line in listed for key in _STORED_KEYS)
    return Traced(value, join_causes(lines.truth(), *found))


def _taxed(value: object, lines: Traced, *others: Traced) -> Traced:
    inside: list[Cause] = [part.deep() for part in (lines.parts or {}).values()]
    causes = (*inside, *(other.deep() for other in others))
    return Traced(value, join_causes(lines.deep(), *causes))


def _at_path(value: Traced, path: str) -> Traced:
    """Return the value at a dotted path of keys; null where it is absent."""
    for key in path.split("."):
        try:
            get_entry(value.value, key)
        except LookupError:
            return Traced(None, value.own) if value.value is None else value.absent(key)
        value = value.part(key)
    return value


_RULES: dict[str, Callable[..., Traced]] = {
    "first": _first,
    "last": _last,
    "length": _size,
    "map": _map,
    "stored": _stored,
    "taxed": _taxed,
    "total": _total,
    "where": _where,
}
