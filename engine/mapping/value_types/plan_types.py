"""The types of everything in a plan, in the order in which a run computes it; mistakes that they show are reported.

`infer_types` walks the plan once: sources, conditions, fields, values, lookups, lines, records, checks. Whatever
could not be compiled has its finding already, and is anything here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ...findings.quote import nearest
from ...language.templates.nodes import Node as TemplateNode
from ..files.nodes import Node, Scalar, entries_of
from ..lookups import NO_DEFAULT, key_text
from ..lookups.find import find_patterns
from ..plan.expressions import Expressions
from ..plan.plan import (
    AnyField,
    Body,
    BodyList,
    BodyMap,
    Check,
    Entries,
    Field,
    FieldChoice,
    Lines,
    Literal,
    PathAt,
    Plan,
    Record,
    Source,
    TemplateAt,
    Value,
)
from ..plan.selection import list_variables
from .known_sources import type_event, type_query, type_rest
from .mistake_findings import (
    report_absence,
    report_declaration,
    report_mistakes,
    report_null,
    report_null_variable,
)
from .path_presence import narrow
from .path_types import check_path
from .report import describe_kinds
from .source_types import type_declared, type_live, type_row, type_value
from .template_types import TemplateScope, check_template
from .value_type import (
    ANYTHING,
    LINES,
    LIST,
    NUMBER,
    RECORD_ID,
    Knowledge,
    ValueType,
    list_of,
    map_of,
    scalar,
    unite,
)

_TRUTH_TYPE = "boolean"
_ALL_LINES = "all"


@dataclass(frozen=True, slots=True)
class Observed:
    """Where an expression is read: its scalar, and the type of the value, or of all names, that it starts from."""

    at: Scalar
    here: ValueType
    is_path: bool
    result: ValueType


@dataclass(slots=True)
class PlanTypes:
    """The types of a plan.

    `roots` are those of paths, `names` those of templates outside of loops. `observed` has every expression in
    the order of the walk. `result` gives the type of a part of a template. `read` has the ids of the keys
    of all values that anything reads, `lookups` the names of the tables in use.
    """

    roots: dict[str, ValueType] = field(default_factory=dict)
    names: dict[str, ValueType] = field(default_factory=dict)
    observed: list[Observed] = field(default_factory=list)
    results: dict[tuple[int, int], ValueType] = field(default_factory=dict)
    read: set[int] = field(default_factory=set)
    lookups: set[str] = field(default_factory=set)

    def result(self, at: Scalar, node: TemplateNode | str) -> ValueType:
        """Return the type of a node of the template in a scalar; anything, if it was not walked."""
        return self.results.get((id(at), id(node)), ANYTHING)


def infer_types(plan: Plan, settings: Node | None, expressions: Expressions) -> PlanTypes:
    """Return the types of a plan; report what they show: E0204, E0208, E0304, E0307 and the others of the walks.

    `settings` is the block that declares the mapping's settings.
    """
    walk = _PlanWalk(plan, {entry.name: entry.key for entry in entries_of(settings)}, expressions)
    walk.walk_inputs()
    walk.walk_names()
    walk.walk_outputs()
    return walk.types


@dataclass(slots=True)
class _PlanWalk:
    """The walk through one plan; `rows` are the types of lookups, by name and number of keys."""

    plan: Plan
    settings: Mapping[str, Scalar]
    expressions: Expressions
    types: PlanTypes = field(default_factory=PlanTypes)
    rows: dict[tuple[str, int], ValueType] = field(default_factory=dict)

    def walk_inputs(self) -> None:
        """Type the event, the tenant, the settings, each source, and what is asked of them."""
        plan, roots = self.plan, self.types.roots
        own = self.expressions.parsed.schemas.documents
        roots["event"] = type_event(plan.trigger.event, own)
        trigger_root = _roots({"event": roots["event"]})
        self.path(plan.trigger.when, trigger_root, is_condition=True)
        if plan.trigger.when is not None:
            trigger_root = narrow(plan.trigger.when.path.tree, trigger_root)
            roots["event"] = trigger_root.members["event"]
        self.path(plan.trigger.identity, trigger_root)
        roots["tenant"] = type_value(plan.tenant_facts, "tenant", "tenant")
        roots["settings"] = self._type_settings()
        for source in plan.sources:
            self._walk_source(source)
        for condition in plan.conditions:
            self.path(condition.check, self._root(), is_condition=True)

    def _type_settings(self) -> ValueType:
        members = {
            name: replace(
                type_value(value, f"settings.{name}", "settings"), key=self.settings.get(name)
            )
            for name, value in self.plan.settings.items()
        }
        return map_of(members, name="settings", source="settings")

    def _walk_source(self, source: Source) -> None:
        own = self.expressions.parsed.schemas.documents
        root = self._root()
        self.path(source.when, root, is_condition=True)
        required = {} if source.selection is None else list_variables(str(source.graphql))
        for name, path in source.variables:
            found = self.path(path, root)
            if required.get(name):
                report_null_variable(name, path, found, self.expressions)
        if source.rest is not None:
            self.template(source.rest, dict(self.types.roots))
        whole = ANYTHING if source.rest is None else type_rest(source.rest.template, own)
        whole = whole if source.selection is None else type_query(source.selection)
        found = whole if source.select is None else self.path(source.select, whole)
        found = found if found.name else found.called(source.name)
        self.types.roots[source.name] = found.optional(is_absent=False)

    def _root(self) -> ValueType:
        return _roots(self.types.roots)

    def walk_names(self) -> None:
        """Type fields, values and lookups, in this order."""
        names = self.types.names
        names |= {name: self.types.roots[name] for name in ("settings", "tenant")}
        root = self._root()
        for each in self.plan.fields:
            names[each.name] = self._type_field(each, root)
        self._walk_values(self.plan.values, names)
        for lookup in self.plan.live_lookups:
            self.path(lookup.keys, _roots(names))

    def _type_field(self, each: AnyField, here: ValueType) -> ValueType:
        if isinstance(each, FieldChoice):
            options: list[ValueType] = []
            for option in each.options:
                self.path(option.when, here, is_condition=True)
                options.append(self._type_field(option.field, here))
            return replace(unite(options), name=each.name, key=each.at, at=each.at.place)
        if isinstance(each, Entries):
            return self._type_entries(each, here)
        found = self.path(each.path, here, is_condition=each.type == _TRUTH_TYPE)
        return self._declare(each, found, each.path.at)

    def _declare(self, each: Field | Value, found: ValueType, at: Scalar) -> ValueType:
        """Return the type of a field or value after its conversion; report what does not fit its declaration."""
        report_declaration(each, found, at, self.expressions)
        default = each.default if isinstance(each, Field) else None
        declared = type_declared(each.type, found, each.name)
        decided = each.at if each.type_at is None else each.type_at
        is_absent = each.optional and default is None
        return replace(declared, may_be_absent=is_absent, key=each.at, at=decided.place)

    def _type_entries(self, each: Entries, here: ValueType) -> ValueType:
        whole = self.path(each.each, here)
        report_absence(each, whole, self.expressions)
        element = whole.entry or ANYTHING
        joined = {
            join.name: self._type_join(join.source, join.on, element, here) for join in each.joins
        }
        if joined and element.is_known:
            element = replace(element, members={**element.members, **joined})
        own = {inner.name: self._type_field(inner, element) for inner in each.fields}
        scope = {**self.types.names, **own}
        self._walk_values(each.values, scope)
        own |= {value.name: scope[value.name] for value in each.values}
        members = {name: member.called(f"{each.name}[].{name}") for name, member in own.items()}
        entry = map_of(members, name=f"{each.name}[]", source=each.name)
        entry = replace(entry, at=each.at.place)
        found = list_of(entry, name=each.name, label="list")
        is_absent = each.optional and each.default is None
        return replace(found, may_be_absent=is_absent, key=each.at, at=each.at.place)

    def _type_join(
        self, source: PathAt, on: PathAt, element: ValueType, here: ValueType
    ) -> ValueType:
        """Return the type of a joined entry, which is absent where none has the same key."""
        self.path(on, element)
        entry = self.path(source, here).entry or ANYTHING
        self.path(on, entry)
        return entry.optional()

    def _walk_values(self, values: Iterable[Value], names: dict[str, ValueType]) -> None:
        """Type values in order, and add them to the names."""
        for value in values:
            found = self.template(value.template, names)
            names[value.name] = self._declare(value, found, value.template.at)

    def walk_outputs(self) -> None:
        """Type lines, records, checks and confirmations."""
        names = dict(self.types.names)
        groups = {group.name: self._type_group(group, names) for group in self.plan.lines}
        entries = [each.entry for group in self.plan.lines for each in _flatten(groups[group.name])]
        known = unite(each for each in entries if each is not None) if entries else ANYTHING
        every = _group(known, f"lines.{_ALL_LINES}")
        names["lines"] = map_of({**groups, _ALL_LINES: every}, name="lines", source="lines")
        bodies: dict[str, ValueType] = {}
        written: dict[str, ValueType] = {}
        for record in self.plan.records:
            names["records"] = map_of(dict(written), name="records", source="records")
            bodies[record.name] = self._walk_record(record, names)
            identity = scalar(RECORD_ID, name=f"records.{record.name}.id")
            found = map_of({"id": identity}, name=f"records.{record.name}", source="this record")
            written[record.name] = replace(found, key=record.at)
        names["records"] = map_of(written, name="records", source="records")
        self._walk_checks(bodies, names)

    def _walk_checks(self, bodies: dict[str, ValueType], names: dict[str, ValueType]) -> None:
        last = next(reversed(bodies), "")
        before = {name: kind for name, kind in names.items() if name != "records"}
        done: dict[str, ValueType] = {}
        for check in self.plan.checks:
            scope = {
                **before,
                "body": bodies.get(check.of or last, ANYTHING),
                "checks": map_of(dict(done), name="checks", source="checks"),
            }
            done[check.name] = self._walk_check(check, scope)
        for record in self.plan.records:
            if record.confirm is not None:
                checks = map_of(done, name="checks", source="checks")
                body = bodies.get(record.name, ANYTHING)
                self.body(record.confirm, {**names, "body": body, "checks": checks})

    def _walk_check(self, check: Check, scope: Mapping[str, ValueType]) -> ValueType:
        name = f"checks.{check.name}"
        sides = [*(term for _, term in check.terms), check.sums_to, *(check.equal or ())]
        for side in sides:
            if isinstance(side, TemplateAt):
                self._need_number(side, self.template(side, scope))
        if check.holds is not None:
            self.template(check.holds, scope)
            return ANYTHING.called(name)
        terms = {term: scalar(NUMBER) for term, _ in check.terms} or {check.name: scalar(NUMBER)}
        inner = map_of(terms, name=f"{name}.terms", source=name)
        return map_of({"sum": scalar(NUMBER), "terms": inner}, name=name, source=name)

    def _need_number(self, side: TemplateAt, found: ValueType) -> None:
        if found.is_known and not found.may_be(NUMBER):
            what = describe_kinds(found)
            message = f"a term is a number, and this is {what}"
            self.expressions.report(
                "E0802", message, side.at.place, "convert a text with `| number`"
            )

    def _type_group(
        self, group: Lines, names: Mapping[str, ValueType], path: str = "lines"
    ) -> ValueType:
        scope = dict(names)
        if group.entries is not None:
            found = self.template(group.entries, scope)
            self._need_list(group.entries, found)
            if group.variable is not None:
                entry = found.entry or ANYTHING
                scope[group.variable] = entry.called(group.variable).optional(is_absent=False)
        if group.condition is not None:
            self.template(group.condition, scope)
        name = f"{path}.{group.name}"
        entry = self.body(group.body, scope).called(name)
        after = {each.name: self._type_group(each, scope, name) for each in group.after}
        return replace(_group(entry, name), members=after, key=group.at)

    def _need_list(self, entries: TemplateAt, found: ValueType) -> None:
        if found.is_known and not found.may_be(LIST, LINES):
            what = describe_kinds(found)
            message = f"a loop runs over a list, and this is {what}"
            self.expressions.report("E0708", message, entries.at.place, "name a field with `each`")

    def _walk_record(self, record: Record, names: Mapping[str, ValueType]) -> ValueType:
        """Type everything of a record; return the type of its body."""
        origin = record.origin
        for template in (
            record.condition,
            record.external_id,
            record.serialize,
            *(template for _, template in record.earlier),
            *(() if record.find is None else (each for _, each in record.find.parameters)),
            *(() if origin is None else (origin.id, origin.external_id)),
        ):
            if template is not None:
                self.template(template, names)
        if record.landed is not None:
            self.template(record.landed, {**names, "found": ANYTHING})
        return self.body(record.body, names).called("body")

    def body(self, body: Body, names: Mapping[str, ValueType]) -> ValueType:
        """Return the type of a payload tree, or of a part of it."""
        found = self._type_body(body, names)
        self._mark_all(found)
        return found

    def _type_body(self, body: Body, names: Mapping[str, ValueType]) -> ValueType:
        if isinstance(body, BodyMap):
            members = {name: self.body(each, names) for name, each in body.entries}
            found = map_of(members, name="body", source="body")
            return found.optional(is_absent=all(each.may_be_absent for each in members.values()))
        if isinstance(body, BodyList):
            return list_of(unite([self.body(each, names) for each in body.items] or [ANYTHING]))
        if isinstance(body, Literal):
            return type_value(body.value)
        found = self.template(body, names)
        report_null(body, found, self.expressions)
        return found

    def path(
        self, path: PathAt | None, here: ValueType, *, is_condition: bool = False
    ) -> ValueType:
        """Return the type of a path's value on `here`; report its mistakes."""
        if path is None:
            return ANYTHING
        found, mistakes = check_path(
            path.path, here, is_condition=is_condition, observe=self._note_read
        )
        report_mistakes(mistakes, path.at, self.plan, self.expressions)
        self.types.observed.append(Observed(at=path.at, here=here, is_path=True, result=found))
        return found

    def template(self, template: TemplateAt, names: Mapping[str, ValueType]) -> ValueType:
        """Return the type of a template's value over `names`; report its mistakes."""
        scope = TemplateScope(names, self._lookup, self._list_missing)
        at = template.at

        def keep(node: TemplateNode, found: ValueType) -> None:
            self.types.results[id(at), id(node)] = found
            self._mark(found)

        found, mistakes = check_template(template.template, scope, keep=keep)
        report_mistakes(mistakes, at, self.plan, self.expressions)
        here = map_of(names)
        self.types.observed.append(Observed(at=at, here=here, is_path=False, result=found))
        return found

    def _note_read(self, _offset: int, _length: int, found: ValueType, _here: ValueType) -> None:
        self._mark(found)

    def _mark_all(self, found: ValueType) -> None:
        """Mark everything in a value that goes out as a whole."""
        waiting = [found]
        while waiting:
            each = waiting.pop()
            self._mark(each)
            if each.known is Knowledge.ALL and not each.is_only(LINES):
                waiting += each.members.values()
            waiting += [] if each.entry is None or each.is_only(LINES) else [each.entry]

    def _mark(self, found: ValueType) -> None:
        if found.key is not None:
            self.types.read.add(id(found.key))

    def _list_missing(
        self, name: str, count: int, position: int, texts: frozenset[str]
    ) -> list[str]:
        """Return the texts for which a table has no row where they are its key at a position.

        Where a row takes any text, only one that is nearly a key of another row counts.
        """
        table = self.plan.tables.get(name)
        if table is None or table.options.default is not NO_DEFAULT or table.options.prefix:
            return []
        fold = table.options.ignore_case
        known: set[str] = set()
        takes_any = False
        for pattern in find_patterns(table, count):
            if position in pattern.exact:
                index = pattern.exact.index(position)
                known |= {cells[index] for cells in pattern.rows}
            else:
                takes_any = True
        missing = sorted(text for text in texts if key_text(text, ignore_case=fold) not in known)
        return [text for text in missing if not takes_any or nearest(text, known)]

    def _lookup(self, name: str, count: int) -> ValueType:
        self.types.lookups.add(name)
        table = self.plan.tables.get(name)
        if table is not None:
            if (name, count) not in self.rows:
                self.rows[name, count] = type_row(table, count)
            return self.rows[name, count]
        live = next((each for each in self.plan.live_lookups if each.name == name), None)
        return ANYTHING if live is None else type_live(live)


def _roots(names: Mapping[str, ValueType]) -> ValueType:
    """Return the type of what a path starts from; a name that does not exist has its finding already."""
    return map_of(names, known=Knowledge.NOTHING)


def _group(entry: ValueType, name: str) -> ValueType:
    return ValueType(kinds=frozenset((LINES,)), name=name, label="lines", source=name, entry=entry)


def _flatten(group: ValueType) -> Iterable[ValueType]:
    yield group
    for inner in group.members.values():
        yield from _flatten(inner)
