"""Access to the entries of values: `x.key`, `x['key']`, `x[0]`, dotted paths.

A key is always the key of a map, never an attribute or method of Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ...findings.errors import AbsentError, ExpressionError
from ...findings.quote import did_you_mean, quoted, shortened
from ..lines import LineGroup
from .values import entries, kind_of, require_value, with_article


def get_entry(value: object, key: object) -> object:
    """Return the entry for `key`: a text for maps, lines and groups, a whole number for lists.

    Raise LookupError when there is none, also for null; ExpressionError (E0413, E0414)
    for values without entries.
    """
    if value is None:
        raise LookupError(key)
    kind = kind_of(value)
    find = _FINDERS.get(kind)
    if find is None:
        require_value(value)
        raise ExpressionError(
            "E0414", f"{with_article(kind)} has no entries to take {_quoted(key)} from"
        )
    return find(value, key)


def missing_entry_error(path: str, value: object, key: object) -> AbsentError:
    """Return the error for `path`, whose last step `key` is not in `value`."""
    if value is None:
        message = f"`{path}` is absent: the value before {_quoted(key)} is null"
        return AbsentError("E0410", message, hint=_SAY_SO)
    return AbsentError("E0410", f"`{path}` is absent", hint=lambda: _nearest_key_hint(value, key))


def _nearest_key_hint(value: object, key: object) -> str:
    known = _KEYS[kind_of(value)](value) if kind_of(value) in _KEYS else ()
    near = did_you_mean(key, known) if isinstance(key, str) else None
    return near or _SAY_SO


def get_at_path(value: object, path: Sequence[str]) -> object:
    """Return the value at a path of keys, e.g. `("price", "amount")`; raise AbsentError (E0410)."""
    for key in path:
        try:
            found = get_entry(value, key)
        except LookupError as error:
            raise missing_entry_error(shortened(".".join(path)), value, key) from error
        value = found
    return value


def _map_entry(value: Mapping[str, object], key: object) -> object:
    if not isinstance(key, str):
        raise ExpressionError("E0414", f"the keys of a map are texts, not {_quoted(key)}")
    return value[key]


def _list_entry(value: object, key: object) -> object:
    if not isinstance(key, int) or isinstance(key, bool):
        raise ExpressionError("E0414", f"the entries of a list have numbers, not {_quoted(key)}")
    return entries(value)[key]


def _group_entry(value: LineGroup, key: object) -> object:
    return _map_entry(value.groups, key) if isinstance(key, str) else _list_entry(value, key)


def _quoted(key: object) -> str:
    if isinstance(key, str):
        return f"{quoted(key)}"
    return f"`{key}`" if isinstance(key, int) and abs(key) < 10**9 else with_article(kind_of(key))


_SAY_SO = "if it may be absent, give a default: `| default(…)`"

_FINDERS: dict[str, Callable[..., object]] = {
    "map": _map_entry,
    "list": _list_entry,
    "lines": _group_entry,
    "line": lambda line, key: _map_entry(line.body, key),
}

_KEYS: dict[str, Callable[..., Iterable[str]]] = {
    "map": lambda value: (key for key in value if isinstance(key, str)),
    "lines": lambda group: tuple(group.groups),
    "line": lambda line: (key for key in line.body if isinstance(key, str)),
}
