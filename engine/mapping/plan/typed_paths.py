"""The static check of a path against the shape of an answer.

A path to something that the query does not select would give null for every
order. Where the shape is not known (the event, REST answers, computed lists),
everything is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ...findings.errors import ExpressionError
from ...findings.quote import Suggestion, suggest
from ...language.paths import Node, Path
from .selection import Selection


@dataclass(frozen=True, slots=True)
class PathShape:
    """A value of a known type: `selection` within `lists` lists.

    `joined` are further names of unknown shape, beside the selected ones.
    """

    selection: Selection
    lists: int = 0
    joined: frozenset[str] = frozenset()


# The value that a path is read on: roots by name, one known value, or an unknown value.
Here = Mapping[str, PathShape | None] | PathShape | None


def infer_shape(path: Path, here: Here) -> PathShape | None:
    """Return the shape of a path's value; None when it is not known."""
    found = _PathWalk().infer(path.tree, here)
    return found if isinstance(found, PathShape) else None


@dataclass(frozen=True, slots=True)
class PathMistake:
    """A mistake in a path; `unselected` is the selection that lacks a member, with the member's name."""

    error: ExpressionError
    unselected: tuple[Selection, str] | None = None


def find_mistakes(path: Path, here: Here) -> Iterator[PathMistake]:
    """Yield every part of a path that can never exist (E0204), and every misplaced `!` (E0306)."""
    reading = _PathWalk()
    reading.infer(path.tree, here)
    yield from reading.mistakes


def element_shape(shape: Here, joined: frozenset[str] = frozenset()) -> PathShape | None:
    """Return the shape of a list's elements."""
    if not isinstance(shape, PathShape) or shape.lists == 0:
        return None
    return replace(shape, lists=shape.lists - 1, joined=joined)


@dataclass(slots=True)
class _PathWalk:
    """One walk through one path."""

    mistakes: list[PathMistake] = field(default_factory=list)

    def infer(self, node: Node, here: Here) -> Here:
        return _INFER.get(node["type"], _unknown)(self, node, here)

    def refuse(
        self,
        node: Node,
        message: str,
        suggestion: Suggestion,
        unselected: Selection | None = None,
    ) -> None:
        """Note that a field cannot be read; `unselected` is the selection that lacks it."""
        error = ExpressionError(
            "E0204",
            message,
            hint=suggestion.hint,
            offset=node["offset"],
            length=node["length"],
            suggestion=suggestion,
        )
        lacking = None if unselected is None else (unselected, suggestion.word)
        self.mistakes.append(PathMistake(error, lacking))


def _field(reading: _PathWalk, node: Node, here: Here) -> Here:
    name = node["value"]
    if isinstance(here, Mapping):
        return here.get(name)
    if here is None or name in here.joined:
        return None
    within = here.selection
    if here.lists:
        hint = f"write {within.name}[].{name} for all entries, or {within.name}[0].{name} for the first"
        message = f"{within.name} is a list and has no {name}"
        reading.refuse(node, message, Suggestion(name, hint))
        return None
    child = within.child(name)
    if child is None:
        message = f"{name} is not selected by the query"
        reading.refuse(node, message, _suggest(name, within), within)
        return None
    return PathShape(child, child.lists)


def _suggest(name: str, within: Selection) -> Suggestion:
    if not within.children:
        return Suggestion(name, f"{within.name} is a {within.type_name} and has no fields")
    otherwise = f"add it to the query; selected in {within.name}: {', '.join(within.children)}"
    return suggest(name, within.children, otherwise=otherwise)


def _chain(reading: _PathWalk, node: Node, here: Here) -> Here:
    _check_negation(reading, node)
    for child in node["children"]:
        here = reading.infer(child, here)
    return here


def _check_negation(reading: _PathWalk, node: Node) -> None:
    """Report `!a.b`: it means `(!a).b`, which is null for any a."""
    first, *following = node["children"]
    while first["type"] in _BINDS_LOOSER:
        first = first["children"][0]
    if first["type"] == "not_expression" and following and "offset" in following[0]:
        error = ExpressionError(
            "E0306",
            "`!` applies only to the first name, so the whole path is always null",
            hint="write `!(a.b)`",
            offset=following[0]["offset"],
            length=following[0]["length"],
        )
        reading.mistakes.append(PathMistake(error))


def _index(_reading: _PathWalk, _node: Node, here: Here) -> Here:
    return element_shape(here)


def _same(_reading: _PathWalk, _node: Node, here: Here) -> Here:
    return here


def _projection(reading: _PathWalk, node: Node, here: Here) -> Here:
    element = element_shape(reading.infer(node["children"][0], here))
    for condition in node["children"][2:]:
        reading.infer(condition, element)
    result = reading.infer(node["children"][1], element)
    return replace(result, lists=result.lists + 1) if isinstance(result, PathShape) else None


def _flatten(reading: _PathWalk, node: Node, here: Here) -> Here:
    shape = reading.infer(node["children"][0], here)
    if not isinstance(shape, PathShape) or shape.lists == 0:
        return None
    return replace(shape, lists=max(1, shape.lists - 1))


def _function(reading: _PathWalk, node: Node, here: Here) -> Here:
    """Infer a call: arguments are read on the current value, `&` expressions on a list's elements."""
    arguments = node["children"]
    plain = [reading.infer(child, here) for child in arguments if child["type"] != "expref"]
    inner = [
        reading.infer(child["children"][0], element_shape(plain[0] if plain else None))
        for child in arguments
        if child["type"] == "expref"
    ]
    name = node["value"]
    if name in _KEEPS_SHAPE:
        return next((shape for shape in plain if isinstance(shape, PathShape)), None)
    if name == "map" and isinstance(inner[0], PathShape):
        return replace(inner[0], lists=inner[0].lists + 1)
    return element_shape(plain[0]) if name in _PICKS_ONE and plain else None


def _unknown(reading: _PathWalk, node: Node, here: Here) -> Here:
    """Infer operators and multi-selects: their parts are checked, the shape of the value is unknown."""
    if node["type"] != "slice":
        for child in node["children"]:
            reading.infer(child, here)
    return here if node["type"] == "slice" else None


def _values_of(reading: _PathWalk, node: Node, here: Here) -> Here:
    reading.infer(node["children"][0], here)
    return None


_BINDS_LOOSER = frozenset(("index_expression", "projection", "filter_projection", "flatten"))
_KEEPS_SHAPE = frozenset(("not_null", "reverse", "sort", "sort_by", "to_array"))
_PICKS_ONE = frozenset(("max_by", "min_by"))
_INFER: dict[str, Callable[[_PathWalk, Node, Here], Here]] = {
    "current": _same,
    "field": _field,
    "filter_projection": _projection,
    "flatten": _flatten,
    "function_expression": _function,
    "identity": _same,
    "index": _index,
    "index_expression": _chain,
    "pipe": _chain,
    "projection": _projection,
    "subexpression": _chain,
    "value_projection": _values_of,
}
