"""Build the REST path of a source, with every value percent-encoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from ..language.functions import as_text
from ..language.templates import Node, Scope, Template, evaluate
from ..mapping.plan import Source, TemplateAt
from .scope import FAILED, RunContext, ScopeNames


def describe_request(source: Source, context: RunContext, roots: Mapping[str, object]) -> object:
    """Return `GET /v0/…` for a REST source, `the query of NAME` for GraphQL, or FAILED."""
    if source.rest is None:
        return f"the query of {source.name}"
    path = build_rest_path(source.rest, context, roots)
    return path if path is FAILED else f"GET {path}"


def build_rest_path(rest: TemplateAt, context: RunContext, roots: Mapping[str, object]) -> object:
    """Return the path of a REST source, or FAILED with its finding.

    A value stays within its segment: a slash or question mark in it cannot change the path.
    """
    scope = Scope(ScopeNames(roots), context.lookup)

    def render_part(piece: str | Node, template: Template) -> str:
        if isinstance(piece, str):
            return piece
        single = replace(template, parts=(piece,))
        return _encode_segment(as_text(evaluate(single, scope, context.budget)))

    template = rest.template
    return context.attempt(
        lambda: "".join(render_part(piece, template) for piece in template.parts), rest.at, "rest"
    )


def _encode_segment(text: str) -> str:
    """Encode a text as one path segment, so that neither `/` nor `..` leaves it."""
    encoded = quote(text.encode("utf-8", "backslashreplace"), safe="")
    return encoded if encoded.strip(".") else encoded.replace(".", "%2E")
