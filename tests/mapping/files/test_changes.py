"""What overlays did to earlier files, as findings ask for it."""

from __future__ import annotations

from engine.findings.diagnostics import SourceText
from engine.mapping.files.changes import Change, Changes
from engine.mapping.files.nodes import Node
from engine.mapping.files.overlays import overlay
from engine.mapping.files.parse_yaml import read_yaml


def changes_of(*texts: str) -> Changes:
    """The changes of texts that are applied in this order, called 0.yaml, 1.yaml, and so on."""
    names = [f"{number}.yaml" for number in range(len(texts))]
    nodes: list[Node] = [
        read_yaml(SourceText(name, text)) for name, text in zip(names, texts, strict=True)
    ]
    merged, changes = nodes[0], list[Change]()
    for node in nodes[1:]:
        result = overlay(merged, node)
        merged = result.node
        changes.extend(result.changes)
    return Changes.of(changes, names)


def shown(change: Change | None) -> str | None:
    return None if change is None else f"{change.at.place} {change.verb}"


BASE = "fields: {a: order.a, b: {path: order.b, type: money}}\nvalues: {c: '1'}"


def test_a_removed_entry_is_found_with_the_line_that_removed_it() -> None:
    changes = changes_of(BASE, "fields: {a: !remove}")
    assert shown(changes.find_removal(("fields", "a"))) == "1.yaml:1:10 removed"
    assert shown(changes.find_lost_name("a")) == "1.yaml:1:10 removed"
    assert changes.find_removal(("fields", "b")) is None
    assert changes.find_lost_name("order") is None


def test_what_is_inside_a_removed_or_replaced_map_is_gone_with_it() -> None:
    removed = changes_of(BASE, "fields: !remove")
    assert shown(removed.find_lost_name("b")) == "1.yaml:1:1 removed"
    assert removed.find_removal(("fields", "never")) is None
    replaced = changes_of(BASE, "values: none")
    assert shown(replaced.find_lost_name("c")) == "1.yaml:1:1 replaced"
    assert replaced.find_removal(("values",)) is None, "it is still there"


def test_the_last_change_counts() -> None:
    again = changes_of(BASE, "fields: {a: !remove}", "fields: {a: order.again}")
    assert again.find_lost_name("a") is None
    twice = changes_of(BASE, "fields: {a: order.other}", "fields: {a: !remove}")
    assert shown(twice.find_lost_name("a")) == "2.yaml:1:10 removed"


def test_names_of_loops_and_of_entries_are_names_too() -> None:
    base = "fields: {items: {each: x, fields: {sku: sku}}}\nlines: {item: {for: line in items}}"
    changes = changes_of(
        base, "fields: {items: {fields: {sku: !remove}}}\nlines: {item: {for: one in items}}"
    )
    assert shown(changes.find_lost_name("sku")) == "1.yaml:1:27 removed"
    assert shown(changes.find_lost_name("line")) == "1.yaml:2:16 replaced"


def test_a_query_is_known_by_its_words() -> None:
    base = "sources: {order: {graphql: '{ order { id total } }'}}"
    changes = changes_of(base, "sources: {order: {graphql: '{ order { id } }'}}")
    assert shown(changes.find_lost_selection("total")) == "1.yaml:1:19 replaced"
    assert changes.find_lost_selection("tot") is None


def test_types_are_changed_by_an_overlay_of_the_type_or_of_the_whole_entry() -> None:
    over = "fields: {a: {path: order.a, type: string}, b: {type: string}}\nvalues: {c: '2'}"
    assert set(changes_of(BASE, over).types) == {"a", "b"}


def test_files_are_ordered_as_they_were_applied() -> None:
    changes = changes_of(BASE, "fields: {a: !remove}")
    change = changes.find_lost_name("a")
    assert change is not None
    assert change.before is not None
    over, base = change.at.place, change.before.key.place
    assert changes.is_later(over, base)
    assert not changes.is_later(base, over)
    assert not changes.is_later(over, over)
    elsewhere = read_yaml(SourceText("tenant.yaml", "a: 1")).place
    assert not changes.is_later(over, elsewhere)
    assert not changes.is_later(elsewhere, over)
