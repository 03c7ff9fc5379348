"""The shape of a query's answer, as a tree of selections. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ....findings.diagnostics import Finding, Place, Severity

_CONNECTION = "Connection"


@dataclass(frozen=True, slots=True)
class Selection:
    """One selected field, or the whole answer.

    `name` is its name in the schema (its parent knows the name in the
    answer), `type_name` its type without list and null; `children` are the
    selections within, by their names in the answer. `lists` counts the lists
    around one value, `is_money` says that it holds an amount, `paged` that a
    connection was given a page size, `takes` which of `first`, `offset` and
    `after` the schema knows for it;
    `offset` and `length` are where the field stands in the query.
    """

    name: str
    type_name: str
    children: Mapping[str, Selection] = field(default_factory=dict)
    lists: int = 0
    nullable: bool = True
    is_money: bool = False
    paged: bool = False
    takes: tuple[str, ...] = ()
    offset: int = 0
    length: int = 1

    @property
    def is_list(self) -> bool:
        """Whether it is a list of values."""
        return self.lists > 0

    @property
    def is_connection(self) -> bool:
        """Whether it is a page of entries."""
        return self.type_name.endswith(_CONNECTION)

    @property
    def tells_more(self) -> bool:
        """Whether an answer will say that entries were left out."""
        return any(
            inner.name == "hasNextPage"
            for child in self.children.values()
            if child.name == "pageInfo"
            for inner in child.children.values()
        )

    def child(self, name: str) -> Selection | None:
        """What is selected within, by its name in the answer."""
        return self.children.get(name)


def walk_selections(selection: Selection, path: str = "") -> Iterator[tuple[str, Selection]]:
    """Every selection within, with its dotted path in the answer."""
    for name, child in selection.children.items():
        inner = f"{path}.{name}" if path else name
        yield inner, child
        yield from walk_selections(child, inner)


def check_page_sizes(
    selection: Selection, place_at: Callable[[int, int], Place] | None = None
) -> tuple[Finding, ...]:
    """A warning (W1004) for every connection whose entries could be cut short unseen.

    NewStore documents no default page size: a connection is safe when it asks
    for one and for `pageInfo { hasNextPage }`, which `truncated` looks at.
    `place_at` turns an offset and a length in the query into a place.
    """
    return tuple(
        Finding(
            "W1004",
            _hazard(path, child),
            place_at(child.offset, child.length) if place_at else None,
            hint=f"write {child.name}(first: 100) {{ pageInfo {{ hasNextPage }} … }}",
            severity=Severity.WARNING,
        )
        for path, child in walk_selections(selection)
        if child.is_connection and not (child.paged and child.tells_more)
    )


def _hazard(path: str, connection: Selection) -> str:
    if connection.paged:
        return f"{path} does not say whether entries were left out"
    return f"{path} has no page size"
