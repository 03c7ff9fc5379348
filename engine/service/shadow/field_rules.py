"""The rule of a mapping that gives a field of a payload: its path in the YAML, and its place. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...mapping.files.nodes import Scalar
from ...mapping.plan import Body, BodyMap, Lines, Literal, Plan, TemplateAt
from .line_shapes import holds_lines


@dataclass(frozen=True, slots=True)
class FieldRule:
    """A path such as `lines.item.body.rate`, and a place such as `dodici/sales_order.yaml:12`, or None."""

    path: str
    at: str | None


def find_record_rule(plan: Plan, record: str, path: str) -> FieldRule:
    """Return the rule for a field of a record; `path` is within the payload, empty for the record."""
    where = f"records.{record}.{path}" if path else f"records.{record}"
    found = next((found for found in plan.records if found.name == record), None)
    if found is None:
        return FieldRule(where, None)
    head, _, inner = path.partition(".")
    if head == "external_id" and found.external_id is not None:
        return FieldRule(where, _show(found.external_id.at))
    body = {"body": found.body, "confirm": found.confirm}.get(head)
    return FieldRule(where, _show(_find_nearest(body, inner.split("."), found.at)))


def is_list_of_lines(plan: Plan, record: str, path: str) -> bool:
    """Whether a list of a record, as `body.item.items[]`, holds the mapping's lines as they are."""
    found = next((found for found in plan.records if found.name == record), None)
    if found is None or not path.startswith("body."):
        return False
    parts = path.removeprefix("body.").removesuffix("[]").split(".")
    return holds_lines(_find_nearest(found.body, parts, found.at).text)


def find_line_rule(plan: Plan, group: str, path: str) -> FieldRule:
    """Return the rule for a field of a group's lines; `path` is empty for a line as a whole."""
    for where, lines in _walk_groups(plan.lines, "lines"):
        if lines.name == group:
            if not path:
                return FieldRule(where, _show(lines.at))
            at = _find_nearest(lines.body, path.split("."), lines.at)
            return FieldRule(f"{where}.body.{path}", _show(at))
    return FieldRule(f"lines.{group}", None)


def _walk_groups(groups: Sequence[Lines], under: str) -> Iterator[tuple[str, Lines]]:
    for group in groups:
        where = f"{under}.{group.name}"
        yield where, group
        yield from _walk_groups(group.after, f"{where}.after")


def _find_nearest(body: Body | None, path: Sequence[str], otherwise: Scalar) -> Scalar:
    """Return the scalar that was written nearest to a path: a template may give a whole map."""
    if isinstance(body, TemplateAt):
        return body.at
    if isinstance(body, Literal) and body.at is not None:
        return body.at
    if isinstance(body, BodyMap) and path:
        keys = dict(zip((key for key, _ in body.entries), body.keys, strict=False))
        inner = dict(body.entries).get(path[0])
        if inner is not None:
            return _find_nearest(inner, path[1:], keys.get(path[0], otherwise))
    return otherwise


def _show(at: Scalar) -> str:
    return f"{at.place.text.name}:{at.place.line}"
