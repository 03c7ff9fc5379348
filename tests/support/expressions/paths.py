"""Paths of every kind over documents whose members are named by kind.

Numbers are quarters, on which floats are exact.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

quarters = st.builds(
    lambda whole, part: Decimal(whole) + Decimal(part),
    st.integers(-9, 9),
    st.sampled_from(["0.25", "0.5", "0.75"]),
)
numbers = st.integers(-9, 9) | quarters
texts = st.text("ab1é", max_size=3)


def records(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects whose fields are named by kind: n(umber), t(ext), lists of them, o(bject)."""
    fields = {"n": numbers, "t": texts, "ns": st.lists(numbers, min_size=1, max_size=4)}
    return st.fixed_dictionaries(fields | {"ts": st.lists(texts, max_size=4)} | more)


documents = records(
    o=st.dictionaries(texts, texts, max_size=3),
    os=st.lists(records(o=st.just({}), os=st.just([])), min_size=1, max_size=5),
)

# What a path of each kind can be: where the recursion ends (-), and before that (+).
GRAMMAR = """
number - n ; `2.5` ; `-3` ; ns[0] ; os[-1].n
number + abs(<number>) ; ceil(<number>) ; floor(<number>) ; to_number(<number>) ; sum(<numbers>)
number + max(<numbers>) ; min(<numbers>) ; length(<numbers>) ; length(<text>)
number + max_by(<records>, &<key>).n ; min_by(<records>, &<key>).n
text - t ; 'a' ; ts[0] ; to_string(ts) ; type(o)
text + reverse(<text>) ; join(<text>, <texts>) ; not_null(nothing, <text>) ; max(<texts>)
numbers - ns ; os[].n ; `[2.25, -3]` ; os[].ns[]
numbers + sort(<numbers>) ; reverse(<numbers>) ; map(&<number>, <records>) ; to_array(<number>)
numbers + (<numbers> | @<slice>) ; [<numbers>, <number>][] ; [<number>, <number>]
texts - ts ; os[*].t ; keys(o) ; values(o)
texts + sort(<texts>) ; reverse(<texts>) ; map(&<text>, <records>) ; [<texts>, <text>][]
texts + (<texts> | @<slice>) ; <texts>[?<condition>]
records - os
records + sort_by(<records>, &<key>) ; <records>[?<condition>] ; (<records> | @<slice>)
records + <records>[].{n: <number>, t: t, ns: ns} ; [merge(<records>[0], `{}`), <records>[-1]]
condition - n > `2` ; t ; ns[1] ; !ts ; n == `0`
condition + <number> < <number> ; <number> >= <number> ; <key> == <key> ; <key> != <key>
condition + <numbers> == <numbers> ; contains(<numbers>, <number>) ; contains(<texts>, <text>)
condition + contains(`["a", "b1"]`, <path>) ; contains(<text>, 'a') ; starts_with(<text>, <text>) ; ends_with(<text>, <text>)
condition + !(<condition>) ; (<condition>) && <condition> ; (<condition> || <condition>)
key - n ; t ; `true` ; `null`
key + <number> ; <text>
slice - [1:] ; [::-1] ; [-2::2] ; [:3]
path - * ; *[] ; *.* ; o.* ; os[].ns ; os[*].ns[0] ; os[9].n ; nothing ; @
path + <number> ; <numbers> ; <text> ; <texts> ; <records> ; <condition> ; avg(<numbers>)
path + (<path>) | <path> ; (<path>) || <path> ; (<path>) && <path> ; (<path>)[?<path>]
path + (<path>).{n: <path>} ; (<path>).[<path>] ; (<path>).n ; (<path>).* ; (<path>)[0]
path + (<path>)[] ; (<path>)[*].ns ; (<path>)<slice> ; sum(<path>) ; keys(<path>)
path + sort(<path>) ; type(<path>) ; length(<path>)
"""
RULES: dict[tuple[str, str], list[str]] = {}
for line in GRAMMAR.strip().splitlines():
    kind, when, alternatives = line.split(" ", 2)
    RULES.setdefault((kind, when), []).extend(alternatives.split(" ; "))


@st.composite
def paths(draw: st.DrawFn, kind: str, depth: int = 4) -> str:
    going_on = depth > 0 and (kind, "+") in RULES
    rule = draw(st.sampled_from(RULES[kind, "+" if going_on else "-"]))
    return re.sub("<([a-z]+)>", lambda part: draw(paths(part[1], depth - 1)), rule)


any_path = st.sampled_from(["number", "text", "numbers", "texts", "records", "condition", "path"])
