"""GraphQL answers: whether they are whole, and a copy whose money is exact, written out for a query."""

from __future__ import annotations

from ...mapping.plan.selection import Selection
from .shapes import JSON, NUMBER, KnownValue, Shape
from .source_writer import SourceWriter


def answer_data(document: str, selection: Selection, out: SourceWriter) -> KnownValue:
    """The `data` of an answer; one with errors, or cut short, is in doubt."""
    out.doubt_if(f"{document}.__class__ is not dict or {document}.get('errors')")
    data = out.let(f"{document}.get('data')")
    out.doubt_if(f"{data}.__class__ is not dict")
    return _members(data, selection, out)


def _value(code: str, selection: Selection, lists: int, out: SourceWriter) -> KnownValue:
    """A selected value that is not null."""
    if lists:
        return _entries(code, selection, lists, out)
    if selection.is_money:
        spelled = f"spelled({code}) if {code}.__class__ is str else to_amount({code})"
        return KnownValue(out.let(spelled), NUMBER)
    out.doubt_if(f"{code}.__class__ is not dict")
    return _members(code, selection, out)


def _entries(code: str, selection: Selection, lists: int, out: SourceWriter) -> KnownValue:
    """A list of selected values, any of which may be null: a copy where anything in it is changed."""
    out.doubt_if(f"{code}.__class__ is not list")
    changes = _changes(selection)
    result, entry = out.let("[]") if changes else code, out.fresh()
    with out.each(f"for {entry} in {code}"):
        with out.block(f"if {entry} is not None"):
            inner = _value(entry, selection, lists - 1, out)
            if inner.code != entry:
                out.put(f"{entry} = {inner.code}")
        if changes:
            out.put(f"{result}.append({entry})")
    return KnownValue(result, Shape("list", element=inner.shape.or_null()))


def _members(code: str, selection: Selection, out: SourceWriter) -> KnownValue:
    """A selected object that is there: a copy where anything in it is changed.

    What an answer leaves out stays out.
    """
    copy = out.let(f"{code}.copy()") if _changes(selection) else code
    members: dict[str, Shape] = {}
    for name, child in selection.children.items():
        members[name] = _member(copy, name, child, out)
    return KnownValue(copy, Shape("map", members=members, partial=True))


def _member(copy: str, name: str, child: Selection, out: SourceWriter) -> Shape:
    """Look into one member, and change it in the copy; its shape."""
    if child.name == "hasNextPage":
        out.doubt_if(f"{copy}.get({name!r}) is not False")
        return JSON
    if not (child.children or child.is_money):
        return JSON
    value = out.let(f"{copy}.get({name!r})")
    if child.name == "pageInfo":
        # A page that says nothing about further ones may have been cut short.
        out.doubt_if(f"{value} is None")
    with out.block(f"if {value} is not None"):
        found = _value(value, child, child.lists, out)
        if found.code != value:
            out.put(f"{copy}[{name!r}] = {found.code}")
    return found.shape.or_null()


def _changes(selection: Selection) -> bool:
    """Whether there is money in it."""
    return selection.is_money or any(map(_changes, selection.children.values()))
