"""The compiler of the outputs of an order: `lines`, `records` and `checks`."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from difflib import get_close_matches

from ...findings.quote import quoted, suggest
from ...language.templates import find_names
from ..files.nodes import Entry, ListNode, MapNode, Node, Scalar, entries_of
from .expressions import RESERVED, Expressions, MissingName, is_template
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

# A similarity at which salesOrdr is a misspelling of salesOrder, but customerDeposit is not one of customer.
_NEARLY = 0.85
_LOOP = re.compile(r"\s*([a-z_][a-z0-9_]*)\s+in\s+(?=\S)")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")

_SUM = 'as in `"{{ lines.item | stored }}"`, or 0'
_CHECK = "use `terms` for a sum, `equal` for two numbers, `holds` for a condition"
_PULL = "pull it from the account, as in `erpmap schema pull TENANT --netsuite`"
_RECORD = "as in `record: salesOrder` and `write: create`"


def compile_lines(
    node: Node | None, expressions: Expressions, names: Collection[str]
) -> tuple[Lines, ...]:
    """Compile the groups of lines, in order."""
    return tuple(
        _compile_line_group(entry, expressions, frozenset(names)) for entry in entries_of(node)
    )


def compile_records(
    node: Node | None, expressions: Expressions, names: Collection[str]
) -> tuple[Record, ...]:
    """Compile the records, in order; each may use the records before it."""
    records: list[Record] = []
    for entry in entries_of(node):
        record = _compile_record(entry, expressions, frozenset(names) | {"records", "lines"})
        if record is not None:
            records.append(record)
    return tuple(records)


def compile_checks(
    node: Node | None, expressions: Expressions, names: Collection[str], records: Collection[str]
) -> tuple[Check, ...]:
    """Compile the checks, in order; each may use the checks before it."""
    seen = frozenset(names) | {"body", "lines", "checks"}
    checks: list[Check] = []
    for entry in entries_of(node):
        check = _compile_check(entry, expressions, seen, tuple(records))
        if check is not None:
            checks.append(check)
    return tuple(checks)


def compile_confirm(
    node: Node | None, expressions: Expressions, names: Collection[str]
) -> dict[str, Body]:
    """Compile `confirm` of each record; it comes last, because it may use the checks."""
    seen = frozenset(names) | {"body", "lines", "checks", "records"}
    return {
        entry.name: expressions.body(confirm, seen)
        for entry in entries_of(node)
        if isinstance(entry.value, MapNode) and (confirm := entry.value.get("confirm")) is not None
    }


def _compile_line_group(entry: Entry, expressions: Expressions, names: frozenset[str]) -> Lines:
    block = entry.value
    assert isinstance(block, MapNode)
    variable, entries = _compile_loop(block.get("for"), expressions, names)
    inner = names | {variable} if variable else names
    body = block.get("body")
    if not isinstance(body, MapNode):
        message = f"the lines {quoted(entry.name)} have no `body`"
        expressions.report(
            "E0203", message, entry.key.place, "`body` holds the fields of each line"
        )
    stored = block.get("stored")
    return Lines(
        name=entry.name,
        at=entry.key,
        variable=variable,
        entries=entries,
        condition=expressions.expression(block.get("if"), inner),
        sign=-1 if isinstance(stored, Scalar) and stored.value == "negated" else 1,
        body=expressions.body(body, inner) if body is not None else BodyMap(()),
        after=tuple(
            _compile_line_group(after, expressions, inner)
            for after in entries_of(block.get("after"))
        ),
    )


def _compile_loop(
    node: Node | None, expressions: Expressions, names: frozenset[str]
) -> tuple[str | None, TemplateAt | None]:
    if not isinstance(node, Scalar):
        return None, None
    loop = _LOOP.match(str(node.value))
    if loop is None:
        message = f"{quoted(str(node.value))} is not a loop"
        expressions.report(
            "E0220", message, node.place, "write it as `line in items`, in lower case"
        )
        return None, None
    if loop[1] in RESERVED:
        message = f"{quoted(loop[1])} is a name of the language"
        expressions.report("E0219", message, node.place, "choose another name")
    return loop[1], expressions.expression(node, names, loop.end())


def _compile_record(entry: Entry, expressions: Expressions, names: frozenset[str]) -> Record | None:
    block = entry.value
    assert isinstance(block, MapNode)
    kind, write = block.get("record"), block.get("write")
    if not (isinstance(kind, Scalar) and isinstance(write, Scalar)):
        message = f"record {quoted(entry.name)} needs `record` and `write`"
        expressions.report("E0203", message, entry.key.place, _RECORD)
        return None
    check_write_rules(entry, block, str(write.value), expressions)
    _warn_of_type(kind, expressions)
    body = block.get("body")
    if (
        isinstance(body, MapNode)
        and body.get("externalId") is not None
        and block.get("external_id")
    ):
        message = f"record {quoted(entry.name)} has an `external_id`, and its body an `externalId`"
        hint = "delete `externalId`: erpmap sets it from `external_id`"
        expressions.report("E0206", message, entry.key.place, hint)
    return Record(
        name=entry.name,
        at=entry.key,
        record=str(kind.value),
        schema=expressions.parsed.schemas.record(str(kind.value)),
        write=str(write.value),
        condition=expressions.expression(block.get("if"), names),
        external_id=expressions.template(block.get("external_id"), names),
        find=_compile_find(block.get("find"), expressions, names),
        origin=_compile_origin(block.get("from"), expressions, names),
        match=tuple(
            (e.name, str(e.value.value))
            for e in entries_of(block.get("match"))
            if isinstance(e.value, Scalar)
        ),
        landed=expressions.expression(block.get("landed"), names | {"found"}),
        serialize=expressions.template(block.get("serialize"), names),
        earlier=_compile_earlier(block.get("earlier"), expressions, names),
        body=expressions.body(body, names) if body is not None else BodyMap(()),
        confirm=None,
    )


def _warn_of_type(kind: Scalar, expressions: Expressions) -> None:
    """Warn of a record type without schema, above all if its name is nearly that of a known type."""
    known = expressions.parsed.schemas.record_types()
    near = get_close_matches(str(kind.value), known, 1, _NEARLY)
    if near and near[0] != kind.value:
        message = (
            f"{quoted(str(kind.value))} is not a known record type; its fields are not checked"
        )
        expressions.report("W0225", message, kind.place, f"did you mean {near[0]}?")
    elif not near and str(kind.value) not in known:
        message = f"{quoted(str(kind.value))} has no schema here: its fields are not checked"
        expressions.report("W0234", message, kind.place, _PULL)


def _compile_earlier(
    node: Node | None, expressions: Expressions, names: frozenset[str]
) -> tuple[tuple[str, TemplateAt], ...]:
    found = ((e.name, expressions.template(e.value, names)) for e in entries_of(node))
    return tuple((name, template) for name, template in found if template is not None)


def _compile_find(
    node: Node | None, expressions: Expressions, names: frozenset[str]
) -> Find | None:
    if not isinstance(node, Scalar):
        return None
    text = str(node.value)
    found = (
        (match[1], expressions.compile_dotted_name(node, match[1], match.start(1), names))
        for match in _PLACEHOLDER.finditer(text)
    )
    parameters = {name: template for name, template in found if template is not None}
    if not parameters:
        message = "the query finds the same record for every order"
        expressions.report(
            "E0221", message, node.place, "put a value into it, as in `{customer_email}`"
        )
    return Find(text, tuple(parameters.items()))


def _compile_origin(
    node: Node | None, expressions: Expressions, names: frozenset[str]
) -> TransformOrigin | None:
    if not isinstance(node, MapNode):
        return None
    kind = node.get("record")
    ids = [key for key in ("id", "external_id") if node.get(key) is not None]
    if len(ids) != 1:
        message = "`from` needs exactly one of `id` and `external_id`"
        expressions.report("E0206", message, node.place, FROM)
    return TransformOrigin(
        str(kind.value) if isinstance(kind, Scalar) else "",
        expressions.template(node.get("id"), names),
        expressions.template(node.get("external_id"), names),
    )


def _compile_check(
    entry: Entry, expressions: Expressions, names: frozenset[str], records: tuple[str, ...]
) -> Check | None:
    block = entry.value
    assert isinstance(block, MapNode)
    terms, equal, summary = block.get("terms"), block.get("equal"), block.get("summary")
    if sum(block.get(kind) is not None for kind in ("terms", "equal", "holds")) != 1:
        message = f"check {quoted(entry.name)} needs exactly one of `terms`, `equal` and `holds`"
        expressions.report("E0206", message, entry.key.place, _CHECK)
        return None
    sides = (
        [_compile_number(item, expressions, names) for item in equal.items]
        if isinstance(equal, ListNode)
        else []
    )
    sums_to = block.get("sums_to")
    check = Check(
        name=entry.name,
        at=entry.key,
        of=_read_record_name(block.get("of"), expressions, records),
        terms=tuple(
            (e.name, _compile_number(e.value, expressions, names)) for e in entries_of(terms)
        ),
        sums_to=None if sums_to is None else _compile_number(sums_to, expressions, names),
        equal=(sides[0], sides[1]) if len(sides) == 2 else None,
        holds=expressions.expression(block.get("holds"), names),
        summary=str(summary.value) if isinstance(summary, Scalar) else None,
    )
    return replace(check, reads_lines=_reads_lines(check))


def _reads_lines(check: Check) -> bool:
    """Return whether a check computes with lines, which must all be in its record then."""
    sides = [*(term for _, term in check.terms), check.sums_to, *(check.equal or ())]
    names = (find_names(side.template) for side in sides if isinstance(side, TemplateAt))
    return any(name.name == "lines" for found in names for name in found)


def _compile_number(
    node: Node, expressions: Expressions, names: frozenset[str]
) -> TemplateAt | Literal:
    """Compile a template, or a number as written."""
    leaf = expressions.leaf(node, names)
    if isinstance(leaf, Literal) and not is_template(node) and not _is_number(leaf.value):
        expressions.report("E0205", "this is neither a number nor a template", node.place, _SUM)
    return leaf


def _is_number(value: object) -> bool:
    return not isinstance(value, bool | str | None.__class__)


def _read_record_name(
    node: Node | None, expressions: Expressions, records: tuple[str, ...]
) -> str | None:
    if isinstance(node, Scalar):
        name = str(node.value)
        if name not in records:
            suggestion = suggest(name, records, otherwise="records: " + ", ".join(records))
            missing = MissingName(
                role="record", code="E0211", what=f"record {quoted(name)}", suggestion=suggestion
            )
            expressions.report_undefined(missing, node.place, ("records", name))
        return name
    return None
