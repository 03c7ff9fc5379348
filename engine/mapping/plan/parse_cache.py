"""The cache that the mappings of one tenant share: schemas, and expressions parsed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from ...language.paths import Path, parse_path
from ...language.templates import Template, parse_expression, parse_template
from .tenant_schemas import Schemas

T = TypeVar("T")


@dataclass(slots=True)
class ParseCache:
    """Paths, templates and bare expressions by their texts; a text with a mistake raises each time.

    Queries and payloads are checked against `schemas`.
    """

    schemas: Schemas = field(default_factory=Schemas)
    _paths: dict[str, Path] = field(default_factory=dict)
    _templates: dict[str, Template] = field(default_factory=dict)
    _expressions: dict[str, Template] = field(default_factory=dict)

    def size(self) -> int:
        """Return how many texts are cached."""
        return len(self._paths) + len(self._templates) + len(self._expressions)

    def path(self, text: str) -> Path:
        """Return what parse_path returns."""
        return _parse_once(self._paths, _parse_path, text)

    def template(self, text: str) -> Template:
        """Return what parse_template returns."""
        return _parse_once(self._templates, _parse_template, text)

    def expression(self, text: str) -> Template:
        """Return what parse_expression returns."""
        return _parse_once(self._expressions, _parse_expression, text)


def _parse_once(known: dict[str, T], parse: Callable[[str], T], text: str) -> T:
    found = known.get(text)
    if found is None:
        found = known[text] = parse(text)
    return found


# Many tenants extend the same few files, and so have most of their expressions in common.
_parse_path = lru_cache(maxsize=2_000)(parse_path)
_parse_template = lru_cache(maxsize=2_000)(parse_template)
_parse_expression = lru_cache(maxsize=1_000)(parse_expression)
