"""Names that are misspelled where they are defined, and definitions that nothing uses.

A name without a definition, and a definition of nearly this name without a use, are one mistake. With several uses
it is the definition's; with a single use nobody can tell which of both is meant, and both are named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from ...findings.diagnostics import Finding, Place, Severity
from ...findings.quote import is_one_slip, nearest, quoted
from ..files.nodes import MapNode, Node, Scalar, entries_of, list_scalars
from ..plan.expressions import Expressions, UnknownName
from ..plan.plan import Plan
from ..plan.selection.selection_tree import walk_selections
from .plan_types import PlanTypes

_MOST_USES = 5
# A similarity at which payment_itm is payment_item misspelled, but discounts is another name than discount_tax.
_ALIKE = 0.86
# The runtime itself reads this field: it is the currency of all amounts.
_READ_BY_THE_RUNTIME = frozenset(("currency",))


@dataclass(frozen=True, slots=True)
class Definition:
    """A name and the place where it is defined; `role` says what it names."""

    role: str
    name: str
    place: Place
    is_used: bool = False


def blame_definitions(
    node: MapNode, plan: Plan, types: PlanTypes, expressions: Expressions
) -> tuple[Definition, ...]:
    """Report names misspelled where they are defined (E0240), in place of the findings about their uses.

    Return the other definitions.
    """
    defined = [
        Definition(
            role=role, name=key.text, place=key.place, is_used=_is_used(role, key, plan, types)
        )
        for role, key in _list_keys(node)
    ]
    unused = [each for each in defined if not each.is_used]
    uses: dict[tuple[str, str], list[UnknownName]] = {}
    for unknown in expressions.unknown:
        uses.setdefault((unknown.role, unknown.name), []).append(unknown)
    blamed: set[int] = set()
    for (role, name), found in uses.items():
        candidates = {each.name: each for each in unused if each.role == role}
        near = None if name in candidates else _find_near(name, candidates)
        if near is None:
            _add_blocks(node, [each.finding for each in found], role, expressions)
        else:
            _blame(candidates[near], name, [each.finding for each in found], expressions)
            blamed.add(id(candidates[near]))
    kept = (each for each in defined if id(each) not in blamed)
    return (*kept, *_list_selected(plan, types))


def _find_near(name: str, candidates: Iterable[str]) -> str | None:
    known = list(candidates)
    slips = [each for each in known if is_one_slip(name, each)]
    return slips[0] if len(slips) == 1 else nearest(name, known)


def _add_blocks(
    node: MapNode, findings: list[Finding], role: str, expressions: Expressions
) -> None:
    """Add to findings about names without a definition the blocks where such names are defined."""
    for finding in findings:
        blocks = [entry.key for entry in node.entries if _BLOCKS.get(entry.name) == role]
        if role == "name" and finding.place is not None:
            blocks = _find_inner_blocks(node, finding.place) or blocks
        related = tuple((key.place, f"{role}s are defined under `{key.text}`") for key in blocks)
        for index, each in enumerate(expressions.findings):
            if each is finding:
                expressions.findings[index] = replace(each, related=(*each.related, *related))


def _find_inner_blocks(node: MapNode, place: Place) -> list[Scalar]:
    """Return the keys `fields` and `values` of the list field in which a place is; none for another place."""
    for entry in entries_of(node.get("fields")):
        inner = [each.key for each in entries_of(entry.value) if each.name in ("fields", "values")]
        if inner and any(_holds(scalar, place) for scalar in list_scalars(entry.value)):
            return inner
    return []


def _holds(scalar: Scalar, place: Place) -> bool:
    start, end = scalar.span
    return scalar.place.text is place.text and start <= place.offset < end


def _blame(
    definition: Definition, name: str, findings: list[Finding], expressions: Expressions
) -> None:
    """Report one misspelled definition; a single use keeps its own finding, and names the definition."""
    place = definition.place
    kept = [each for each in expressions.findings if not any(each is one for one in findings)]
    if len(findings) == 1:
        words = f"{quoted(definition.name)} is defined here, and nothing uses it"
        again = replace(findings[0], related=(*findings[0].related, (place, words)))
        expressions.findings[:] = [*kept, again]
        return
    expressions.findings[:] = kept
    uses = tuple(
        (each.place, "it is used here") for each in findings[:_MOST_USES] if each.place is not None
    )
    expressions.findings.append(
        Finding(
            code="E0240",
            message=f"nothing uses the {definition.role} {quoted(definition.name)}, "
            f"and {quoted(name)} is not defined",
            place=place,
            hint=f"did you mean {name}? it is used in {len(findings)} places",
            related=uses,
        )
    )


def report_unused(
    definitions: Iterable[Definition], tenant: str, own: Collection[str]
) -> Iterator[Finding]:
    """Yield a warning (W0241) for each definition in a tenant's `own` texts that none of its mappings uses."""
    for definition in _list_unused(definitions, own):
        if definition.role in _WARNED:
            yield _unused_finding(definition, f"delete it, or use it in a mapping of {tenant}")


def report_near(definitions: Iterable[Definition], own: Collection[str]) -> Iterator[Finding]:
    """Yield a warning (W0241) for each definition in a tenant's `own` texts that seems to be another, misspelled.

    It is used by no mapping of the tenant, and nearly has the name of one that is there as well.
    """
    found = [each for each in definitions if each.role != _SELECTED]
    names: dict[str, set[str]] = {}
    for each in found:
        names.setdefault(each.role, set()).add(each.name)
    for definition in _list_unused(found, own):
        others = names[definition.role] - {definition.name}
        near = get_close_matches(definition.name, others, 1, _ALIKE)
        if near:
            yield _unused_finding(definition, f"did you mean {near[0]}?")


def _list_unused(definitions: Iterable[Definition], own: Collection[str]) -> Iterator[Definition]:
    """Return the definitions in `own` texts that no mapping uses, each once for all mappings."""
    found = list(definitions)
    used = {each.place for each in found if each.is_used}
    unused = {each.place: each for each in found if each.place not in used}
    return (each for place, each in unused.items() if place.text.name in own)


def _unused_finding(definition: Definition, hint: str) -> Finding:
    return Finding(
        code="W0241",
        message=f"nothing uses the {definition.role} {quoted(definition.name)}",
        place=definition.place,
        hint=hint,
        severity=Severity.WARNING,
    )


def _list_keys(node: MapNode) -> Iterator[tuple[str, Scalar]]:
    """Yield the keys that define a name, each with the role of the name."""
    for block, role in _ROLES.items():
        for entry in entries_of(node.get(block)):
            yield role, entry.key
            if block == "fields":
                yield from _list_entry_members(entry.value)
    yield from _list_groups(node.get("lines"))


def _list_entry_members(node: Node) -> Iterator[tuple[str, Scalar]]:
    for block in ("fields", "values"):
        inner = node.get(block) if isinstance(node, MapNode) else None
        for entry in entries_of(inner):
            yield "name", entry.key


def _list_groups(node: Node | None) -> Iterator[tuple[str, Scalar]]:
    for entry in entries_of(node):
        yield "line group", entry.key
        if isinstance(entry.value, MapNode):
            yield from _list_groups(entry.value.get("after"))


def _list_selected(plan: Plan, types: PlanTypes) -> Iterator[Definition]:
    """Yield the single values that the tenant's own queries select; those of a page are read by the runtime."""
    for source in plan.sources:
        if source.selection is None or source.query_at is None:
            continue
        if f"/{plan.tenant}/" not in f"/{source.query_at.place.text.name}":
            continue  # nothing is said of shared queries, and places in them take time
        for path, selection in walk_selections(source.selection):
            if not selection.children and "pageInfo" not in path.split("."):
                yield Definition(
                    role=_SELECTED,
                    name=path.rpartition(".")[2],
                    place=source.query_at.place_at(selection.offset, selection.length),
                    is_used=id(selection) in types.read,
                )


def _is_used(role: str, key: Scalar, plan: Plan, types: PlanTypes) -> bool:
    name = key.text
    if role == "lookup":
        return name in types.lookups
    if role == "retry rule":
        rule = plan.retry.get(name)
        named = {source.absent for source in plan.sources}
        named |= {condition.otherwise for condition in plan.conditions}
        return name in named | _IMPLIED_RULES or rule is None or bool(rule.on)
    if name in _READ_BY_THE_RUNTIME:
        return True
    return id(key) in types.read


# A record is used by being written, and a line group by standing in a record, which is checked elsewhere.
_SELECTED = "selected field"
_WARNED = frozenset(("name", "lookup", "retry rule", _SELECTED))
_IMPLIED_RULES: frozenset[str] = frozenset(("lookup_missing", "not_ready"))
_ROLES: Mapping[str, str] = {
    "settings": "setting",
    "fields": "name",
    "values": "name",
    "lookups": "lookup",
    "records": "record",
    "retry": "retry rule",
}
# The roles of the blocks of a mapping; the groups of lines are within each other.
_BLOCKS: Mapping[str, str] = {**_ROLES, "lines": "line group"}
