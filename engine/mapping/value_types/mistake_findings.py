"""Mistakes that types show become findings, with the places that have to do with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...findings.diagnostics import Finding, Place, Severity
from ...findings.fixes import fix_word
from ...findings.quote import did_you_mean
from ...language.functions import OMIT
from ...language.templates.nodes import Call, Conditional, Constant, Logical, Node
from ..files.nodes import Scalar
from ..plan.expressions import Expressions
from ..plan.plan import Entries, Field, PathAt, Plan, Source, TemplateAt, Value
from ..plan.selection import Selection, load_newstore_schema
from ..plan.selection.neighbours import find_neighbour, list_fields
from ..plan.selection.select_field import fix_selection
from ..plan.selection.selection_tree import walk_selections
from .report import TypeMistake, describe_kinds, find_related
from .source_types import DECLARED, takes_kinds
from .value_type import MONEY, ValueType

# The role of a name in each block that templates reach as `block.name`.
_ROLES = {"settings": "setting", "lines": "line group", "records": "record"}


def report_mistakes(
    mistakes: Iterable[TypeMistake], at: Scalar, plan: Plan, expressions: Expressions
) -> None:
    """Add a finding for each mistake in the expression of a scalar."""
    for mistake in mistakes:
        place = at.place_at(mistake.offset, mistake.length)
        finding = Finding(
            code=mistake.code,
            message=mistake.message,
            place=place,
            hint=mistake.hint,
            severity=Severity.WARNING if mistake.code.startswith("W") else Severity.ERROR,
            related=mistake.related,
            fix=fix_word(place, mistake.suggestion),
        )
        if mistake.code == "E0308":
            _drop_unknown(place, expressions)
        if mistake.missing is None:
            expressions.findings.append(finding)
        else:
            _report_missing(finding, *mistake.missing, plan, expressions)


def _drop_unknown(place: Place, expressions: Expressions) -> None:
    """Take back that a name is unknown, where a text was meant and no name."""
    kept = [each for each in expressions.findings if (each.code, each.place) != ("E0207", place)]
    expressions.findings[:] = kept
    unknown = [each for each in expressions.unknown if each.finding.place != place]
    expressions.unknown[:] = unknown


def report_declaration(
    each: Field | Value, found: ValueType, at: Scalar, expressions: Expressions
) -> None:
    """Report a declared type that the value never has (E0511), and a value that may be absent (W0432)."""
    if each.type is not None and each.type in DECLARED and not takes_kinds(each.type, found):
        place = at.place if each.type_at is None else each.type_at.place
        message = f"{each.name} is declared {each.type}, and its value is {describe_kinds(found)}"
        fitting = [name for name in DECLARED if DECLARED[name] in found.kinds]
        hint = f"declare it {' or '.join(fitting)}, or name another value"
        related = ((at.place, "this gives the value"),)
        expressions.report("E0511", message, place, hint, related=related)
    if each.type in (None, "decimal") and isinstance(each, Field) and found.label == MONEY:
        place = at.place if each.type_at is None else each.type_at.place
        message = f"{found.name or 'the value'} is money, and {each.name} is not declared so"
        hint = "write `type: money`, so that it is added and rounded as an amount"
        expressions.report("W0251", message, place, hint)
    report_absence(each, found, expressions)


def report_null_variable(
    name: str, path: PathAt, found: ValueType, expressions: Expressions
) -> None:
    """Report a variable that the query requires and that may be null (W0432)."""
    if found.may_be_absent and found.is_known:
        called = found.name or "this"
        message = f"{called} may be absent, and the query requires ${name}"
        hint = "read a value that is always there, or declare the variable without `!`"
        expressions.report("W0432", message, path.at.place, hint)


def report_null(leaf: TemplateAt, found: ValueType, expressions: Expressions) -> None:
    """Report a value of a payload that may be absent: null is never sent (W0431)."""
    node = leaf.template.parts[0] if leaf.template.is_single else None
    is_absent = found.may_be_absent and found.is_known and not found.is_null
    if is_absent and node is not None and not isinstance(node, str) and not _may_omit(node):
        message = f"{found.name or 'the value'} may be absent, and null cannot be sent"
        hint = "leave the key out then: `| default(omit)`, or give another value"
        if found.empty_at is not None:
            hint = f"fill the empty cell in {found.empty_at.text.name}:{found.empty_at.line}"
        expressions.report("W0431", message, leaf.at.place, hint, related=find_related(found))


def _may_omit(node: Node) -> bool:
    """Return whether an expression says itself when it is left out."""
    if isinstance(node, Conditional):
        return _may_omit(node.yes) or _may_omit(node.no)
    if isinstance(node, Logical):
        return _may_omit(node.operands[-1])
    if isinstance(node, Call) and node.function.name == "default":
        return any(_may_omit(each) for each in node.arguments if each is not None)
    return isinstance(node, Constant) and node.value is OMIT


def report_absence(
    each: Field | Value | Entries, found: ValueType, expressions: Expressions
) -> None:
    """Report a value that may be absent, without a word about it (W0432)."""
    is_said = each.optional or (not isinstance(each, Value) and each.default is not None)
    if found.may_be_absent and found.is_known and not is_said:
        called = f"{each.name} ({found.name})" if found.name else each.name
        message = f"{called} may be absent, and then the order cannot be posted"
        hint = "if it may, give a `default`, or write `optional: true`"
        if isinstance(each, Value):
            hint = "if it may, write `optional: true`, or end the expression with `| default(…)`"
        expressions.report("W0432", message, each.at.place, hint)


def _report_missing(
    finding: Finding, here: ValueType, name: str, plan: Plan, expressions: Expressions
) -> None:
    """Add the finding about a member that does not exist: a name without definition, or a field not selected."""
    role = _find_role(here)
    if isinstance(here.origin, Selection):
        found = _explain_selection(finding, here.origin, name, plan, expressions)
        change = expressions.changes.find_lost_selection(name)
        message = f"the query is replaced here without {name}, which is still used"
        expressions.report_absence(found, change, message)
    elif role is None:
        expressions.findings.append(finding)
    else:
        block = here.source.partition(".")[0]
        change = expressions.changes.find_removal((block, name))
        called = f"{here.name}.{name}" if here.name else name
        expressions.note_undefined(role, name, finding, called, change)


def _find_role(here: ValueType) -> str | None:
    role = _ROLES.get(here.source.partition(".")[0])
    if role is not None:
        return role
    return "name" if any(isinstance(each.key, Scalar) for each in here.members.values()) else None


def _explain_selection(
    finding: Finding, selection: Selection, name: str, plan: Plan, expressions: Expressions
) -> Finding:
    """Add where in the query the field belongs; say so if NewStore has no such field."""
    source = _find_source(selection, plan)
    if source is None or source.query_at is None:
        return finding
    schema = expressions.parsed.schemas.newstore or load_newstore_schema()
    fields = list_fields(selection, schema)
    neighbour = find_neighbour(selection, name, schema)
    place = source.query_at.place_at(neighbour.offset, neighbour.length)
    if name in fields:
        hint = f"add it to the query, beside {neighbour.name} ({_short(place)})"
        related = ((place, f"select {name} here"), *_list_owner(selection, source))
        fix = fix_selection(selection, name, expressions.queries, schema)
        return replace(finding, hint=hint, related=related, fix=fix or finding.fix)
    if fields and finding.hint is not None and not finding.hint.startswith("did you mean"):
        selected = finding.hint.partition("; ")[2]
        otherwise = f"NewStore's {selection.type_name} has no {name}; {selected}"
        finding = replace(finding, hint=did_you_mean(name, fields, otherwise=otherwise))
    return replace(finding, related=((place, "this is what the query selects"),))


def _list_owner(selection: Selection, source: Source) -> tuple[tuple[Place, str], ...]:
    """Return the place of the selection to which a field belongs."""
    if source.query_at is None or not selection.length:
        return ()
    place = source.query_at.place_at(selection.offset, selection.length)
    return ((place, f"in {selection.name}"),)


def _find_source(selection: Selection, plan: Plan) -> Source | None:
    return next(
        (
            source
            for source in plan.sources
            if source.selection is not None
            and any(
                each is selection
                for each in (source.selection, *(s for _, s in walk_selections(source.selection)))
            )
        ),
        None,
    )


def _short(place: Place) -> str:
    return f"{place.text.name}:{place.line}"
