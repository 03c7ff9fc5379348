"""The check of keys, constants and entries of tables against the schemas of the records that they go into.

It follows what the files alone say: the keys of a body and of its lines, a literal, a branch of a condition,
a default, a setting, a column of a lookup's row. What an order decides is checked when the order is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ...findings.diagnostics import Place
from ...findings.fixes import fix_word
from ...language.places import list_countries
from ...language.templates.nodes import Attribute, ListDisplay, MapDisplay, Name, Node, Template
from ..files.nodes import Scalar
from ..record_schemas import (
    ADDRESS_NAMES,
    Mistake,
    RecordSchema,
    Schema,
    list_member_parts,
    list_root_parts,
    takes_kind,
)
from ..value_types.plan_types import PlanTypes
from ..value_types.value_type import scalar
from .expressions import Expressions
from .known_values import NOTHING, Flow, Known, Mentions
from .plan import Body, BodyList, BodyMap, Lines, Literal, Plan, TemplateAt

Path = tuple[str | int, ...]

_MOST_FINDINGS = 20
_KINDS: Mapping[str, object] = {"object": {}, "array": []}
# What a value of each kind is in JSON; a number may also be whole.
_JSON_KINDS: Mapping[str, tuple[str, ...]] = {
    "text": ("string",),
    "number": ("number", "integer"),
    "true or false": ("boolean",),
    "date": ("string",),
    "moment": ("string",),
    "record id": ("string",),
    "list": ("array",),
    "lines": ("array",),
    "map": ("object",),
}
_SAMPLES: Mapping[str, object] = {
    "string": "x",
    "number": 1,
    "boolean": True,
    "array": [],
    "object": {},
}
_TEXT = scalar("text")
_SETTING = re.compile(r"\bsettings\.(\w+)")
_LINES = "lines"
_ALL = "all"
# A text that is no state of any country.
_SOME_STATE = "?"


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place of a body: its path, the schemas of it, where it is written, and what may leave it out."""

    path: Path
    parts: tuple[Schema, ...]
    at: Scalar | None = None
    barred: Mentions = NOTHING


_LEAVE_OUT = "to leave the field out, write `{{ omit }}`, or remove it with `$remove`"


def check_constants(plan: Plan, types: PlanTypes, expressions: Expressions) -> None:
    """Report the keys, kinds, constants and entries of tables that the schema of a record refuses (E0810)."""
    flow = Flow.of(plan)
    reported: set[tuple[str, Place | None]] = set()
    for record in plan.records:
        if record.schema is not None and not flow.decides_against(record.condition):
            spot = _Spot(
                path=(),
                parts=list_root_parts(record.schema.schema),
                barred=flow.list_mentions(record.condition),
            )
            walk = _Walk(
                schema=record.schema,
                lines=plan.lines,
                flow=flow,
                types=types,
                expressions=expressions,
                free_country=_find_free_country(record.schema.schema),
                reported=reported,
            )
            walk.check(record.body, spot)
            if record.confirm is not None:
                walk.check(record.confirm, spot)


@dataclass(frozen=True, slots=True)
class _Walk:
    """The walk through the body of one record."""

    schema: RecordSchema
    lines: tuple[Lines, ...]
    flow: Flow
    types: PlanTypes
    expressions: Expressions
    free_country: str | None
    reported: set[tuple[str, Place | None]]

    def check(self, body: Body, spot: _Spot) -> None:
        """Check a part of a body and all parts in it."""
        if isinstance(body, BodyMap):
            self._check_map(body, spot)
        elif isinstance(body, BodyList):
            self._check_kind("array", spot)
            for item in body.items:
                self.check(item, self._member(spot, 0))
        elif isinstance(body, TemplateAt) and body.template.is_single:
            node = body.template.parts[0]
            assert not isinstance(node, str)
            self._check_node(body, node, replace(spot, at=body.at))
        else:
            self._check_leaf(body, spot)

    def _member(self, spot: _Spot, step: str | int, at: Scalar | None = None) -> _Spot:
        parts = list_member_parts(self.schema.schema, spot.parts, step)
        return _Spot(
            path=(*spot.path, step),
            parts=parts,
            at=at or spot.at,
            barred=spot.barred,
        )

    def _check_map(self, body: BodyMap, spot: _Spot) -> None:
        self._check_kind("object", spot)
        if not body.entries and spot.path:
            self._report(self._find_mistakes(spot.path, {}, "lack"), spot.at)
        keys = {key.text: key for key in body.keys}
        for name, entry in body.entries:
            inner = self._member(spot, name, keys.get(name))
            self._check_name(inner, spot)
            self.check(entry, inner)
        self._check_states(body, spot)

    def _check_node(self, body: TemplateAt, node: Node, spot: _Spot) -> None:
        """Check a template that is one expression: lines, a map or list written in it, or a value."""
        groups = self._find_groups(node)
        if groups:
            for group, barred in groups:
                entry = replace(self._member(spot, 0, group.at), barred=spot.barred | barred)
                self.check(group.body, entry)
        elif isinstance(node, MapDisplay):
            self._check_kind("object", spot)
            for name, inner in node.entries:
                member = self._member(spot, name)
                self._check_name(member, spot)
                self._check_node(body, inner, member)
        elif isinstance(node, ListDisplay):
            self._check_kind("array", spot)
            for inner in node.items:
                self._check_node(body, inner, self._member(spot, 0))
        else:
            self._check_leaf(TemplateAt(Template("", (node,)), body.at), spot)

    def _find_groups(self, node: Node) -> list[tuple[Lines, Mentions]]:
        """Return the groups of lines that an expression stands for, with what may leave a line out."""
        names: list[str] = []
        while isinstance(node, Attribute):
            names.insert(0, node.key)
            node = node.target
        if not names or not isinstance(node, Name) or node.name != _LINES:
            return []
        if names == [_ALL]:
            return list(self._list_groups(self.lines, NOTHING, is_deep=True))
        groups, barred = self.lines, NOTHING
        found: list[tuple[Lines, Mentions]] = []
        for name in names:
            found = [
                pair
                for pair in self._list_groups(groups, barred, is_deep=False)
                if pair[0].name == name
            ]
            groups, barred = (found[0][0].after, found[0][1]) if found else ((), NOTHING)
        return found

    def _list_groups(
        self, groups: tuple[Lines, ...], barred: Mentions, *, is_deep: bool
    ) -> Iterator[tuple[Lines, Mentions]]:
        for group in groups:
            if self.flow.decides_against(group.condition):
                continue
            own = barred | self.flow.list_mentions(group.condition)
            yield group, own
            if is_deep:
                yield from self._list_groups(group.after, own, is_deep=True)

    def _check_name(self, inner: _Spot, spot: _Spot) -> None:
        """Report a key that the schema does not know."""
        if not inner.parts and takes_kind(spot.parts, "object"):
            self._report(self._find_mistakes(inner.path, None, "name"), inner.at)

    def _check_kind(self, kind: str, spot: _Spot) -> None:
        """Report a map or a list where the schema takes none."""
        if spot.parts and not takes_kind(spot.parts, kind):
            self._report(self._find_mistakes(spot.path, _KINDS[kind], "value"), spot.at)

    def _check_leaf(self, leaf: Literal | TemplateAt, spot: _Spot) -> None:
        if isinstance(leaf, TemplateAt) and self._refuse_kind(leaf, spot):
            return
        refused = 0
        if isinstance(leaf, Literal) and leaf.value is None and leaf.at is not None:
            body = self._wrap_value(spot.path, None)
            mistakes = _select(self.schema.mistakes(body), spot.path, "value")
            self._report([replace(each, hint=_LEAVE_OUT) for each in mistakes], leaf.at)
        for known in self.flow.list_leaf_values(leaf, spot.barred):
            if refused >= _MOST_FINDINGS:
                return
            body = self._wrap_value(spot.path, known.value)
            if not self.schema.accepts(body):
                mistakes = _select(self.schema.mistakes(body), spot.path, "value")
                refused += self._report(mistakes, leaf.at, known.place)

    def _refuse_kind(self, leaf: TemplateAt, spot: _Spot) -> bool:
        """Report an expression of a kind that the schema never takes there; return whether it is one."""
        is_text = not leaf.template.is_single
        found = _TEXT if is_text else self.types.result(leaf.at, leaf.template.parts[0])
        kinds = [_JSON_KINDS[kind] for kind in sorted(found.kinds) if kind in _JSON_KINDS]
        if not kinds or not spot.parts:
            return False
        if any(takes_kind(spot.parts, each) for kind in kinds for each in kind):
            return False
        sample = _SAMPLES[kinds[0][0]]
        mistakes = self.schema.mistakes(self._wrap_value(spot.path, sample))
        related = () if found.at is None else ((found.at, f"{found.name} is declared here"),)
        return self._report(_select(mistakes, spot.path, "value"), leaf.at, related=related) > 0

    def _wrap_value(self, path: Path, value: object) -> object:
        """Return the body that has only this value; beside a state is a country that takes any state."""
        country = next((names[0] for names in ADDRESS_NAMES if names[1] == path[-1]), None)
        if country is None or self.free_country is None:
            return _wrap(path, value)
        return _wrap(path[:-1], {country: {"id": self.free_country}, str(path[-1]): value})

    def _check_states(self, body: BodyMap, spot: _Spot) -> None:
        """Report states without a country, and those that are not of the country beside them."""
        entries = dict(body.entries)
        if not any("statesOf" in part for part in spot.parts):
            return
        for country_name, state_name in ADDRESS_NAMES:
            state, country = entries.get(state_name), entries.get(country_name)
            if isinstance(country, BodyMap):
                country = dict(country.entries).get("id")
            if not isinstance(state, Literal | TemplateAt):
                continue
            at = next((key for key in body.keys if key.text == state_name), spot.at)
            if country_name not in entries:
                self._check_state({state_name: _SOME_STATE}, (*spot.path, state_name), at)
            elif isinstance(country, Literal | TemplateAt):
                for pair in self._list_pairs(country, state, spot.barred):
                    address = {country_name: pair[0].value, state_name: pair[1].value}
                    place = pair[1].place or pair[0].place
                    self._check_state(address, (*spot.path, state_name), state.at, place)

    def _list_pairs(
        self, country: Literal | TemplateAt, state: Literal | TemplateAt, barred: Mentions
    ) -> Iterator[tuple[Known, Known]]:
        """Yield the countries and states that stand together for certain."""
        is_fixed = any(self.flow.find_constant(each) is not None for each in (country, state))
        countries = list(self.flow.list_leaf_values(country, barred))
        for known in self.flow.list_leaf_values(state, barred):
            for other in countries:
                if is_fixed or (known.row is not None and known.row == other.row):
                    yield other, known

    def _check_state(
        self,
        address: Mapping[str, object],
        path: Path,
        at: Scalar | None,
        place: Place | None = None,
    ) -> None:
        body = _wrap(path[:-1], address)
        mistakes = () if self.schema.accepts(body) else self.schema.mistakes(body)
        self._report(_select(mistakes, path, "state"), at, place)

    def _find_mistakes(self, path: Path, value: object, about: str) -> list[Mistake]:
        return _select(self.schema.mistakes(_wrap(path, value)), path, about)

    def _report(
        self,
        mistakes: list[Mistake],
        at: Scalar | None,
        place: Place | None = None,
        related: tuple[tuple[Place, str], ...] = (),
    ) -> int:
        """Report each mistake once; return the number of new ones."""
        where = at.place if place is None and at is not None else place
        if where is None:
            return 0
        new = [each for each in mistakes if (each.message, where) not in self.reported]
        related += tuple(self._list_related(at, where)) if new else ()
        for mistake in new:
            self.reported.add((mistake.message, where))
            fix = fix_word(where, mistake.suggestion)
            report = self.expressions.report
            report("E0810", mistake.message, where, mistake.hint, fix, related=related)
        return len(new)

    def _list_related(self, at: Scalar | None, where: Place) -> Iterator[tuple[Place, str]]:
        """Yield the place of the template that sends a value of a table, or of the settings that it sends."""
        if at is None:
            return
        if at.place != where:
            yield at.place, "it is sent here"
            return
        for name in dict.fromkeys(_SETTING.findall(str(at.value))):
            if name in self.expressions.settings:
                yield self.expressions.settings[name], f"the setting `{name}` is here"


def _select(mistakes: Iterable[Mistake], path: Path, about: str) -> list[Mistake]:
    return [each for each in mistakes if each.path == path and each.about == about]


def _find_free_country(schema: Schema) -> str | None:
    """Return a country for which the schema lists no states."""
    parts = [schema, *schema.get("$defs", {}).values()]
    listed: Mapping[str, object] = next(
        (part["statesOf"] for part in parts if "statesOf" in part), {}
    )
    return next((country for country in list_countries() if not listed.get(country)), None)


def _wrap(path: Path, value: object) -> object:
    """Return the body that has only this value, at its path."""
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value
