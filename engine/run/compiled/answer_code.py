"""Compile the reading of a GraphQL answer: check that it is complete, copy it with exact money."""

from __future__ import annotations

from ...mapping.plan.selection import Selection
from .shapes import JSON, NUMBER, KnownValue, Shape
from .source_writer import SourceWriter


def compile_answer(document: str, selection: Selection, out: SourceWriter) -> KnownValue:
    """Compile the `data` of an answer; errors and a truncated answer raise doubt."""
    out.doubt_if(f"{document}.__class__ is not dict or {document}.get('errors')")
    data = out.let(f"{document}.get('data')")
    out.doubt_if(f"{data}.__class__ is not dict")
    return _compile_members(data, selection, out)


def _compile_value(code: str, selection: Selection, lists: int, out: SourceWriter) -> KnownValue:
    """Compile a selected value that is not null."""
    if lists:
        return _compile_entries(code, selection, lists, out)
    if selection.is_money:
        spelled = f"parse_amount({code}) if {code}.__class__ is str else to_amount({code})"
        return KnownValue(out.let(spelled), NUMBER)
    out.doubt_if(f"{code}.__class__ is not dict")
    return _compile_members(code, selection, out)


def _compile_entries(code: str, selection: Selection, lists: int, out: SourceWriter) -> KnownValue:
    """Compile a list of selected values, which may be null: a copy if it holds money."""
    out.doubt_if(f"{code}.__class__ is not list")
    holds_money = _holds_money(selection)
    result, entry = out.let("[]") if holds_money else code, out.new_name()
    with out.free_loop(f"for {entry} in {code}"):
        with out.block(f"if {entry} is not None"):
            inner = _compile_value(entry, selection, lists - 1, out)
            if inner.code != entry:
                out.put(f"{entry} = {inner.code}")
        if holds_money:
            out.put(f"{result}.append({entry})")
    return KnownValue(result, Shape("list", element=inner.shape.or_null()))


def _compile_members(code: str, selection: Selection, out: SourceWriter) -> KnownValue:
    """Compile a selected object that exists: a copy if it holds money.

    Members that the answer leaves out stay out.
    """
    copy = out.let(f"{code}.copy()") if _holds_money(selection) else code
    members: dict[str, Shape] = {}
    for name, child in selection.children.items():
        members[name] = _compile_member(copy, name, child, out)
    return KnownValue(copy, Shape("map", members=members, partial=True))


def _compile_member(copy: str, name: str, child: Selection, out: SourceWriter) -> Shape:
    """Compile one member, changed in the copy; return its shape."""
    if child.name == "hasNextPage":
        out.doubt_if(f"{copy}.get({name!r}) is not False")
        return JSON
    if not (child.children or child.is_money):
        return JSON
    value = out.let(f"{copy}.get({name!r})")
    if child.name == "pageInfo":
        # Without `pageInfo` there may be further pages.
        out.doubt_if(f"{value} is None")
    with out.block(f"if {value} is not None"):
        found = _compile_value(value, child, child.lists, out)
        if found.code != value:
            out.put(f"{copy}[{name!r}] = {found.code}")
    return found.shape.or_null()


def _holds_money(selection: Selection) -> bool:
    """Whether a selection holds money."""
    return selection.is_money or any(map(_holds_money, selection.children.values()))
