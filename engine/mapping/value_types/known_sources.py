"""The types of the shop's events and of the texts in its answers, as they are shipped in `schemas/newstore`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache

from ...bundled import bundled
from ...language.templates import Template
from ..plan.selection import Selection
from ..plan.tenant_schemas import NO_DOCUMENTS, PATH_KEY, Documents
from ..systems import EVENTS
from .source_types import type_schema, type_selection
from .value_type import ANYTHING, TEXT, Knowledge, ValueType, map_of, scalar

_FOLDER = "newstore"
_ENDING = ".schema.json"
_PLACEHOLDER = re.compile(r"\{[^}]*\}")


def type_event(name: str, own: Documents = NO_DOCUMENTS) -> ValueType:
    """Return the type of an event by its name: the envelope, and the payload as far as it is documented.

    The schemas of a tenant's `own` come before the shipped ones.
    """
    called = f"event.{EVENTS.payload}"
    payload = own.events.get(name)
    found = type_schema(payload, called, name) if payload is not None else _type_payload(name)
    members = {key: scalar(TEXT, name=f"event.{key}") for key in EVENTS.members}
    members[EVENTS.payload] = found.optional(is_absent=False)
    return map_of(members, known=Knowledge.SOME, name="event", source="the envelope")


def type_query(selection: Selection) -> ValueType:
    """Return the type of a query's whole answer."""
    return type_selection(selection, _read_words(), _read_always())


def type_rest(path: Template, own: Documents = NO_DOCUMENTS) -> ValueType:
    """Return the type of the answer to a REST path; anything for a path that is not documented."""
    text = "".join(part if isinstance(part, str) else "{}" for part in path.parts)
    text = text.partition("?")[0]
    for answer in own.answers:
        if fold_path(str(answer[PATH_KEY])) == text:
            return type_schema(answer, "", str(answer.get("title", "the answer")))
    return _type_answers().get(text, ANYTHING)


def fold_path(path: str) -> str:
    """Return a documented path with `{}` for each value."""
    return _PLACEHOLDER.sub("{}", path.partition("?")[0])


@cache
def _type_answers() -> Mapping[str, ValueType]:
    """Return the types of all documented answers, by their path with `{}` for each value."""
    found: dict[str, ValueType] = {}
    for file in sorted((bundled("schemas") / _FOLDER / "rest").iterdir()):
        schema = json.loads(file.read_text(encoding="utf-8"))
        found[fold_path(schema[PATH_KEY])] = type_schema(schema, "", f"the {schema['title']}")
    return found


@cache
def list_event_names() -> tuple[str, ...]:
    """List the events whose payload has a shipped schema."""
    found = (path.name for path in (bundled("schemas") / _FOLDER / "events").iterdir())
    return tuple(sorted(each.removesuffix(_ENDING) for each in found if each.endswith(_ENDING)))


@cache
def _type_payload(name: str) -> ValueType:
    called = f"event.{EVENTS.payload}"
    if name not in list_event_names():
        return ANYTHING.called(called)
    path = bundled("schemas") / _FOLDER / "events" / f"{name}{_ENDING}"
    schema = json.loads(path.read_text(encoding="utf-8"))
    return type_schema(schema, called, name)


@cache
def _read_always() -> frozenset[str]:
    """Return the fields that each record has, although the types of NewStore allow null for them."""
    path = bundled("schemas") / _FOLDER / "always.json"
    return frozenset(json.loads(path.read_text(encoding="utf-8")))


@cache
def _read_words() -> Mapping[str, tuple[str, ...]]:
    path = bundled("schemas") / _FOLDER / "words.json"
    words: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return {name: tuple(texts) for name, texts in words.items()}
