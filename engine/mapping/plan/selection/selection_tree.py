"""The shape of a query's answer, as a tree of selections. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ....findings.diagnostics import Finding, Place, Severity

_CONNECTION = "Connection"


@dataclass(frozen=True, slots=True)
class Selection:
    """One selected field, or the whole answer.

    `name` is its name in the schema (its name in the answer is a key of its
    parent's `children`), `type_name` its type without list and null; `children`
    are the selections within, by their names in the answer. `lists` is the number
    of lists around one value; `is_money` is true for an amount, `words` are the values
    of an enumeration, `paged` for a
    connection with a page size; `takes` lists which of `first`, `offset` and
    `after` the schema has for it; `offset` and `length` are its place in the query.
    """

    name: str
    type_name: str
    children: Mapping[str, Selection] = field(default_factory=dict)
    lists: int = 0
    nullable: bool = True
    is_money: bool = False
    words: tuple[str, ...] = ()
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
    def shows_next_page(self) -> bool:
        """Whether the answer shows that entries were left out."""
        return any(
            inner.name == "hasNextPage"
            for child in self.children.values()
            if child.name == "pageInfo"
            for inner in child.children.values()
        )

    def child(self, name: str) -> Selection | None:
        """Return a selection within, by its name in the answer."""
        return self.children.get(name)


def walk_selections(selection: Selection, path: str = "") -> Iterator[tuple[str, Selection]]:
    """Yield every selection within, with its dotted path in the answer."""
    for name, child in selection.children.items():
        inner = f"{path}.{name}" if path else name
        yield inner, child
        yield from walk_selections(child, inner)


def check_page_sizes(
    selection: Selection, place_at: Callable[[int, int], Place] | None = None
) -> tuple[Finding, ...]:
    """Return a warning (W1004) for every connection that could be truncated unnoticed.

    NewStore documents no default page size: a connection is safe when the query has
    a page size and selects `pageInfo { hasNextPage }`, which `find_truncated` reads.
    `place_at` turns an offset and a length in the query into a place.
    """
    return tuple(
        Finding(
            "W1004",
            _hazard(path, child),
            place_at(*_place_of_page(child)) if place_at else None,
            hint=f"write {child.name}(first: 100) {{ pageInfo {{ hasNextPage }} … }}",
            severity=Severity.WARNING,
        )
        for path, child in walk_selections(selection)
        if child.is_connection and not (child.paged and child.shows_next_page)
    )


def _place_of_page(connection: Selection) -> tuple[int, int]:
    """Return offset and length of the selection that lacks `hasNextPage`."""
    pages = [child for child in connection.children.values() if child.name == "pageInfo"]
    at = pages[0] if pages and connection.paged else connection
    return at.offset, at.length


def _hazard(path: str, connection: Selection) -> str:
    if connection.paged:
        return f"{path} does not select `hasNextPage`, so missing entries would go unnoticed"
    return f"{path} has no page size, so entries may be missing"
