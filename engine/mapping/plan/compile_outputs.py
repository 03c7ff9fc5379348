"""Compiling what an order becomes: `lines`, `records` and `checks`."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

from ...findings.quote import quoted
from ..files.nodes import Entry, ListNode, MapNode, Node, Scalar, entries_of
from .expressions import RESERVED, Expressions, is_template
from .plan import (
    Body,
    BodyMap,
    Check,
    Find,
    Lines,
    Literal,
    Record,
    TemplateAt,
    TransformOrigin,
)
from .write_rules import FROM, check_write_rules

# customerDeposit is no slip of customer; salesOrdr is one of salesOrder.
_NEARLY = 0.85
_LOOP = re.compile(r"\s*([a-z_][a-z0-9_]*)\s+in\s+(?=\S)")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")

_SUM = 'as in `"{{ lines.item | stored }}"`, or 0'
_CHECK = "`terms` is for a sum, `equal` for two numbers, `holds` for a condition"
_RECORD = "as in `record: salesOrder` and `write: create`"


def compile_lines(
    node: Node | None, expressions: Expressions, names: Collection[str]
) -> tuple[Lines, ...]:
    """The groups of lines, in order."""
    return tuple(_lines(entry, expressions, frozenset(names)) for entry in entries_of(node))


def compile_records(
    node: Node | None, expressions: Expressions, names: Collection[str]
) -> tuple[Record, ...]:
    """The records, in order; each may use the ones before it."""
    records: list[Record] = []
    for entry in entries_of(node):
        expressions.inner["records"] = frozenset(record.name for record in records)
        record = _record(entry, expressions, frozenset(names) | {"records", "lines"})
        if record is not None:
            records.append(record)
    expressions.inner["records"] = frozenset(record.name for record in records)
    return tuple(records)


def compile_checks(
    node: Node | None, expressions: Expressions, names: Collection[str], records: Collection[str]
) -> tuple[Check, ...]:
    """The checks, in order; each may use the ones before it."""
    seen = frozenset(names) | {"body", "lines", "checks"}
    checks: list[Check] = []
    for entry in entries_of(node):
        expressions.inner["checks"] = frozenset(check.name for check in checks)
        check = _check(entry, expressions, seen, tuple(records))
        if check is not None:
            checks.append(check)
    expressions.inner["checks"] = frozenset(check.name for check in checks)
    return tuple(checks)


def compile_confirm(
    node: Node | None, expressions: Expressions, names: Collection[str]
) -> dict[str, Body]:
    """What each record is confirmed by; compiled last, because it may use the checks."""
    seen = frozenset(names) | {"body", "lines", "checks", "records"}
    return {
        entry.name: expressions.body(confirm, seen)
        for entry in entries_of(node)
        if isinstance(entry.value, MapNode) and (confirm := entry.value.get("confirm")) is not None
    }


def _lines(entry: Entry, expressions: Expressions, names: frozenset[str]) -> Lines:
    block = entry.value
    assert isinstance(block, MapNode)
    variable, entries = _loop(block.get("for"), expressions, names)
    inner = names | {variable} if variable else names
    body = block.get("body")
    if not isinstance(body, MapNode):
        message = f"the lines {quoted(entry.name)} have no `body`"
        expressions.complain("E0203", message, entry.key.place, "it says what each line holds")
    stored = block.get("stored")
    return Lines(
        entry.name,
        entry.key,
        variable,
        entries,
        expressions.expression(block.get("if"), inner),
        -1 if isinstance(stored, Scalar) and stored.value == "negated" else 1,
        expressions.body(body, inner) if body is not None else BodyMap(()),
        tuple(_lines(after, expressions, inner) for after in entries_of(block.get("after"))),
    )


def _loop(
    node: Node | None, expressions: Expressions, names: frozenset[str]
) -> tuple[str | None, TemplateAt | None]:
    if not isinstance(node, Scalar):
        return None, None
    loop = _LOOP.match(str(node.value))
    if loop is None:
        message = f"{quoted(str(node.value))} is not a loop"
        expressions.complain(
            "E0220", message, node.place, "write `line in items`, in small letters"
        )
        return None, None
    if loop[1] in RESERVED:
        message = f"{quoted(loop[1])} is a name of the language"
        expressions.complain("E0219", message, node.place, "choose another name")
    return loop[1], expressions.expression(node, names, loop.end())


def _record(entry: Entry, expressions: Expressions, names: frozenset[str]) -> Record | None:
    block = entry.value
    assert isinstance(block, MapNode)
    kind, write = block.get("record"), block.get("write")
    if not (isinstance(kind, Scalar) and isinstance(write, Scalar)):
        message = f"record {quoted(entry.name)} needs `record` and `write`"
        expressions.complain("E0203", message, entry.key.place, _RECORD)
        return None
    check_write_rules(entry, block, str(write.value), expressions)
    _warn_of_type(kind, expressions)
    body = block.get("body")
    if (
        isinstance(body, MapNode)
        and body.get("externalId") is not None
        and block.get("external_id")
    ):
        message = f"record {quoted(entry.name)} has an `external_id` and a body with another one"
        expressions.complain("E0206", message, entry.key.place, "leave `externalId` to erpmap")
    return Record(
        name=entry.name,
        at=entry.key,
        record=str(kind.value),
        schema=expressions.parsed.schemas.record(str(kind.value)),
        write=str(write.value),
        condition=expressions.expression(block.get("if"), names),
        external_id=expressions.template(block.get("external_id"), names),
        find=_find(block.get("find"), expressions, names),
        origin=_origin(block.get("from"), expressions, names),
        match=tuple(
            (e.name, str(e.value.value))
            for e in entries_of(block.get("match"))
            if isinstance(e.value, Scalar)
        ),
        landed=expressions.expression(block.get("landed"), names | {"found"}),
        serialize=expressions.template(block.get("serialize"), names),
        earlier=_earlier(block.get("earlier"), expressions, names),
        body=expressions.body(body, names) if body is not None else BodyMap(()),
        confirm=None,
    )


def _warn_of_type(kind: Scalar, expressions: Expressions) -> None:
    """A type of record without a schema may be right; one that is nearly another is a slip."""
    known = expressions.parsed.schemas.record_types()
    near = get_close_matches(str(kind.value), known, 1, _NEARLY)
    if near and near[0] != kind.value:
        message = (
            f"{quoted(str(kind.value))} is no type of record known here; its fields are not checked"
        )
        expressions.complain("W0225", message, kind.place, f"did you mean {near[0]}?")


def _earlier(
    node: Node | None, expressions: Expressions, names: frozenset[str]
) -> tuple[tuple[str, TemplateAt], ...]:
    found = ((e.name, expressions.template(e.value, names)) for e in entries_of(node))
    return tuple((name, template) for name, template in found if template is not None)


def _find(node: Node | None, expressions: Expressions, names: frozenset[str]) -> Find | None:
    if not isinstance(node, Scalar):
        return None
    text = str(node.value)
    found = (
        (match[1], expressions.named_in_text(node, match[1], match.start(1), names))
        for match in _PLACEHOLDER.finditer(text)
    )
    parameters = {name: template for name, template in found if template is not None}
    if not parameters:
        message = "the query finds the same record for every order"
        expressions.complain(
            "E0221", message, node.place, "put values into it, as `{customer_email}`"
        )
    return Find(text, tuple(parameters.items()))


def _origin(
    node: Node | None, expressions: Expressions, names: frozenset[str]
) -> TransformOrigin | None:
    if not isinstance(node, MapNode):
        return None
    kind = node.get("record")
    ids = [key for key in ("id", "external_id") if node.get(key) is not None]
    if len(ids) != 1:
        message = "`from` needs exactly one of `id` and `external_id`"
        expressions.complain("E0206", message, node.place, FROM)
    return TransformOrigin(
        str(kind.value) if isinstance(kind, Scalar) else "",
        expressions.template(node.get("id"), names),
        expressions.template(node.get("external_id"), names),
    )


def _check(
    entry: Entry, expressions: Expressions, names: frozenset[str], records: tuple[str, ...]
) -> Check | None:
    block = entry.value
    assert isinstance(block, MapNode)
    terms, equal, summary = block.get("terms"), block.get("equal"), block.get("summary")
    if sum(block.get(kind) is not None for kind in ("terms", "equal", "holds")) != 1:
        message = f"check {quoted(entry.name)} needs exactly one of `terms`, `equal` and `holds`"
        expressions.complain("E0206", message, entry.key.place, _CHECK)
        return None
    sides = (
        [_number(item, expressions, names) for item in equal.items]
        if isinstance(equal, ListNode)
        else []
    )
    sums_to = block.get("sums_to")
    return Check(
        entry.name,
        entry.key,
        _record_of(block.get("of"), expressions, records),
        tuple((e.name, _number(e.value, expressions, names)) for e in entries_of(terms)),
        None if sums_to is None else _number(sums_to, expressions, names),
        (sides[0], sides[1]) if len(sides) == 2 else None,
        expressions.expression(block.get("holds"), names),
        str(summary.value) if isinstance(summary, Scalar) else None,
    )


def _number(node: Node, expressions: Expressions, names: frozenset[str]) -> TemplateAt | Literal:
    """A template or a number as written."""
    leaf = expressions.leaf(node, names)
    if isinstance(leaf, Literal) and not is_template(node) and not _is_number(leaf.value):
        expressions.complain("E0205", "this is neither a number nor a template", node.place, _SUM)
    return leaf


def _is_number(value: object) -> bool:
    return not isinstance(value, bool | str | None.__class__)


def _record_of(node: Node | None, expressions: Expressions, records: tuple[str, ...]) -> str | None:
    if isinstance(node, Scalar):
        if str(node.value) not in records:
            message = f"there is no record {quoted(str(node.value))}"
            expressions.complain("E0211", message, node.place, "records: " + ", ".join(records))
        return str(node.value)
    return None
