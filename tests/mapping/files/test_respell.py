"""Tags rewritten as keys: what is edited, what is kept, and what no edit can rewrite."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.findings.diagnostics import SourceText, apply_edits
from engine.findings.errors import ReadError
from engine.mapping.files.nodes import MapNode, as_data
from engine.mapping.files.overlays import overlay
from engine.mapping.files.parse_yaml import read_yaml
from engine.mapping.files.placements import read_placements
from engine.mapping.files.respell import respell


def respelled(text: str) -> str:
    return apply_edits(text, respell(SourceText("m.yaml", text)))


REWRITTEN = {
    "one removed": ("a:\n  b: !remove   # why\n", "a:\n  $remove: [b]   # why\n"),
    "columns are kept": ("fields:\n  a_long_name:    !remove\n  b:              order.b\n  c:              !after:b\n",
                         "fields:\n  $remove:        [a_long_name]\n  b:              order.b\n  $after:         {c: b}\n"),
    "several removed": ("a: !remove # one\nb: 1\nc: !remove\nd: !remove  # two\ne: 2\n",
                        "$remove: [a, c, d] # one\nb: 1\n# two\ne: 2\n"),
    "the last line": ("a: !remove\nb: !remove", "$remove: [a, b]\n"),
    "placed with a value": ("lines:\n  # above\n  gift: !before:payment    # why\n    if: x\n  fee: !before:payment {if: y}\n",
                            "lines:\n  # above\n  $before: {gift: payment, fee: payment}\n  gift:    # why\n    if: x\n  fee: {if: y}\n"),
    "moved": ("a: !after:b\nc: !after:b\nd: !after:c 'x'\n", "$after: {a: b, c: b, d: c}\nd: 'x'\n"),
    "a value on its own line": ("f: !after:y  # why\n  'v w'\n", "$after: {f: y}\nf:  # why\n  'v w'\n"),
    "a block of text": ("f: !before:y >-\n  v\n  w\n", "$before: {f: y}\nf: >-\n  v\n  w\n"),
    "in braces": ("{a: 1, b: !remove, c: !before:a {d: 2}, e: !remove}", "{a: 1, $remove: [b, e], $before: {c: a}, c: {d: 2}}"),
    "braces on lines": ("{\n  a: 1,\n  b: !remove,  # b\n  c: !remove,  # c\n  d: !after:a 2,\n  e: !remove\n}\n",
                        "{\n  a: 1,\n  $remove: [b, c, e],  # b\n  # c\n  $after: {d: a},\n  d: 2,\n}\n"),
    "in a list": ("a:\n  - b: !before:c 1\n    c: 2\n  - d: !remove\n    e: !remove\n",
                  "a:\n  - $before: {b: c}\n    b: 1\n    c: 2\n  - $remove: [d, e]\n"),
    "nested": ("a: !before:b\n  c: !after:d\n    e: !remove\n", "$before: {a: b}\na:\n  $after: {c: d}\n  c:\n    $remove: [e]\n"),
    "names that need quotes": ("'a b': !remove\n\"1\": !before:no:x 1\nnull-ish: !remove\n'true': !remove\n",
                               '$remove: ["a b", null-ish, "true"]\n$before: {"1": "no:x"}\n"1": 1\n'),
    "beside keys": ("$remove: [x]\n$before: {y: z}\na: !remove\nb: !before:z 1\ny: 2\n",
                    "$remove: [a, x]\n$before: {b: z, y: z}\nb: 1\ny: 2\n"),
    "beside keys in other forms": ("a: !remove\n$remove: x\nb:\n  c: !remove\n  $remove:\n    - d  # d\n  $after:\n    e: f\n  g: !after:f 1\n",
                                   "$remove: [a, x]\nb:\n  $remove:\n    - c\n    - d  # d\n  $after:\n    g: f\n    e: f\n  g: 1\n"),
    "beside empty keys": ("$remove: []\n$after: {}\na: !remove\nb: !after:c\n", "$remove: [a]\n$after: {b: c}\n"),
    "first in braces": ("{a: !remove, $remove: [b]}", "{$remove: [a, b]}"),
    "first in a list": ("- a: !remove\n  $remove: [b]\n", "- \n  $remove: [a, b]\n"),
    "lines of Windows": ("a: !remove\r\nb: !remove\r\nc: !before:d 1\r\n", "$remove: [a, b]\r\n$before: {c: d}\r\nc: 1\r\n"),
    "no tag": ("a: 1  # !remove\nb: '!remove'\n", "a: 1  # !remove\nb: '!remove'\n"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), REWRITTEN.values(), ids=REWRITTEN.keys())
def test_tags_become_keys(text: str, expected: str) -> None:
    if text.startswith("- "):  # a list has no directives of its own
        text, expected = (f"a:\n{lines}" for lines in (text, expected))
    assert respelled(text) == expected
    assert respelled(expected) == expected, "what is rewritten has nothing to rewrite"


REFUSED = {
    "a question mark": ("? a\n: !remove\n", "m.yaml:2:3 E0126"),
    "a question mark before a value": ("? a\n: !before:b 1\nb: 2\n", "m.yaml:2:3 E0126"),
    "a comment between": ("a: # why\n  !remove\nb: 1\n", "m.yaml:2:3 E0126"),
    "removed twice": ("$remove: [a]\na: !remove\n", "m.yaml:1:11 E0206"),
    "broken": ("a: !remove\nb: [\n", "m.yaml:2:4 E0106"),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_rewritten(text: str, expected: str) -> None:
    with pytest.raises(ReadError) as raised:
        respelled(text)
    assert [f"{it.place} {it.code}" for it in raised.value.findings] == [expected]
    assert all(it.hint or it.code == "E0106" for it in raised.value.findings)


NAMES = st.sampled_from(["a", "b", "c", "d e", "1", "null", "x:y", "$remove", "$after"])
COMMENT = st.sampled_from(["", "", "  # why", " # {a: !remove}"])
LEAF = st.sampled_from(
    ["1", "x y", "'q, r'", '"{{ a }}"', "[1, 2]", "{}", "{k: !remove}", "{k: !after:l 1, l: 2}"]
)


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0) -> str:
    """Lines of a map, indented by its depth: entries with tags, with values in blocks and in braces."""
    lines, indent = [], "  " * depth
    for name in draw(st.lists(NAMES, min_size=1, max_size=5, unique=True)):
        comment = draw(COMMENT)
        if draw(st.integers(0, 5)) == 0:
            lines.append(f"{indent}{comment.strip()}".rstrip())
        if name in ("$remove", "$after"):
            keyed = {"$remove": "[z]", "$after": "{w: y}"}[name]
            lines.append(f"{indent}{name}: {keyed}{comment}")
            continue
        key = name if re.fullmatch(r"[a-c]|d e", name) else f'"{name}"'
        neighbour = draw(st.sampled_from("abz"))
        tag = draw(
            st.sampled_from(["", " !remove", f" !before:{neighbour}", f" !after:{neighbour}"])
        )
        if tag == " !remove" or (tag and draw(st.booleans())):
            lines.append(f"{indent}{key}:{tag}{comment}")
        elif depth < 3 and draw(st.integers(0, 2)) == 0:
            inner = draw(blocks(depth + 1))
            lines += [f"{indent}{key}:{tag}{comment}", inner.removesuffix("\n")]
        else:
            lines.append(f"{indent}{key}:{tag} {draw(LEAF)}{comment}")
    return "\n".join(lines) + "\n"


BASE = "a: 1\nz: {k: 1, a: 2, z: 3}\nb: {a: 1, b: {c: 1}, z: 2}\ny: 3\nc: 4\n"


def merged(text: str) -> object:
    base, over = (read_yaml(SourceText(name, it)) for name, it in (("b", BASE), ("m", text)))
    assert isinstance(over, MapNode)
    over, findings = read_placements(over)
    result = overlay(base, over)
    codes = sorted(found.code for found in (*findings, *result.findings))
    data = as_data(result.node)
    return codes, data, None if "E0123" in codes else repr(data)


@given(blocks(), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\n"]))
@example("a: !after:z # why", "\n", "")
def test_a_rewritten_overlay_means_the_same(text: str, newline: str, end: str) -> None:
    text = (text.rstrip() + end).replace("\n", newline)
    new = respelled(text)
    assert merged(new) == merged(text)
    assert not re.search(r": !(?:remove|before|after)", re.sub(r"#.*", "", new))
    assert sorted(re.findall(r"#.*", new)) == sorted(re.findall(r"#.*", text)), "comments are kept"
    assert ("\r\n" in new) == ("\r\n" in text) or "\n" not in text or "\n" not in new
    assert "\r\n" not in text or not re.search(r"(?<!\r)\n", new), "one kind of line ends"


PIECES = [
    *"abz ,{}[]?-",
    "\n",
    "\n  ",
    ": ",
    "# x\n",
    "!remove",
    "!before:a",
    " !after:z ",
    "$remove: ",
    "'",
    '"',
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_anything_is_rewritten_or_refused(text: str) -> None:
    with suppress(ReadError):
        new = respelled(text)
        assert respelled(new) == new
