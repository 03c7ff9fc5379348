"""What has to be asked for a source: the REST path, with every value percent-encoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from ..language.functions import as_text
from ..language.templates import Node, Scope, Template, evaluate
from ..mapping.plan import Source, TemplateAt
from .scope import FAILED, RunContext, ScopeNames


def request_for(source: Source, work: RunContext, roots: Mapping[str, object]) -> object:
    """`GET /v0/…` for a REST source, `the query of NAME` for GraphQL; FAILED with its finding."""
    if source.rest is None:
        return f"the query of {source.name}"
    path = path_of(source.rest, work, roots)
    return path if path is FAILED else f"GET {path}"


def path_of(rest: TemplateAt, work: RunContext, roots: Mapping[str, object]) -> object:
    """The path of a REST source, or FAILED with its finding.

    A value stays within its segment: a slash or question mark in it cannot change the path.
    """
    scope = Scope(ScopeNames(roots), work.lookup)

    def part(piece: str | Node, template: Template) -> str:
        if isinstance(piece, str):
            return piece
        alone = replace(template, parts=(piece,))
        return _segment(as_text(evaluate(alone, scope, work.budget)))

    template = rest.template
    return work.attempt(
        lambda: "".join(part(piece, template) for piece in template.parts), rest.at, "rest"
    )


def _segment(text: str) -> str:
    """The text as one segment of a path: neither `/` nor `..` leads out of it."""
    encoded = quote(text.encode("utf-8", "backslashreplace"), safe="")
    return encoded if encoded.strip(".") else encoded.replace(".", "%2E")
