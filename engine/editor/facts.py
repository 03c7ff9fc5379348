"""What an editor knows of one compiled mapping: where its texts are read, and which types their names have. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..mapping.files.nodes import ListNode, Node, Scalar
from ..mapping.files.nodes import MapNode as Map
from ..mapping.kept_work import KeptMapping
from ..mapping.record_schemas import RecordSchema
from ..mapping.value_types.plan_types import Observed
from ..mapping.value_types.source_types import type_live, type_row
from ..mapping.value_types.value_type import ANYTHING, ValueType
from .flow import LIST_STEP

Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MappingFacts:
    """A compiled mapping of a tenant; `scopes` are its texts as observed, by their dotted paths."""

    tenant: str
    name: str
    kept: KeptMapping
    scopes: Mapping[Steps, Observed]

    def scope(self, path: Steps, *, is_path: bool) -> ValueType:
        """Return the type of what a text at a path is read on; for a new text, that of its nearest neighbour."""
        exact = self.scopes.get(path)
        if exact is not None and exact.is_path == is_path:
            return exact.here
        best, found = (1, -len(path)), None
        for steps, observed in self.scopes.items():
            # The last of several neighbours has the names of all before it.
            nearness = _count_shared(steps, path), -abs(len(steps) - len(path))
            if observed.is_path == is_path and nearness >= best:
                best, found = nearness, observed.here
        return self._outermost(is_path=is_path) if found is None else found

    def _outermost(self, *, is_path: bool) -> ValueType:
        types = self.kept.compiled.types
        return ValueType(members=types.roots if is_path else types.names)

    def lookup(self, name: str, count: int) -> ValueType:
        """Return the type of a lookup's values. Raise ExpressionError for another number of keys."""
        draft = self.kept.compiled.draft
        table = draft.tables.get(name)
        if table is not None:
            return type_row(table, count)
        live = next((each for each in draft.live_lookups if each.name == name), None)
        return ANYTHING if live is None else type_live(live)

    def lookup_names(self) -> tuple[str, ...]:
        """Return the names of all lookups."""
        draft = self.kept.compiled.draft
        return (*draft.tables, *(each.name for each in draft.live_lookups))

    def record_schema(self, record: str) -> RecordSchema | None:
        """Return the schema of a record of the mapping, by the record's name."""
        kind = self.scalar_at(("records", record, "record"))
        return None if kind is None else self.kept.schemas.record(str(kind.value))

    def node_at(self, path: Steps) -> Map | None:
        """Return the map at a path of the merged mapping; None for another value, and where there is none."""
        node: Node | None = self.kept.loaded.node
        for step in path:
            node = node.get(step) if isinstance(node, Map) else None
        return node if isinstance(node, Map) else None

    def scalar_at(self, path: Steps) -> Scalar | None:
        """Return the scalar at a path of the merged mapping."""
        above = self.node_at(path[:-1])
        found = None if above is None else above.get(path[-1])
        return found if isinstance(found, Scalar) else None

    def names_in(self, block: str) -> tuple[str, ...]:
        """Return the names that a block of the mapping declares, such as those of `records`."""
        node = self.node_at((block,))
        return () if node is None else node.keys()


def gather_facts(tenant: str, name: str, kept: KeptMapping) -> MappingFacts:
    """Return the facts of a mapping as it was last compiled."""
    paths = {id(scalar): path for path, scalar in list_scalars(kept.loaded.node)}
    # A template may be read several times, a loop once in each group: the last scope has the most names.
    scopes = {
        paths[id(each.at)]: each for each in kept.compiled.types.observed if id(each.at) in paths
    }
    return MappingFacts(tenant=tenant, name=name, kept=kept, scopes=scopes)


def list_scalars(node: Node, path: Steps = ()) -> Iterator[tuple[Steps, Scalar]]:
    """Yield every value of a tree that is a scalar, with the keys down to it."""
    waiting: list[tuple[Steps, Node]] = [(path, node)]
    while waiting:
        steps, each = waiting.pop()
        if isinstance(each, Scalar):
            yield steps, each
        elif isinstance(each, ListNode):
            waiting += [((*steps, LIST_STEP), item) for item in reversed(each.items)]
        else:
            waiting += [((*steps, entry.name), entry.value) for entry in reversed(each.entries)]


def _count_shared(one: Steps, other: Steps) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
