"""What the prompt of `erpmap eval` completes: names of an order, keys of its documents, filters. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ...language.functions import FILTERS, FUNCTIONS
from ...language.lines import LineGroup
from ...language.paths import FUNCTIONS as PATH_FUNCTIONS
from .expression import OpenedOrder

_MOST_WORDS, _DEEPEST = 20_000, 12


def list_words(order: OpenedOrder) -> list[str]:
    """Return every word that completes: paths in the documents, names, lookups, functions."""
    words: dict[str, None] = {}
    context = order.context
    for name, document in (
        *order.roots.items(),
        *((n, context.names.peek(n)) for n in context.names),
    ):
        for word in _list_paths(name, document, 0):
            words[word] = None
            if len(words) >= _MOST_WORDS:
                break
    lookups = (*order.plan.tables, *(live.name for live in order.plan.live_lookups))
    words |= dict.fromkeys(f"lookup('{name}'" for name in lookups)
    words |= dict.fromkeys([*FILTERS, *FUNCTIONS, *PATH_FUNCTIONS])
    return sorted(words)


def _list_paths(path: str, value: object, depth: int) -> Iterator[str]:
    """Yield the paths of a value and of everything in it; a list stands for its first entry."""
    yield path
    if depth >= _DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _list_paths(f"{path}.{key}", inner, depth + 1)
    elif isinstance(value, list) and value:
        yield from _list_paths(f"{path}[]", value[0], depth + 1)
    elif isinstance(value, LineGroup):
        for name, group in value.groups.items():
            yield from _list_paths(f"{path}.{name}", group, depth + 1)
