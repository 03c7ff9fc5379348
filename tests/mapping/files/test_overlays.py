"""One mapping written over another."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.findings.diagnostics import Place, SourceText
from engine.mapping.files.nodes import Data, Entry, MapNode, Node, Scalar, as_data
from engine.mapping.files.overlays import OverlaidMapping, list_origins, overlay, strip_directives
from engine.mapping.files.parse_yaml import read_yaml
from engine.mapping.files.placements import read_placements


def read(text: str, name: str = "m.yaml") -> Node:
    """A file as it is read before it is merged; a root that is no map has no placements."""
    node = read_yaml(SourceText(name, text))
    if not isinstance(node, MapNode):
        return node
    node, findings = read_placements(node)
    assert findings == ()
    return node


def laid(base: str, over: str) -> OverlaidMapping:
    return overlay(read(base, "base.yaml"), read(over, "over.yaml"))


def said(result: OverlaidMapping) -> list[str]:
    return [f"{found.place} {found.code} {found.hint}" for found in result.findings]


MERGED = {
    "maps merge, key by key": ("a: {b: 1, c: 2}\nd: 3", "a: {c: 4}", {"a": {"b": 1, "c": 4}, "d": 3}),
    "new keys follow": ("b: 1\na: 2", "z: 3\nc: 4", {"b": 1, "a": 2, "z": 3, "c": 4}),
    "an overridden key stays in its place": ("b: 1\na: 2", "c: 3\nb: 4", {"b": 4, "a": 2, "c": 3}),
    "lists replace": ("a: [1, 2]", "a: [3]", {"a": [3]}),
    "scalars replace": ("a: 1", "a: ~", {"a": None}),
    "a scalar replaces a map": ("a: {b: 1}", "a: x", {"a": "x"}),
    "a map replaces a scalar": ("a: x", "a: {b: 1}", {"a": {"b": 1}}),
    "types differ": ("a: 1\nb: '1'\nc: 1.0\nd: 1", "a: true\nb: 1\nc: 1.00\nd: 1.0",
                     {"a": True, "b": 1, "c": Decimal("1.00"), "d": Decimal("1.0")}),
    "remove": ("a: 1\nb: 2\nc: 3", "$remove: [a, c]", {"b": 2}),
    "remove one": ("a: 1\nb: 2", "$remove: a", {"b": 2}),
    "remove what is no text elsewhere": ("1: x\ntrue: y\n'null': z", "$remove: [1, true, 'null']", {}),
    "remove deep down by key": ("a: {b: {c: 1, d: 2}}", "a: {b: {$remove: [c]}}", {"a": {"b": {"d": 2}}}),
    "before by key": ("a: 1\nb: 2", "$before: {c: b}\nc: 3", {"a": 1, "c": 3, "b": 2}),
    "after by key": ("a: 1\nb: 2", "c: [3]\n$after: {c: a}", {"a": 1, "c": [3], "b": 2}),
    "keys keep the order in which they name": ("a: 1\nb: 2", "$after: {d: a, c: a}\nc: 3\nd: 4\ne: 5",
                                               {"a": 1, "d": 4, "c": 3, "b": 2, "e": 5}),
    "a moved one before a new one": ("a: 1\nb: 2\nc: 3", "$after: {c: a, d: a}\nd: 4",
                                     {"a": 1, "c": 3, "d": 4, "b": 2}),
    "keys and tags": ("a: 1\nb: 2\nc: 3", "$remove: [c]\n$before: {e: b}\nd: !before:b 4\ne: 5\na: 6",
                      {"a": 6, "d": 4, "e": 5, "b": 2}),
    "remove by tag": ("a: 1\nb: 2", "a: !remove", {"b": 2}),
    "remove deep down": ("a: {b: {c: 1, d: 2}}", "a: {b: {c: !remove}}", {"a": {"b": {"d": 2}}}),
    "before": ("a: 1\nb: 2", "c: !before:b 3", {"a": 1, "c": 3, "b": 2}),
    "before the first": ("a: 1\nb: 2", "c: !before:a {d: 3}", {"c": {"d": 3}, "a": 1, "b": 2}),
    "after": ("a: 1\nb: 2", "c: !after:a [3]", {"a": 1, "c": [3], "b": 2}),
    "several keep their order": ("a: 1\nb: 2", "c: !after:a 3\nd: !after:a 4\ne: !before:b 5\nf: !before:b 6",
                                 {"a": 1, "c": 3, "d": 4, "e": 5, "f": 6, "b": 2}),
    "next to a new one": ("a: 1\nb: 2", "c: !before:d 3\nd: !after:a 4", {"a": 1, "c": 3, "d": 4, "b": 2}),
    "behind those behind it": ("a: 1\nb: 2", "c: !after:a 3\nd: !after:c 4\ne: !after:a 5",
                               {"a": 1, "c": 3, "d": 4, "e": 5, "b": 2}),
    "move and keep": ("a: 1\nb: {x: 2}\nc: 3", "b: !after:c", {"a": 1, "c": 3, "b": {"x": 2}}),
    "move and change": ("a: 1\nb: {x: 2}\nc: 3", "b: !before:a {y: 4}", {"b": {"x": 2, "y": 4}, "a": 1, "c": 3}),
    "move and say again": ("a: 1\nb: 2", "b: !before:a 2", {"b": 2, "a": 1}),
}  # fmt: skip


@pytest.mark.parametrize(("base", "over", "expected"), MERGED.values(), ids=MERGED.keys())
def test_overlays(base: str, over: str, expected: dict[str, Data]) -> None:
    result = laid(base, over)
    got = as_data(result.node)
    assert said(result) == []
    assert got == expected
    assert repr(got) == repr(expected), "in this order, with these types"
    assert strip_directives(result.node).findings == (), "no directive is left"


MISTAKEN = {
    "nothing to remove by key": ("a: {tax: 1}", "a: {$remove: [taxes]}", ["over.yaml:1:15 E0122 did you mean tax?"]),
    "nothing to remove by key in a new map": ("a: 1", "b: {$remove: c}", ["over.yaml:1:14 E0122 None"]),
    "removed before by key": ("a: 1\nb: 1", "$remove: [a]\n$after: {c: a}\nc: 1", ["over.yaml:2:13 E0123 None"]),
    "no neighbour by key": ("tax: 1", "$after: {c: taxx}\nc: 1", ["over.yaml:1:13 E0123 did you mean tax?"]),
    "nothing to place by key": ("tax: 1", "$after: {taxx: tax}", ["over.yaml:1:10 E0123 did you mean tax?"]),
    "nothing to place": ("tax: 1", "zz: !after:tax", ["over.yaml:1:1 E0123 write it beside '!after:tax'"]),
    "no neighbour in a new map by key": ("a: 1", "b: {$before: {d: c}, c: 1, d: 2}", [
        "over.yaml:1:18 E0123 no other file has this map: write the entry where it belongs, without `$before`"]),
    "the same scalar, placed elsewhere": ("a: 1\nb: {c: 2}", "$before: {b: a}\nb: {c: 2}", []),
    "nothing to remove": ("a: {tax: 1}", "a: {taxes: !remove}", ["over.yaml:1:12 E0122 did you mean tax?"]),
    "nothing to remove in a new map": ("a: 1", "b: {c: !remove}", ["over.yaml:1:8 E0122 None"]),
    "removed before": ("a: 1\nb: 1", "a: !remove\nc: !after:a 1", ["over.yaml:2:4 E0123 None"]),
    "no neighbour": ("tax: 1", "c: !after:taxx 1", ["over.yaml:1:4 E0123 did you mean tax?"]),
    "its own neighbour": ("a: 1", "a: !before:a 2", ["over.yaml:1:4 E0123 name an entry that is not moved itself"]),
    "in a circle": ("a: 1", "b: !after:c 1\nc: !before:b 2", ["over.yaml:2:4 E0123 name an entry that is not moved itself"]),
    "no neighbour in a new map": ("a: 1", "b: {c: 1, d: !before:c 2}", [
        "over.yaml:1:14 E0123 no other file has this map: write the entry where it belongs, without the tag"]),
    "in a list": ("a: [1]", "a: [{b: !remove}]", ["over.yaml:1:9 E0122 None"]),
    "the same scalar": ("a: {b: x}", "a: {b: 'x'}", ["over.yaml:1:8 W0124 delete it"]),
    "the same null": ("a: ~", "a:", ["over.yaml:1:3 W0124 delete it"]),
    "the same list": ("a: [1, {b: 2}]", "a: [1, {b: 2}]", ["over.yaml:1:4 W0124 delete it"]),
    "an empty map": ("a: {b: 1}", "a: {}", ["over.yaml:1:4 W0124 delete it"]),
    "several": ("a: 1\nb: 2", "a: 1\nx: !remove\nb: 2", [
        "over.yaml:1:4 W0124 delete it", "over.yaml:2:4 E0122 None", "over.yaml:3:4 W0124 delete it"]),
}  # fmt: skip


@pytest.mark.parametrize(("base", "over", "expected"), MISTAKEN.values(), ids=MISTAKEN.keys())
def test_mistakes_in_overlays(base: str, over: str, expected: list[str]) -> None:
    assert said(laid(base, over)) == expected


def test_only_errors_stop_a_payload() -> None:
    assert [found.is_error for found in laid("a: 1", "a: 1\nb: !remove").findings] == [False, True]


def test_keys_that_every_file_says_are_no_news() -> None:
    base, over = read("erpmap: 1\na: {erpmap: 1}"), read("erpmap: 1\na: {erpmap: 1}")
    (found,) = overlay(base, over, repeated=frozenset({"erpmap"})).findings
    assert (found.code, str(found.place)) == ("W0124", "m.yaml:2:13")


def test_a_root_that_adds_nothing_is_fine() -> None:
    result = laid("a: 1", "{}")
    assert (as_data(result.node), result.findings) == ({"a": 1}, ())
    assert result.node.place.text.name == "over.yaml"


def test_directives_without_anything_below_are_findings() -> None:
    result = strip_directives(read("a: !remove\nb: {c: 1, d: !before:c 2, e: [{f: !after:g 3}]}"))
    assert [found.code for found in result.findings] == ["E0122", "E0123", "E0123"]
    assert as_data(result.node) == {"b": {"c": 1, "d": 2, "e": [{"f": 3}]}}


WRONG = {
    "a map to remove": ("$remove: {a: 1}", ["1:10 E0202"]),
    "null to remove": ("$remove: [a, ~]", ["1:10 E0202"]),
    "nothing after the key": ("$remove:", ["1:9 E0202"]),
    "a list to place": ("$before: [a]", ["1:10 E0202"]),
    "a map beside": ("$after: {a: {b: c}}", ["1:9 E0202"]),
    "a tag beside": ("$after: {a: !before:b c}", ["1:9 E0202"]),
    "deep down": ("a: [{b: {$before: 1}}]", ["1:19 E0202"]),
    "twice": ("$remove: [a, b, a]", ["1:17 E0206"]),
    "before and after": ("$before: {a: b}\n$after: {a: c}", ["2:10 E0206"]),
    "removed and placed": ("$before: {a: b}\n$remove: [a]", ["2:11 E0206"]),
    "removed and written": ("a: 1\n$remove: [a]", ["2:11 E0206"]),
    "tagged and named": ("a: !before:b 1\n$after: {a: b}", ["2:10 E0206"]),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_mistakes_in_placements(text: str, expected: list[str]) -> None:
    root = read_yaml(SourceText("m", text))
    assert isinstance(root, MapNode)
    _, findings = read_placements(root)
    assert [f"{found.place} {found.code}" for found in findings] == [f"m:{it}" for it in expected]


def test_the_origin_of_a_key_is_where_it_was_said_last() -> None:
    result = laid(
        "a:\n  b: 1\n  c: [x]\nd e: {}\n'f.g': {h: 2}",
        "# mine\na: {c: [y], i: {j: 1}}\n'f.g': {h: 2}",
    )
    assert {path: str(place) for path, place in list_origins(result.node)} == {
        "a.b": "base.yaml:2:3",
        "a.c": "over.yaml:2:5",
        "a.i.j": "over.yaml:2:17",
        '"d e"': "base.yaml:4:1",
        '"f.g".h': "base.yaml:5:9",
    }


def test_many_mistakes_and_moves_stay_cheap() -> None:
    base = "".join(f"key{number}: 1\n" for number in range(5_000))
    removed = "".join(f"kez{number}: !remove\n" for number in range(5_000))
    moved = "".join(f"key{number}: !before:key0\n" for number in range(4_999, 0, -1))
    assert len(laid(base, removed).findings) == 5_000
    node = laid(base, moved).node
    assert isinstance(node, MapNode)
    assert node.keys() == tuple(f"key{number}" for number in [*range(4_999, 0, -1), 0])


# Trees of one shape: a key with a capital letter always holds a map, the others always a leaf.
LEAVES = st.integers(0, 3) | st.sampled_from(["", "x"]) | st.lists(st.integers(0, 1), max_size=2)
TREES = st.recursive(
    st.dictionaries(st.sampled_from("abc"), LEAVES, max_size=3),
    lambda below: st.builds(
        lambda leaves, maps: {**leaves, **maps},
        st.dictionaries(st.sampled_from("abc"), LEAVES, max_size=3),
        st.dictionaries(st.sampled_from("XYZ"), below, max_size=3),
    ),
    max_leaves=6,
)
TEXT = SourceText("m.yaml", "")


def _node(tree: dict[str, object]) -> Node:
    return read(repr(tree))


@given(TREES, TREES, TREES)
def test_merging_is_associative(
    first: dict[str, object], second: dict[str, object], third: dict[str, object]
) -> None:
    one, two, three = map(_node, (first, second, third))
    from_the_left = overlay(overlay(one, two).node, three).node
    from_the_right = overlay(one, overlay(two, three).node).node
    assert repr(as_data(from_the_left)) == repr(as_data(from_the_right))


@given(TREES, TREES)
def test_laying_the_same_again_changes_nothing(
    first: dict[str, object], second: dict[str, object]
) -> None:
    over = _node(second)
    once = overlay(_node(first), over).node
    again = overlay(once, over)
    assert repr(as_data(again.node)) == repr(as_data(once))
    assert {found.code for found in again.findings} <= {"W0124"}


@given(TREES, TREES)
def test_every_key_of_an_overlay_is_in_the_result(
    first: dict[str, object], second: dict[str, object]
) -> None:
    result = as_data(overlay(_node(first), _node(second)).node)
    assert isinstance(result, dict)
    assert list(result) == list(first | second)
    assert all(result[key] == value for key, value in second.items() if key.islower())


NAMES = st.sampled_from("abcdXY")
DIRECTED = st.dictionaries(NAMES, st.tuples(st.sampled_from(["remove", "before", "after"]), NAMES))


def spelled(
    tree: dict[str, object], directed: dict[str, tuple[str, str]], *, by_key: bool
) -> dict[str, object]:
    """An overlay with directives in every map: as tags, or by keys of the map."""
    written: dict[str, object] = {
        name: spelled(value, directed, by_key=by_key) if isinstance(value, dict) else value
        for name, value in tree.items()
    }
    removed = [name for name, (verb, _) in directed.items() if verb == "remove"]
    placed = [(name, *how) for name, how in directed.items() if how[0] != "remove"]
    if by_key:
        for name in removed:
            written.pop(name, None)
        words = {
            "$before": {name: beside for name, verb, beside in placed if verb == "before"},
            "$after": {name: beside for name, verb, beside in placed if verb == "after"},
        }
        return {"$remove": removed, **words, **written}
    for name in removed:
        written[name] = "!remove"
    values = {name: written.pop(name, None) for name, _, _ in placed}
    return written | {
        name: f"!{verb}:{beside}" if values[name] is None else (f"!{verb}:{beside}", values[name])
        for name, verb, beside in placed
    }


def yaml_of(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {yaml_of(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, tuple):
        return f"{value[0]} {yaml_of(value[1])}"
    return value + " " if isinstance(value, str) and value.startswith("!") else repr(value)


@given(TREES, TREES, DIRECTED)
def test_both_spellings_mean_the_same(
    base: dict[str, object], over: dict[str, object], directed: dict[str, tuple[str, str]]
) -> None:
    tagged, keyed = (
        laid(yaml_of(base), yaml_of(spelled(over, directed, by_key=by_key)))
        for by_key in (False, True)
    )
    data = [as_data(result.node) for result in (tagged, keyed)]
    assert data[0] == data[1]
    # What cannot be placed stays where it was written, and placements are written elsewhere.
    if all(found.code != "E0123" for found in tagged.findings):
        assert repr(data[0]) == repr(data[1])
    codes = [sorted(found.code for found in result.findings) for result in (tagged, keyed)]
    assert codes[0] == codes[1]


def test_a_placed_entry_is_found_among_hand_made_nodes_too() -> None:
    place = Place(TEXT)
    key = Scalar("a", place, "a")
    node = MapNode((Entry(key, Scalar(1, place, "1")),), place)
    assert as_data(overlay(node, node).node) == {"a": 1}
