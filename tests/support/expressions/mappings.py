"""Whole mappings of generated expressions, and orders for them, hostile ones included."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from engine.documents import read_json_bytes
from engine.mapping.load import load_accepted, open_folder
from engine.mapping.lookups import build_table
from engine.mapping.lookups.table import Options
from engine.mapping.plan import Plan
from engine.run import ABSENT, Inputs

from .paths import paths
from .templates import templates

Json = dict[str, Any]

TENANT: Json = {
    "erpmap": 1,
    "tenant": "t",
    "newstore": {"tenant": "t"},
    "netsuite": {"account": 1},
    "mappings": ["m"],
}
SETTINGS: Json = {
    "rate": {"type": "decimal", "default": "8.875"},
    "word": {"type": "string", "default": "abc"},
    "zone": {"type": "timezone", "default": "America/New_York"},
    "known": {"type": "list", "default": ["a", "b,c"]},
}
QUERY = """
query Q($id: String!, $tenant: String!) {
  order(id: $id, tenant: $tenant) {
    id currency grandTotal
    items(first: 5) { pageInfo { hasNextPage } edges { node { productId quantity tax } } }
  }
}
"""
SOURCES: Json = {
    "order": {
        "graphql": QUERY,
        "variables": {"id": "event.payload.id", "tenant": "tenant.newstore.tenant"},
        "select": "order",
        "absent": "later",
    },
    "more": {"rest": "/v0/{{ event.payload.id }}", "when": "event.payload.b", "absent": "later"},
}
FIELDS: Json = {
    "id": "event.payload.id",
    "currency": "order.currency",
    "grand_total": {"path": "order.grandTotal", "type": "money", "default": 0},
    "n": {"path": "event.payload.n", "type": "integer"},
    "d": {"path": "event.payload.d", "type": "decimal"},
    "m": {"path": "event.payload.m", "type": "money", "default": "1.50"},
    "u": "event.payload.u",
    "t": {"path": "event.payload.t", "type": "string", "default": "t"},
    "s": "event.payload.s",
    "b": {"path": "event.payload.b", "type": "boolean", "default": False},
    "ns": {"path": "event.payload.ns", "type": "list", "default": []},
    "ts": {"path": "order.items.edges[].node.productId", "type": "list", "default": []},
    "o": {"path": "event.payload.o", "type": "table"},
    "x": {"path": "event.payload.x", "optional": True},
    "w": {"path": "event.payload.w", "type": "datetime"},
}
ITEMS: Json = {
    "each": "event.payload.items",
    "join": {"other": {"from": "event.payload.others", "on": "id"}},
    "fields": {
        "id": {"path": "id", "type": "id"},
        "price": {"path": "price", "type": "money"},
        "qty": {"path": "qty", "type": "integer", "default": 1},
        "name": "name",
        "other": {"path": "other.name", "optional": True},
    },
    "values": {
        "sum": "{{ price * qty }}",
        "charged": "{{ sum | money }}",
        "left": "{{ other | default(omit) }}",
    },
}
CHOSEN: Json = {
    "choose": {
        "some": {
            "when": "event.payload.b",
            "each": "event.payload.items",
            "fields": {"k": "price"},
            "values": {"v": "{{ omit if k == 1 else k }}"},
        },
        "none": {
            "each": "event.payload.ns",
            "default": [],
            "fields": {"m": {"path": "@", "optional": True}},
        },
    }
}
LOOKUPS: Json = {
    "rates": {"values": {"a": 1, "b": 2}},
    "words": {"values": {"a": "one", "abc": "two"}, "default": "none", "ignore_case": True},
    "pairs": {"values": {"a": {"b": "x", "*": "y"}, "*": {"c": "z"}}, "key": ["one", "two"]},
    "live": {"suiteql": "SELECT a, b FROM c WHERE a IN ({keys})", "keys": "items[].name"},
}
sound_path = st.sampled_from(("number", "text", "numbers", "texts", "records", "condition"))


def _braced(expression: str) -> str:
    return "{{ " + expression + " }}"


@st.composite
def mappings(draw: st.DrawFn) -> Json:
    """A mapping that is sound but for what its expressions do with an order."""

    def one(kind: str, depth: int = 2) -> str:
        return draw(templates(kind, depth))

    def leaf(kind: str = "any") -> str:
        return _braced(one(kind)) if draw(st.booleans()) else f"a {_braced(one('text', 1))}"

    amounts = [one("number", 1) for _ in range(2)]
    odd = {
        name: {
            "path": f"event.payload.doc | {draw(sound_path.flatmap(lambda kind: paths(kind, 2)))}",
            "optional": True,
        }
        for name in ("p0", "p1")
    }
    values = {f"v{i}": {"is": leaf(), "optional": True} for i in range(2)}
    if draw(st.integers(0, 3)) == 0:
        values["v1"] |= {"type": draw(st.sampled_from(("money", "string", "decimal", "boolean")))}
    has_fee, has_extra = one("truth", 1), one("truth", 1)
    lines: Json = {
        "item": {
            "for": "line in items",
            "body": {
                "amount": "{{ line.sum | money }}",
                "custcol_a": leaf(),
                "q": "{{ line.name }}",
            },
            "after": {
                "fee": {
                    "if": has_fee,
                    "body": {"rate": "{{ line.price }}", "quantity": "{{ line.qty }}"},
                }
            },
        },
        "extra": {
            "if": has_extra,
            "stored": "negated",
            "body": {"amount": _braced(f"{amounts[0]} | money")},
        },
    }
    terms = {
        "item": "lines.item | stored",
        "fee": "lines.item.fee | stored",
        "extra": "lines.extra | stored",
        "n": amounts[1],
    }
    expected = (
        "items | total('charged')",
        f"(items | total('charged')) if ({has_fee}) else 0",
        f"-({amounts[0]} | money) if ({has_extra}) else 0",
        amounts[1],
    )
    first: Json = {
        "record": "journalEntry",
        "write": "ensure",
        "find": "a = {s}",
        "external_id": "F",
        "body": {"memo": leaf("text"), "more": {"a": leaf()}},
    }
    if draw(st.booleans()):
        first |= {"if": one("truth", 1)}
    second: Json = {
        "record": "journalEntry",
        "write": "create",
        "external_id": "X-{{ id }}",
        "serialize": "{{ s }}",
        "earlier": {"one": "E-{{ s }}", "two": "{{ id }}"} if draw(st.booleans()) else {},
        "body": {
            "a": leaf(),
            "b": {"c": leaf(), "d": [leaf("text"), 5]},
            "p": draw(st.sampled_from(("{{ p0 | default(omit) }}", "{{ v0 | default(omit) }}"))),
            "of": {"id": "{{ records.first.id }}"} if draw(st.booleans()) else "none",
            "item": {
                "items": draw(
                    st.sampled_from(("{{ lines.all }}",) * 14 + ("{{ lines.item }}", "{{ v0 }}"))
                )
            },
        },
        "confirm": {"total": "{{ checks.sum.sum }}", "n": leaf("number")},
    }
    checks: Json = {
        "sum": {
            "terms": {name: _braced(code) for name, code in terms.items()},
            "sums_to": _braced(" + ".join(f"({code})" for code in expected)),
        },
        "same": {"equal": [_braced(amounts[1]), _braced(amounts[1])]},
        "holds": {"holds": f"({one('truth', 1)}) or true"},
    }
    return {
        "erpmap": 1,
        "mapping": "m",
        "on": {
            "event": "order.opened",
            "when": draw(st.sampled_from(("event.payload.id", "event.payload.doc.n != `3`"))),
        },
        "settings": SETTINGS,
        "sources": SOURCES,
        "ready": {
            "there": {
                "check": draw(
                    st.sampled_from(("order", "order.grandTotal >= `0`", "event.payload.n != `4`"))
                ),
                "otherwise": "later",
            }
        },
        "fields": FIELDS | {"items": ITEMS, "chosen": CHOSEN} | odd,
        "values": values,
        "lookups": LOOKUPS,
        "lines": lines,
        "records": {"first": first, "second": second},
        "checks": checks,
        "retry": {"later": {"wait": ["5s"], "for": "2h", "then": "park"}},
    }


def plan_of(mapping: Json) -> Plan | None:
    """The plan of a mapping, None when it does not compile; its types are not judged, so that runs fail, too."""
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / "t"
        own.mkdir()
        (own / "tenant.yaml").write_text(json.dumps(TENANT), encoding="utf-8")
        (own / "m.yaml").write_text(json.dumps(mapping), encoding="utf-8")
        loaded = load_accepted(open_folder(Path(folder)), "t")
    return loaded.plans[0] if loaded.plans else None


# A value of every kind as JSON writes it, mostly the usual ones.
_NUMBERS = ("1", "2", "0", "19.90", "0.00", "3.5", "7", "12.345", "-4.20")
_ODD = ("null", '""', "[]", "{}", "true", '"abc"', "[null, 1]", '{"a": {"b": 1}}')
_ODD_NUMBERS = ("-0", "-0.00", "1e2", "1E-3", "9" * 30, "0." + "3" * 29, "1" * 40, "-1e30")
_TEXTS = (
    '"a"',
    '"abc"',
    '"A b, c"',
    '"Zo\\u00eb 🎁"',
    '"\\t x"',
    '"' + "long " * 30 + '"',
    '"0150"',
)


@st.composite
def values_of(draw: st.DrawFn, usual: tuple[str, ...], *, hostile: bool) -> str:
    """One value; with `hostile` perhaps one of another kind, or a number at the bounds."""
    if hostile and draw(st.integers(0, 19)) == 0:
        usual = _ODD + _ODD_NUMBERS + _TEXTS
    chosen: str = draw(st.sampled_from(usual))
    return chosen


@st.composite
def inputs(draw: st.DrawFn) -> Inputs:
    """An order for any of the mappings."""
    hostile = draw(st.integers(0, 4)) == 0

    def value(usual: tuple[str, ...]) -> str:
        return draw(values_of(usual, hostile=hostile))

    def members(**of: str) -> str:
        kept = {k: v for k, v in of.items() if not hostile or draw(st.integers(0, 60))}
        return "{" + ", ".join(f'"{key}": {text}' for key, text in kept.items()) + "}"

    def item(number: int) -> str:
        return members(
            id=value((f'"i{number}"',)),
            price=value(_NUMBERS),
            qty=value(("1", "2", '"3"')),
            name=value(_TEXTS),
        )

    count = draw(st.integers(0, 3))
    items = f"[{', '.join(item(number) for number in range(count))}]"
    inner = members(
        n=value(_NUMBERS), t=value(_TEXTS), ns="[1, 2.5]", ts='["a", "1"]', o="{}", os="[]"
    )
    doc = members(
        n=value(_NUMBERS),
        t=value(_TEXTS),
        ns="[3, -0.25]",
        ts='["b"]',
        o='{"a": "1"}',
        os=f"[{inner}, {inner}]",
    )
    payload = members(
        id='"o1"', n=value(("1", "4", "-7", '"12"')), d=value((*_NUMBERS, '"2.75"')), m=value((*_NUMBERS, "null")),
        u=value(_NUMBERS), t=value((*_TEXTS, "null")), s=value(_TEXTS), b=value(("true", "false", "null", '"True"')),
        ns=value(("[1, 2.5]", "[]", "[3]")), o=members(k=value(_NUMBERS), name=value(_TEXTS), deep='{"er": null}'),
        x=value(("null", '"a"', "5", '{"y": 1}')), w=value(('"2026-12-03T18:41:06.110"', '"2026-03-01T03:30:00Z"')),
        items=value((items,)), others='[{"id": "i0", "name": "other"}]', doc=value((doc,)),
    )  # fmt: skip
    event = f'{{"tenant": "t", "name": "order.opened", "published_at": "x", "payload": {payload}}}'
    edges = f'[{{"node": {members(productId=value(_TEXTS), quantity="1", tax=value(_NUMBERS))}}}]'
    connection = members(pageInfo=value(('{"hasNextPage": false}',)), edges=value((edges, "[]")))
    order = members(
        id='"o1"',
        currency=value(('"USD"', '"JPY"', '"KWD"')),
        grandTotal=value((*_NUMBERS, '"5.00"')),
        items=connection,
    )
    answer = value((f'{{"data": {{"order": {order}}}}}',))
    sources: dict[str, object] = {"order": _read(answer), "more": _read("{}")}
    if hostile and draw(st.integers(0, 9)) == 0:
        sources["order"] = ABSENT
    table = build_table("live", {"a": 1, "abc": "x"}, Options(), place=None)
    return Inputs(_read(event), sources, {"live": table})


def _read(text: str) -> object:
    return read_json_bytes("document", text.encode())
