"""What the page about a tenant says, gathered from its plans as plain data. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from ...documents import write_json
from ...findings.diagnostics import Place
from ...mapping.load import LoadedTenant
from ...mapping.lookups import Table
from ...mapping.plan import Plan, Record
from ...mapping.plan.plan import (
    AnyField,
    Body,
    Check,
    Entries,
    Field,
    FieldChoice,
    Lines,
    Literal,
    RetryRule,
    TemplateAt,
)
from .describe import describe_template
from .lineage import Lineage, key_of, list_leaves, trace_plan
from .lineage_svg import draw_lineage

_MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing and the rule that gives its value: in words, as written, and where."""

    name: str
    words: str
    written: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """What is written to NetSuite for one record."""

    name: str
    record: str
    write: str
    condition: str
    external_id: str
    rules: tuple[Rule, ...]
    drawing: Markup


@dataclass(frozen=True, slots=True)
class GroupPage:
    """A group of lines: for which entries it has a line, when, and what stands in it."""

    name: str
    entries: str
    condition: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class CheckPage:
    """A check: what it adds up or requires, and what the author says of it."""

    name: str
    summary: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class TablePage:
    """A lookup table with its rows as texts; `left_out` counts those that are not shown."""

    name: str
    origin: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class MappingPage:
    """What the page says of one mapping."""

    name: str
    version: str
    event: str
    when: str
    sources: tuple[Rule, ...]
    conditions: tuple[Rule, ...]
    records: tuple[RecordPage, ...]
    groups: tuple[GroupPage, ...]
    checks: tuple[CheckPage, ...]
    fields: tuple[Rule, ...]
    values: tuple[Rule, ...]
    settings: tuple[Rule, ...]
    tables: tuple[TablePage, ...]
    retry: tuple[Rule, ...]


def describe_tenant(loaded: LoadedTenant) -> tuple[MappingPage, ...]:
    """Return what the page says of each mapping of a tenant without errors."""
    return tuple(_describe_plan(plan) for plan in loaded.plans)


def _describe_plan(plan: Plan) -> MappingPage:
    lineage = trace_plan(plan)
    return MappingPage(
        name=plan.name,
        version=plan.version,
        event=plan.trigger.event,
        when="" if plan.trigger.when is None else plan.trigger.when.path.text,
        sources=tuple(_list_sources(plan)),
        conditions=tuple(
            Rule(
                name=each.name,
                words=f"until then the retry rule {each.otherwise} applies",
                written=each.check.path.text,
                place=str(each.check.at.place),
            )
            for each in plan.conditions
        ),
        records=tuple(_describe_record(record, lineage) for record in plan.records),
        groups=tuple(page for group in plan.lines for page in _list_groups(group, "")),
        checks=tuple(map(_describe_check, plan.checks)),
        fields=tuple(rule for each in plan.fields for rule in _list_fields(each, "")),
        values=tuple(_describe(each.name, each.template) for each in plan.values),
        settings=tuple(
            Rule(name, "" if value is None else write_json(value), "")
            for name, value in plan.settings.items()
        ),
        tables=tuple(map(_describe_table, plan.tables.values())),
        retry=tuple(map(_describe_rule, plan.retry.values())),
    )


def _describe(name: str, body: Body | None) -> Rule:
    if isinstance(body, TemplateAt):
        return Rule(
            name=name,
            words=describe_template(body.template),
            written=body.template.text,
            place=str(body.at.place),
        )
    value = body.value if isinstance(body, Literal) else None
    at: Place | None = body.at.place if isinstance(body, Literal) and body.at is not None else None
    return Rule(
        name=name,
        words=f"always {write_json(value)}",
        written=write_json(value),
        place="" if at is None else str(at),
    )


def _words(template: TemplateAt | None) -> str:
    return "" if template is None else describe_template(template.template)


def _list_sources(plan: Plan) -> Iterator[Rule]:
    for source in plan.sources:
        kind = "NewStore's GraphQL API" if source.graphql is not None else "a REST API of NewStore"
        when = "" if source.when is None else f", only if {source.when.path.text}"
        written = source.graphql or (source.rest.template.text if source.rest is not None else "")
        yield Rule(
            name=source.name,
            words=f"fetched from {kind}{when}",
            written=written,
            place=str(source.at.place),
        )


def _describe_record(record: Record, lineage: Lineage) -> RecordPage:
    leaves = list(list_leaves(record.body))
    return RecordPage(
        name=record.name,
        record=record.record,
        write=record.write,
        condition=_words(record.condition),
        external_id=_words(record.external_id),
        rules=tuple(_describe(path, leaf) for path, leaf in leaves),
        drawing=draw_lineage(lineage, [key_of(record, path) for path, _ in leaves]),
    )


def _list_groups(group: Lines, prefix: str) -> Iterator[GroupPage]:
    name = f"{prefix}{group.name}"
    yield GroupPage(
        name=name,
        entries=""
        if group.entries is None
        else f"each {group.variable} in {_words(group.entries)}",
        condition=_words(group.condition),
        rules=tuple(_describe(path, leaf) for path, leaf in list_leaves(group.body)),
    )
    for after in group.after:
        yield from _list_groups(after, f"{name} → ")


def _describe_check(check: Check) -> CheckPage:
    rules = [_describe(name, term) for name, term in check.terms]
    if check.sums_to is not None:
        rules.append(_describe("the sum must be", check.sums_to))
    rules += [_describe("these must be equal", side) for side in check.equal or ()]
    if check.holds is not None:
        rules.append(_describe("this must hold", check.holds))
    return CheckPage(name=check.name, summary=check.summary or "", rules=tuple(rules))


def _list_fields(each: AnyField, prefix: str) -> Iterator[Rule]:
    name, place = f"{prefix}{each.name}", str(each.at.place)
    if isinstance(each, FieldChoice):
        for option in each.options:
            when = "otherwise" if option.when is None else f"if {option.when.path.text}"
            for rule in _list_fields(option.field, prefix):
                yield replace(rule, name=name, words=f"{when}: {rule.words}")
    elif isinstance(each, Entries):
        words = "a list, with an entry for each of these"
        yield Rule(name=name, words=words, written=each.each.path.text, place=place)
        for inner in each.fields:
            yield from _list_fields(inner, f"{name}[].")
        yield from (_describe(f"{name}[].{value.name}", value.template) for value in each.values)
    else:
        written = each.path.path.text
        yield Rule(name=name, words=_describe_type(each), written=written, place=place)


def _describe_type(each: Field) -> str:
    words = each.type or "as it is"
    if each.default is not None:
        return f"{words}; {write_json(each.default.value)} where there is none"
    return f"{words}; may be missing" if each.optional else words


def _describe_table(table: Table) -> TablePage:
    listed = [
        row
        for patterns in table.patterns.values()
        for each in patterns
        for row in each.rows.values()
    ]
    listed.sort(key=lambda row: (row.number, row.key))
    inner = [row.value for row in listed if isinstance(row.value, Mapping)]
    columns = list(dict.fromkeys(str(name) for value in inner for name in value))
    keys = table.keys or tuple(f"key {at + 1}" for at in range(max(table.patterns)))
    rows = [(*_pad(row.key, len(keys)), *_cells(row.value, columns)) for row in listed[:_MOST_ROWS]]
    return TablePage(
        name=table.name,
        origin=str(table.origin.place),
        columns=(*keys, *(columns or ["value"])),
        rows=tuple(rows),
        left_out=max(0, len(listed) - _MOST_ROWS),
    )


def _pad(key: tuple[str, ...], count: int) -> tuple[str, ...]:
    return (*key, *("" for _ in range(count - len(key))))


def _cells(value: object, columns: list[str]) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return tuple(_text(value.get(name)) for name in columns)
    return (_text(value), *("" for _ in columns[1:]))


def _text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else write_json(value)


def _describe_rule(rule: RetryRule) -> Rule:
    waits = ", ".join(f"{wait:,} s" for wait in rule.wait) or "no retry"
    most = "" if rule.limit is None else f", for at most {rule.limit:,} s"
    words = f"waits {waits}{most}, then {rule.then}; NewStore is answered {rule.respond}"
    return Rule(rule.name, words, ", ".join(rule.on))
