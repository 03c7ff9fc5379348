"""Records as GET returns them: references and choices with names, sublists as links or in full. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .kinds import BILLED, FULFILLED
from .ledger import StoredRecord
from .schemas import find_field_node, is_choice, list_sublists
from .site import Site
from .status_names import find_status_name
from .values import find_list, index_items


@dataclass(frozen=True, slots=True)
class View:
    """How a record is rendered.

    `base` is the address of the record service. `expand` renders sublists in full, `simple` choices
    as bare ids; `only` are the requested fields in lower case, or None for all.
    """

    base: str
    expand: bool = False
    simple: bool = False
    only: frozenset[str] | None = None


def render_record(site: Site, record: StoredRecord, view: View) -> dict[str, Any]:
    """Render a record as GET returns it."""
    here = format_address(record, view)
    found: dict[str, Any] = {"links": _build_links(here), "id": record.id}
    for name, value in record.fields.items():
        found[name] = _render_value(site, record, (name, value), view)
    for name in sorted(list_sublists(record.kind.record) & set(record.sublists)):
        stub = {"links": _build_links(f"{here}/{name}")}
        found[name] = render_sublist(site, record, name, view) if view.expand else stub
    if view.only is None:
        return found
    return {name: found[name] for name in found if name == "links" or name.lower() in view.only}


def render_sublist(site: Site, record: StoredRecord, name: str, view: View) -> dict[str, Any]:
    """Render a sublist in full."""
    here = f"{format_address(record, view)}/{name}"
    lines = [render_line(site, record, name, line, view) for line in record.sublists.get(name, ())]
    return render_collection(lines, here, total=len(lines))


def render_line(
    site: Site, record: StoredRecord, name: str, line: Mapping[str, Any], view: View
) -> dict[str, Any]:
    """Render one line of a sublist."""
    key = line.get("line")
    links = [] if key is None else _build_links(f"{format_address(record, view)}/{name}/{key}")
    values = {
        field: _render_value(site, record, (field, value), view, within=name)
        for field, value in line.items()
    }
    return {"links": links, **values, **_render_counts(record, name, key)}


def _render_counts(record: StoredRecord, name: str, key: object) -> dict[str, Any]:
    """Render the quantities billed and fulfilled of a line, where the type has fields for them."""
    found = {}
    for done, field in ((BILLED, "quantityBilled"), (FULFILLED, "quantityFulfilled")):
        taken = record.taken_over.get(f"{done} {key}")
        if (
            name == "item"
            and taken is not None
            and find_field_node(record.kind.record, field, sublist=name)
        ):
            found[field] = taken
    return found


def render_collection(
    items: Iterable[Mapping[str, Any]], here: str, *, total: int, offset: int = 0
) -> dict[str, Any]:
    """Render one page of a collection, from `offset` on."""
    found = list(items)
    return {
        "links": _build_links(here),
        "count": len(found),
        "hasMore": offset + len(found) < total,
        "items": found,
        "offset": offset,
        "totalResults": total,
    }


def format_address(record: StoredRecord, view: View) -> str:
    """Return the absolute address of a record."""
    return f"{view.base}/{record.kind.record}/{record.id}"


def render_member(record: StoredRecord, view: View) -> dict[str, Any]:
    """Render a record as an entry of a list: its id and address."""
    return {"links": _build_links(format_address(record, view)), "id": record.id}


def find_name(site: Site, field: str, id_: str) -> str | None:
    """Return the name of a reference's target; None when it is unknown."""
    if field in ("entity", "customer", "createdFrom", "salesOrder"):
        target = site.ledger.find_by_id(id_)
        names = target.fields if target else {}
        found: str | None = names.get("entityId") or names.get("tranId")
        return found
    if field in ("item", "discountItem"):
        item = index_items(site.account).get(id_)
        return item.itemid if item else None
    entries = site.account.list_entries(find_list(field) or "")
    return next((entry.name for entry in entries if entry.id == id_), None)


def _render_value(
    site: Site,
    record: StoredRecord,
    pair: tuple[str, Any],
    view: View,
    *,
    within: str | None = None,
) -> Any:
    """Render a value with the names that NetSuite adds when it is read."""
    name, value = pair
    if not isinstance(value, Mapping) or set(value) != {"id"}:
        return value
    if is_choice(find_field_node(record.kind.record, name, sublist=within)):
        shown = _find_choice_name(name, value["id"], site.settings.language)
        simple = {"id": value["id"], "refName": shown}
        return value["id"] if view.simple else simple
    known = find_name(site, name, value["id"])
    return {"links": [], **value} | ({"refName": known} if known else {})


def _find_choice_name(name: str, id_: str, language: str) -> str:
    is_status = name in ("status", "orderStatus")
    return find_status_name(id_, language) if is_status else id_


def _build_links(here: str) -> list[dict[str, str]]:
    return [{"rel": "self", "href": here}]
