"""What the mappings of one tenant share: its schemas, and its texts, each parsed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from ...language.paths import Path, parse_path
from ...language.templates import Template, parse_expression, parse_template
from .tenant_schemas import Schemas

T = TypeVar("T")


@dataclass(slots=True)
class ParseCache:
    """Paths, templates and bare expressions by their texts; what cannot be parsed raises each time.

    `schemas` are what queries and payloads are held against.
    """

    schemas: Schemas = field(default_factory=Schemas)
    _paths: dict[str, Path] = field(default_factory=dict)
    _templates: dict[str, Template] = field(default_factory=dict)
    _expressions: dict[str, Template] = field(default_factory=dict)

    def path(self, text: str) -> Path:
        """As parse_path."""
        return _once(self._paths, parse_path, text)

    def template(self, text: str) -> Template:
        """As parse_template."""
        return _once(self._templates, parse_template, text)

    def expression(self, text: str) -> Template:
        """As parse_expression."""
        return _once(self._expressions, parse_expression, text)


def _once(known: dict[str, T], parse: Callable[[str], T], text: str) -> T:
    found = known.get(text)
    if found is None:
        found = known[text] = parse(text)
    return found
