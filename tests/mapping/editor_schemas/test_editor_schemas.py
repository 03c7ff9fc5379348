"""The schemas for editors take every file that erpmap takes, and know what it refuses.

Files are read as an editor reads them: YAML 1.2's core schema without tags of ours, checked by a standard
validator that knows nothing of erpmap.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from jsonschema import Draft202012Validator

SCHEMAS = {path.name.partition(".")[0]: json.loads(path.read_text("utf-8"))
           for path in sorted((ROOT / "schemas").glob("*.schema.json"))}  # fmt: skip
KINDS = {
    "tenant.yaml": "tenant",
    "simulator.yaml": "simulator",
    "operator.yaml": "operator",
    "refusals.yaml": "refusals",
}
# Predicates of a case are a list, which has no schema.
PREDICATES = "expect.yaml"
# Tables, and the shipped catalogue of refusals, which has another form than a tenant's.
NOT_OURS = re.compile(r"/lookups/|/cases/|schemas/netsuite/refusals")
MOST_BYTES = 400_000


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema: `no` and dates are texts; an unknown tag is an error."""


CoreLoader.yaml_implicit_resolvers = {}


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    CoreLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), _first
    )
CoreLoader.add_constructor(
    "tag:yaml.org,2002:int", lambda _, node: int(node.value, 0 if node.value[1:2] in "ox" else 10)
)


def loaded(text: str) -> Any:
    return yaml.load(text, CoreLoader)


def files() -> Iterator[Path]:
    """Every YAML file of ours, but for those that show mistakes."""
    for folder in ("mappings", "schemas/netsuite", "tests/delivery", "tests/orders"):
        for path in sorted((ROOT / folder).rglob("*.yaml")):
            if not NOT_OURS.search(path.as_posix()):
                yield path


FILES = list(files())


def mistakes(kind: str, document: object) -> list[str]:
    found = Draft202012Validator(SCHEMAS[kind]).iter_errors(document)
    return [f"{error.json_path}: {error.message[:200]}" for error in found]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_of_ours_fits_its_schema(path: Path) -> None:
    kind = KINDS.get(path.name, "mapping")
    text = path.read_text("utf-8")
    assert mistakes(kind, loaded(text)) == []
    named = re.search(r"yaml-language-server: \$schema=(\S+)", text)
    if named:
        assert (path.parent / named[1]).resolve() == ROOT / "schemas" / f"{kind}.schema.json"


def test_the_files_are_found() -> None:
    names = {path.name for path in FILES}
    assert {
        "order.yaml",
        "common.yaml",
        "tenant.yaml",
        "simulator.yaml",
        "returns.yaml",
    } <= names


FENCES = {"yaml": "mapping", "yaml operator": "operator"}
TITLED = re.compile(r'^```yaml title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "page",
    ["mappings/README.md", *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md")))],
)
def test_the_examples_of_pages_fit(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    blocks = [
        (KINDS.get(Path(name).name, "mapping"), block)
        for name, block in TITLED.findall(text)
        if Path(name).name != PREDICATES
    ]
    for fence, kind in FENCES.items():
        found = re.findall(rf"^```{fence}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        blocks += [(kind, block) for block in found]
    for kind, block in blocks:
        assert mistakes(kind, loaded(block)) == [], block


def test_the_example_of_refusals_fits() -> None:
    page = (ROOT / "docs" / "refusals.md").read_text("utf-8")
    (block,) = re.findall(r"^```yml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert mistakes("refusals", loaded(block)) == []


def parts(schema: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of a schema that describes values, with its path."""
    yield path, schema
    for key in ("properties", "$defs"):
        for name, part in schema.get(key, {}).items():
            yield from parts(part, f"{path}.{key}.{name}")
    for key in ("additionalProperties", "items", "then"):
        if isinstance(schema.get(key), dict):
            yield from parts(schema[key], f"{path}.{key}")
    for number, part in enumerate(schema.get("allOf", ())):
        yield from parts(part, f"{path}.allOf[{number}]")


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_is_valid_small_and_explains_every_key(kind: str) -> None:
    schema = SCHEMAS[kind]
    Draft202012Validator.check_schema(schema)
    assert (ROOT / "schemas" / f"{kind}.schema.json").stat().st_size < MOST_BYTES
    silent = [
        path
        for path, part in parts(schema)
        if ".properties." in path
        and ".then." not in path
        and path.rpartition(".properties.")[2].count(".") == 0
        and "description" not in part
        and "$ref" not in part
    ]
    assert silent == []
    validator = Draft202012Validator(schema)
    for path, part in parts(schema):
        assert part.get("$ref", "#/$defs/").removeprefix("#/$defs/") in {
            "",
            *schema.get("$defs", {}),
        }, path
        # A body's keys are hints: they have no type that an example could miss.
        for value in part.get("examples", ()):
            assert list(validator.evolve(schema=part).iter_errors(value)) == [], path


MAPPING = "erpmap: 1\n"
TAKEN = {
    "any template in a body": "records: {a: {record: salesOrder, body: {memo: '{{ x }}', entity: '{{ x }}', item: '{{ lines.all }}', shipDate: {id: 1}}}}",
    "fields of the account": "records: {a: {record: salesOrder, body: {custbody_x: 1, unknown: [1, {a: b}]}}}",
    "records without a schema": "records: {a: {record: vendorBill, body: {memo: 1}}}",
    "a part of an entry": "ready: {paid: {otherwise: later}}\nfields: {items: {join: {ev: {on: id}}}}\nrecords: {sale: {from: {id: '{{ x }}'}}}",
    "placements in a payload": "records: {sales_order: {body: {$remove: [memo], $before: {entity: memo}, shippingAddress: {$remove: addr2}}}}",
    "placements of lines": "lines: {$remove: [tax, 1, true], $after: {gift: item}, item: {body: {item: {$remove: [id]}}, after: {$remove: [discount]}}}",
    "placements at the root": "$remove: [settings]\n$before: {ready: fields}",
    "placements in tables": "lookups: {currency: {values: {$remove: [USD], EUR: {$before: {a: b}}}}}\nsources: {order: {variables: {$remove: [id]}}}",
}
REFUSED = {
    "another version": ("erpmap: 2", "$.erpmap"),
    "no version": ("mapping: a", "$"),
    "a misspelled key": (f"{MAPPING}feilds: {{}}", "$"),
    "a misspelled inner key": (f"{MAPPING}fields: {{a: {{pth: b}}}}", "$.fields.a"),
    "a closed word": (f"{MAPPING}fields: {{a: {{path: b, type: text}}}}", "$.fields.a.type"),
    "a way of writing": (f"{MAPPING}records: {{a: {{write: insert}}}}", "$.records.a.write"),
    "a way of writing of a known name": (
        f"{MAPPING}records: {{sales_order: {{write: insert}}}}",
        "$.records.sales_order.write",
    ),
    "a misspelled placement": (f"{MAPPING}fields: {{$removed: a}}", "$.fields"),
    "a malformed placement": (f"{MAPPING}lines: {{$before: [a]}}", "$.lines['$before']"),
    "a map to remove": (f"{MAPPING}lines: {{$remove: {{a: b}}}}", "$.lines['$remove']"),
    "a name with capitals": (f"{MAPPING}fields: {{Total: a}}", "$.fields"),
}


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN.keys())
def test_an_overlay_may_say(text: str) -> None:
    assert mistakes("mapping", loaded(MAPPING + text)) == []


@pytest.mark.parametrize(("text", "place"), REFUSED.values(), ids=REFUSED.keys())
def test_an_editor_marks(text: str, place: str) -> None:
    found = mistakes("mapping", loaded(text))
    assert {line.partition(": ")[0] for line in found} == {place}


def described(record: dict[str, Any], name: str = "a") -> set[str]:
    """The keys of a body that an editor offers for a record."""
    schema = SCHEMAS["mapping"]
    records = schema["properties"]["records"]
    part = records["properties"].get(name, {})
    known = schema["$defs"]["record"]["allOf"] + [part]
    validator = Draft202012Validator(schema)
    for each in known:
        if "if" in each and not list(validator.evolve(schema=each["if"]).iter_errors(record)):
            definition = each["then"]["properties"]["body"]["$ref"].removeprefix("#/$defs/")
            return set(schema["$defs"][definition]["properties"])
    return set()


def test_the_keys_of_a_body_are_those_of_its_record() -> None:
    sales_order = json.loads((ROOT / "schemas/netsuite/salesOrder.schema.json").read_text("utf-8"))
    placements = {"$remove", "$before", "$after"}
    assert described({"record": "salesOrder"}) == {*sales_order["properties"], *placements}
    assert described({"record": "cashSale"}, "sales_order") == described({"record": "cashSale"})
    assert described({}, "sales_order") == described({"record": "salesOrder"})
    assert described({"record": "vendorBill"}) == described({}) == set()
    lines = SCHEMAS["mapping"]["properties"]["lines"]["additionalProperties"]["properties"]
    assert lines["body"]["$ref"] == "#/$defs/line"
    assert {"item", "rate", "taxCode", *placements} <= set(
        SCHEMAS["mapping"]["$defs"]["line"]["properties"]
    )
