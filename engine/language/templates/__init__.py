"""Templates: Jinja's syntax for expressions, checked at load, evaluated exactly."""

from __future__ import annotations

from ..functions import OMIT, Scope
from .contents import LiteralCall, TemplateName, literal_calls, template_names
from .evaluate import evaluate
from .nodes import Node, Template, children, walk
from .parse import parse_expression, parse_template

__all__ = [
    "OMIT",
    "LiteralCall",
    "Node",
    "Scope",
    "Template",
    "TemplateName",
    "children",
    "evaluate",
    "literal_calls",
    "parse_expression",
    "parse_template",
    "template_names",
    "walk",
]
