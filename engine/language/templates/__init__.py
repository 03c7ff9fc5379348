"""Templates: Jinja's syntax for expressions, checked at load, evaluated exactly."""

from __future__ import annotations

from ..functions import OMIT, Scope
from .contents import LiteralCall, TemplateName, find_literal_calls, find_names
from .evaluate import evaluate
from .nodes import Node, Template, child_nodes, walk_nodes
from .parse import parse_expression, parse_template

__all__ = [
    "OMIT",
    "LiteralCall",
    "Node",
    "Scope",
    "Template",
    "TemplateName",
    "child_nodes",
    "evaluate",
    "find_literal_calls",
    "find_names",
    "parse_expression",
    "parse_template",
    "walk_nodes",
]
