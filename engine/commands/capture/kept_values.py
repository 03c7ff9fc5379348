"""Finds what a case keeps of an order because it decides how the order ends. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ...mapping.load import LoadedTenant
from ...mapping.plan import Plan
from ...mapping.plan.plan import AnyField, Entries, Field, FieldChoice
from ...orders.order import Order

_QUOTED = re.compile(r"'([^'\n]{1,80})'|\"([^\"\n]{1,80})\"")
_KEY = re.compile(r"[^\W\d]\w*")
# Members of the envelope that say which event it is.
_ENVELOPE = ("tenant", "name", "published_at")
# Types of fields whose values are amounts and moments.
_AMOUNTS = frozenset(("money", "number", "integer", "date", "datetime"))


def list_kept(order: Order, loaded: LoadedTenant, plans: Sequence[Plan]) -> frozenset[str]:
    """Return the texts that the mappings name: settings, and texts in quotes; and those of the envelope."""
    settings = (text for plan in plans for text in _list_texts(plan.settings))
    written = (
        match[1] or match[2]
        for path, text in loaded.texts.items()
        if path.endswith((".yaml", ".yml"))
        for match in _QUOTED.finditer(text.content)
    )
    event = order.event if isinstance(order.event, Mapping) else {}
    envelope = (event[key] for key in _ENVELOPE if isinstance(event.get(key), str))
    return frozenset((*settings, *written, *envelope))


def list_amount_keys(plans: Sequence[Plan]) -> frozenset[str]:
    """Return the keys of documents from which the mappings read amounts and moments."""
    return frozenset(
        key
        for plan in plans
        for each in plan.fields
        for field in _list_fields(each)
        if field.type in _AMOUNTS
        for key in _KEY.findall(field.path.path.text)
    )


def _list_fields(each: AnyField) -> Iterator[Field]:
    if isinstance(each, FieldChoice):
        for option in each.options:
            yield from _list_fields(option.field)
    elif isinstance(each, Entries):
        yield from each.fields
    else:
        yield each


def _list_texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _list_texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _list_texts(inner)
    elif isinstance(value, str):
        yield value
