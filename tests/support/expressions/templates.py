"""Expressions of templates, of every kind, over the names that `mappings.py` gives its mappings.

Most are sound for most orders: where nothing can be computed there is nothing to compare.
"""

from __future__ import annotations

import re

from hypothesis import strategies as st

# What an expression of each kind can be: where the recursion ends (-), and before that (+).
GRAMMAR = """
number - n ; d ; m ; u ; 3 ; 0 ; 2.50 ; o.k ; settings.rate ; items | length ; items[0].price
number + (<number> + <number>) ; (<number> - <number>) ; (<number> * <number>) ; (0 - <number>)
number + (<number> / 4) ; (<number> / 3) ; (<number> // 7) ; (<number> % 7) ; (-<number>) ; (+<number>)
number + (<number> | abs) ; (<number> | round(2)) ; (<number> | money) ; (<number> | money('JPY'))
number + ([<number>, <number>] | sum) ; ([<number>, <number>] | max) ; (ns | min) ; (<number> ** 2)
number + (items | total('price')) ; (items | total('sum')) ; (items | total('qty')) ; (<list> | length)
number + (<number> if <truth> else <number>) ; (<number> or <number>) ; (<absent> | default(<number>))
number + percent(<number>, of=<number>) ; percent(<number>, of=8, places=2) ; ('12.50' | number)
number + lookup('rates', <text>, default=<number>) ; lookup('rates', 'a') ; (<number> | integer)
text - t ; s ; 'a' ; '' ; o.name ; currency ; settings.word ; items[0].name ; 'Zoë 🎁'
text + (<text> ~ <text>) ; (<text> ~ <number>) ; (<text> + <text>) ; (<text> | upper) ; (<text> | trim)
text + (<text> | cut(3)) ; (<text> | plain | trim | cut(5)) ; (<text> | replace('a', 'bb')) ; (<text> | lower)
text + (ts | join(',')) ; (ts | unique | join) ; (<text> if <truth> else <text>) ; (<text> or <text>)
text + (<text> and <text>) ; (<absent> | default(<text>)) ; (w | date(settings.zone)) ; (w | datetime)
text + (w | date('Asia/Tokyo')) ; (<number> | string) ; (<text> | digest) ; (<text> | phone('none'))
text + lookup('words', <text>, default=<text>) ; lookup('words', s) ; lookup('pairs', <text>, 'b', default='c')
text + ((<text> | split(',')) | first) ; (items | map('name') | join('-')) ; lookup('live', s)
truth - b ; true ; false ; x is defined ; x is none ; items ; s == t ; u == 1 ; x == none
truth + (<number> < <number>) ; (<number> == <number>) ; (<text> == <text>) ; (<text> in ts) ; (<number> in ns)
truth + (not <any>) ; (<truth> and <truth>) ; (<truth> or <truth>) ; (<any> is string) ; (<any> == <any>)
truth + (ts not in [[], [<text>]]) ; (<number> < <number> <= <number>) ; (<text> | starts_with('a')) ; (u != <number>)
truth + (s in settings.known) ; (<text> not in <list>) ; ('k' in o) ; (<absent> is defined) ; (<number> >= u)
list - ns ; ts ; [] ; settings.known
list + [<any>, <any>] ; (ts | unique) ; (items | map('name')) ; (<list> + <list>) ; (<text> | split('a'))
list + (items | where('qty', 1) | map('id')) ; ([<list>, <list>] | first) ; (<list> if <truth> else <list>)
absent - x ; o.missing ; o.deep.er ; ts[9] ; none ; ([] | first) ; o['gone'] ; x.y ; lookup('words', 'nowhere')
absent + (<absent> | default(x)) ; (o.missing | upper) ; <any> ; (<absent> ~ 'a')
any - x ; o ; w ; none ; o.deep ; items ; (chosen | length) ; (items | length)
any + <number> ; <number> ; <text> ; <text> ; <truth> ; <list> ; {'a': <number>, 'b': <text>} ; <absent>
any + (chosen[0].v | default('no')) ; (items[0].left | default('no')) ; (chosen[0] | default(o))
any + ((items if b else ns) | first | default(x)) ; ((chosen or items) | length)
any + (<any> if <truth> else omit) ; (<any> or omit) ; (<absent> | default(omit)) ; <text>
"""
RULES: dict[tuple[str, str], list[str]] = {}
for line in GRAMMAR.strip().splitlines():
    kind, when, alternatives = line.split(" ", 2)
    RULES.setdefault((kind, when), []).extend(alternatives.split(" ; "))


@st.composite
def templates(draw: st.DrawFn, kind: str, depth: int = 2) -> str:
    """One expression of a kind, without braces."""
    going_on = depth > 0 and (kind, "+") in RULES
    rule = draw(st.sampled_from(RULES[kind, "+" if going_on else "-"]))
    return re.sub("<([a-z]+)>", lambda part: draw(templates(part[1], depth - 1)), rule)
