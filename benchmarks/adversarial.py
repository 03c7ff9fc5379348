"""Calls of everything that authors may use, with arguments made to cost more than they seem to.

The lists come from the tables of the language: a new filter, function, test or function of paths is
tried without being named here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

from engine.findings.errors import LookupMissingError
from engine.language.budget import Budget
from engine.language.functions import FILTERS, FUNCTIONS, TESTS, Function
from engine.language.functions.declare import KINDS
from engine.language.lines import LineGroup, RenderedLine
from engine.language.paths import FUNCTIONS as PATH_FUNCTIONS
from engine.language.paths import evaluate_path, parse_path
from engine.language.templates import Scope, evaluate, parse_expression

# Python's hash of an integer is its remainder by this prime.
PRIME = 2**61 - 1
DOTTED = "a" + ".a" * 60
MUCH = 10**9

Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class Trial:
    """An expression, the names of its arguments, and a run of it that returns its value."""

    text: str
    arguments: tuple[str, ...]
    run: Callable[[Budget], object]

    def __str__(self) -> str:
        return f"{self.text} {'/'.join(self.arguments)}"


def texts(size: int) -> Values:
    """Return texts of `size` characters that are slow to search, clean, cut or split."""
    return {
        "equal letters": "a" * size,
        "nearly found": "a" * (size - 1) + "b",
        "separators": "," * size,
        "small parts": "ab," * (size // 3),
        "blanks": " \t" * (size // 2),
        "accents": "a" + "\u0301" * (size - 1),
        "flags": "\U0001f1e6" * size,
        "hangul": "\u1160" * size,
        "non-joiners": "\u200c" * size,
        "grows in small letters": "İ" * size,
        "grows in capitals": "ΐ" * size,
        "no address": "a@" + "a." * (size // 2),
        "digits": "1" * size,
    }


def lists(size: int) -> Values:
    """Return lists of `size` entries whose hashes collide, or that share what they hold."""
    deep: object = 1
    for _ in range(90):
        deep = {"a": deep}
    return {
        "colliding integers": [step * PRIME + 7 for step in range(size)],
        "colliding decimals": [Decimal(step * PRIME + 7) for step in range(size)],
        "texts": [f"sku-{step}" for step in range(size)],
        "one long text": ["a" * size] * size,
        "deep maps": [deep] * size,
        "lists": [[1, 2, 3]] * size,
    }


def _lines(size: int) -> Values:
    body: dict[str, object] = {"amount": Decimal("1.00"), "a": 1, "rate": 1}
    line = RenderedLine(body=body)
    return {
        "lines": LineGroup((line,) * size),
        "lines after one": LineGroup((RenderedLine(body=body, after=(line,) * size),)),
    }


_NUMBERS: Values = {
    "39 digits": 10**38 + 1,
    "30 places": Decimal("7e-30"),
    "no bounds": Decimal("1E+999999"),
}
_BY_KIND: dict[str, Callable[[int], Values]] = {
    "expression": texts,
    "nullable": texts,
    "any": lambda size: texts(size) | lists(size),
    "scalar": lambda size: {"number": 7, "text": "a" * size},
    "text": texts,
    "some text": lambda size: {
        "comma": ",", "letter": "a", "half": "a" * (size // 2) + "b", "dotted": DOTTED, "key": "a",
    },
    "number": lambda _: _NUMBERS,
    "length": lambda size: {"one": 1, "half": size // 2},
    "places": lambda _: {"few": 2, "most": 30},
    "list": lambda size: lists(size) | _lines(size),
    "container": lambda size: lists(size) | _lines(size) | texts(size),
    "moment": lambda _: {"moment": datetime(2026, 3, 1, tzinfo=UTC)},
    "lines": _lines,
    "rates": lambda size: {"rates": {str(step): step for step in range(size)}},
    "currency": lambda _: {"currency": "USD"},
    "zone": lambda _: {"zone": "Europe/Berlin"},
}  # fmt: skip
assert _BY_KIND.keys() == KINDS.keys()

_PATH_KINDS: dict[str, Callable[[int], Values]] = {
    "array": lists,
    "array[number]": lambda size: {
        name: listed for name, listed in lists(size).items() if name.startswith("colliding")
    },
    "array[string]": lambda size: {
        name: listed for name, listed in lists(size).items() if "text" in name
    },
    "string": texts,
    "object": lambda size: {"map": {str(step): step for step in range(size)}},
    "number": lambda _: _NUMBERS,
    "expression": lambda _: {"itself": "&@", "keys": "&a.a.a", "written": "&to_string(@)"},
}

_PATHS = (
    "@", "l[]", "l[][]", "l[*].a", "l[*].a.a.a", "l[?a]", "l[?@ == @]", "l[?a == b]", "l[::-1]", "m.*", "m.*.a",
    "[l, l]", "[l, l] | [0] == [1]", "{a: l, b: l}", "l || m", "l && m", "!l", "l == k", "m == n", "s == t",
    "l[*].[a, a]", "l[*].{a: a, b: a}", "l[?contains(`[1, 2, 3]`, a)]", "map(&[@, @], l)[][]", "l[].a[]",
)  # fmt: skip
_OPERATORS = (
    "a + b", "a - b", "a * b", "a / b", "a // b", "a % b", "a ** 30", "a == b", "a != b", "a < b", "a in b", "a ~ b",
    "-a", "not a", "a and b", "[a, b]", "{'x': a, 'y': b}", "a if a else b", "a.zz | default(1)", "zz | default(1)",
    "a[0] | default(1)",
)  # fmt: skip


def list_trials(size: int) -> Iterator[Trial]:
    """Yield a trial for every expression and each combination of its arguments."""
    for function in (*FILTERS.values(), *FUNCTIONS.values(), *TESTS.values()):
        if function.name != "lookup":
            yield from _try_function(function, size)
    for name, path_function in PATH_FUNCTIONS.items():
        takes = [kinds or ("array", "string", "object", "number") for kinds in path_function.takes]
        yield from _try_path_function(name, takes * 2 if path_function.variadic else takes, size)
    yield from _try_paths(size)
    yield from _try_operators(size)


def _try_function(function: Function, size: int) -> Iterator[Trial]:
    pools = [_BY_KIND[parameter.kind](size) for parameter in function.parameters]
    names = [f"p{index}" for index in range(len(pools))]
    given = ", ".join(names[1:])
    text = {
        "filter": f"p0 | {function.name}({given})",
        "test": f"p0 is {function.name}",
        "function": f"{function.name}({', '.join(names)})",
    }[function.sort]
    for chosen in _choose(pools):
        values = dict(zip(names, (value for _, value in chosen), strict=True))
        yield Trial(text, tuple(name for name, _ in chosen), _run_template(text, values))


def _try_path_function(name: str, takes: list[tuple[str, ...]], size: int) -> Iterator[Trial]:
    pools = [_join([_PATH_KINDS[kind](size) for kind in kinds]) for kinds in takes]
    for chosen in _choose(pools):
        root = {f"p{index}": value for index, (_, value) in enumerate(chosen)}
        written = [
            value if isinstance(value, str) and value.startswith("&") else key
            for key, value in root.items()
        ]
        text = f"{name}({', '.join(written)})"
        yield Trial(text, tuple(each for each, _ in chosen), _run_path(text, root))


def _try_paths(size: int) -> Iterator[Trial]:
    entries: list[object] = [{"a": {"a": {"a": 1}}, "b": step} for step in range(size)]
    members: Values = {str(step): step for step in range(size)}
    text = "a" * size
    root: Values = {"l": entries, "k": [*entries], "m": members, "n": {**members}, "s": text}
    for path in _PATHS:
        yield Trial(path, (), _run_path(path, root | {"t": text[1:] + "b"}))


def _try_operators(size: int) -> Iterator[Trial]:
    kept = ("nearly found", "colliding integers", "colliding decimals", "deep maps", "lists")
    near = {"a" * step + "b" * (80 - step): 1 for step in range(80)}
    values = _NUMBERS | {"near keys": near} | {
        name: value for name, value in (texts(size) | lists(size)).items() if name in kept
    }  # fmt: skip
    for text in _OPERATORS:
        for (first, a), (second, b) in _choose([values, values]):
            yield Trial(text, (first, second), _run_template(text, near | {"a": a, "b": b}))


def _choose(pools: list[Values]) -> Iterator[tuple[tuple[str, object], ...]]:
    """Yield one value of each pool, so that each pair of neighbours in different pools meets some others."""
    longest = max(map(len, pools))
    every = [list(pool.items()) for pool in pools]
    for shift, index in product(range(2), range(longest)):
        yield tuple(each[(index + shift * place) % len(each)] for place, each in enumerate(every))


def _run_template(text: str, values: Mapping[str, object]) -> Callable[[Budget], object]:
    template, scope = parse_expression(text), Scope(values, _find_nothing, "USD")
    return lambda budget: evaluate(template, scope, budget)


def _run_path(text: str, root: object) -> Callable[[Budget], object]:
    path = parse_path(text)
    return lambda budget: evaluate_path(path, root, budget)


def _find_nothing(table: str, _: tuple[object, ...]) -> object:
    raise LookupMissingError(table, "no row")


def _join(pools: list[Values]) -> Values:
    return {name: value for pool in pools for name, value in pool.items()}
