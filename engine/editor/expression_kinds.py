"""Which language a text of a mapping is written in, by its dotted path: JMESPath, a template, an expression. Pure."""

from __future__ import annotations

import re
from enum import Enum


class ExpressionKind(Enum):
    """What a text holds: a JMESPath, a template, a bare expression, `NAME in LIST`, or names within `{…}`."""

    PATH = "path"
    TEMPLATE = "template"
    EXPRESSION = "expression"
    LOOP = "loop"
    QUERY = "query"


_NAME = "[^/]+"
_KINDS = {
    ExpressionKind.TEMPLATE: (
        "values/NAME(?:/is)?",
        "fields/.+/values/NAME",
        "sources/NAME/rest",
        "lines/.+/body/.+",
        "records/NAME/(?:body|confirm)/.+",
        "records/NAME/(?:external_id|serialize|from/id|from/external_id|earlier/NAME)",
        "checks/NAME/(?:terms/NAME|sums_to|equal/NAME)",
    ),
    ExpressionKind.PATH: (
        "on/(?:when|identity)",
        "sources/NAME/(?:select|when|variables/NAME)",
        "ready/NAME/check",
        "lookups/NAME/keys",
        "fields/NAME(?:/choose/NAME)?(?:/fields/NAME)?(?:/(?:path|each|when|join/NAME/(?:from|on)))?",
    ),
    ExpressionKind.EXPRESSION: ("lines/.+/if", "records/NAME/(?:if|landed)", "checks/NAME/holds"),
    ExpressionKind.LOOP: ("lines/NAME/for",),
    ExpressionKind.QUERY: ("records/NAME/find",),
}
_PATTERNS = {
    kind: re.compile("|".join(patterns).replace("NAME", _NAME)) for kind, patterns in _KINDS.items()
}


def kind_at(path: tuple[str, ...]) -> ExpressionKind | None:
    """Return the language of the text at a path; None for a text that is not computed."""
    joined = "/".join(path)
    return next((kind for kind, each in _PATTERNS.items() if each.fullmatch(joined)), None)
