"""Why a value is what it is: a graph of steps that ends in values of the sources. Pure data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from ...findings.diagnostics import Place


class Role(IntEnum):
    """How a cause takes part in a value; the smaller the number, the closer."""

    VALUE = 0  # the value is made of it
    DECIDES = 1  # it decides which value is taken
    POSITION = 2  # it decides which entries stand before, and so the number in the list


class StepKind(StrEnum):
    """The part of a mapping that a step is about."""

    TEMPLATE = "template"
    CONSTANT = "constant"
    VALUE = "value"
    FIELD = "field"
    LOOKUP = "lookup"
    SETTING = "setting"
    TENANT = "tenant"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class LineageStep:
    """One step: what was evaluated, in which words, where it is written, and the value that it gave.

    `trail` is the path of its entry in the mapping, for the overlay that won.
    """

    kind: StepKind
    name: str
    text: str
    place: Place | None
    value: object
    trail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceValue:
    """A value of a source at a concrete path, such as `order.items.edges[0].node.tax`; null where absent.

    A container stands for its size, or for the absence of an entry.
    """

    path: str
    value: object
    is_container: bool = False
    is_absent: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Cause:
    """A node of the graph: the causes it comes from, and the step or source value that it is, if any."""

    inputs: tuple[tuple[Role, Cause], ...] = ()
    step: LineageStep | SourceValue | None = None


NOTHING = Cause()


def join_causes(*causes: Cause) -> Cause:
    """Return one cause for several that the value is made of."""
    found = tuple(dict.fromkeys(cause for cause in causes if cause is not NOTHING))
    if len(found) < 2:
        return found[0] if found else NOTHING
    return Cause(tuple((Role.VALUE, cause) for cause in found))


def weaken(role: Role, cause: Cause) -> Cause:
    """Return a cause that takes part in another role."""
    return NOTHING if cause is NOTHING else Cause(((role, cause),))


def add_step(step: LineageStep, *causes: Cause) -> Cause:
    """Return the cause that a step is, made of other causes."""
    return Cause(tuple((Role.VALUE, cause) for cause in causes if cause is not NOTHING), step)


def walk_causes(cause: Cause) -> Iterator[tuple[Role, Cause]]:
    """Yield every cause in the graph once, with the closest role that it has."""
    waiting: dict[Role, list[Cause]] = {role: [] for role in Role}
    waiting[Role.VALUE].append(cause)
    seen: set[int] = set()
    for level in Role:
        while waiting[level]:
            found = waiting[level].pop()
            if id(found) in seen:
                continue
            seen.add(id(found))
            yield level, found
            for role, inner in found.inputs:
                waiting[max(level, role)].append(inner)


def list_sources(cause: Cause) -> Mapping[SourceValue, Role]:
    """Return the source values in a graph, each with the closest role that it has, by path."""
    found: dict[str, tuple[SourceValue, Role]] = {}
    for role, each in walk_causes(cause):
        if isinstance(each.step, SourceValue):
            found.setdefault(each.step.path, (each.step, role))
    return {source: role for source, role in found.values()}  # noqa: C416 - of values
