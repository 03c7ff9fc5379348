"""Mappings, orders and tables made to hang, to fill the memory or to crash, through the command.

Each ends in exit code 1 with findings, in a process that may not take 100 MB more than a plain
order takes. How long it takes is measured by people, not here; the patience below only keeps the
suite from hanging.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import processes
import pytest
from conftest import ROOT
from processes import environment

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is measured by what Linux tells"
)

ALLOWED = 100 * 2**20
PATIENCE = 20
MAPPING, TENANT, LOOKUP = "t/m.yaml", "t/tenant.yaml", "t/lookups/x.csv"

Content = str | bytes | Callable[[Path], object]


def tenant(mappings: str = "[m]", more: str = "") -> str:
    return f"erpmap: 1\ntenant: t\nnewstore: {{tenant: t-sandbox}}\nmappings: {mappings}\n{more}"


def mapping(memo: str = "{{ x }}", *, x: str = "event.payload.x", more: str = "") -> str:
    """A small mapping with a path and a template of ours; `more` stands at its end."""
    return f"""erpmap: 1
mapping: m
on: {{event: order.opened}}
fields:
  id: event.payload.id
  currency: {{path: event.payload.currency, default: USD}}
  x: {{path: {json.dumps(x)}, optional: true}}
records:
  r: {{record: salesOrder, write: create, external_id: "X-{{{{ id }}}}", body: {{custbody_memo: {json.dumps(memo)}}}}}
{more}"""


def event(x: str = "1", order: str = '"E1"') -> str:
    """An event whose payload holds a JSON text under `x`."""
    return (
        '{"tenant": "t", "name": "order.opened", "published_at": "2026-01-01T00:00:00Z",'
        f' "payload": {{"id": {order}, "x": {x}}}}}'
    )


def values(templates: Mapping[str, str] | list[str]) -> str:
    named = dict(enumerate(templates)) if isinstance(templates, list) else templates
    return "values:\n" + "".join(f"  v{n}: {json.dumps(text)}\n" for n, text in named.items())


def text_of(character: str, times: int) -> str:
    return json.dumps(character * times)


def list_of(entry: str, times: int) -> str:
    return "[" + ",".join([entry] * times) + "]"


def numbered(pattern: str, times: int, separator: str = "") -> str:
    return separator.join(pattern.format(n) for n in range(times))


def run(folder: Path, files: Mapping[str, Content], document: str | bytes | None) -> str:
    """What the command says: render when there is an event, else validate. It has to refuse."""
    for path, content in ({TENANT: tenant(), MAPPING: mapping()} | dict(files)).items():
        _make(folder / "mappings" / path, content)
    arguments = ["validate", "--format", "json"]
    if document is not None:
        _make(folder / "event.json", document)
        arguments = ["render", "t", "--event", "event.json", "--format", "json"]
    ended = processes.run(
        *arguments,
        env=environment(),
        cwd=folder,
        memory=allowed_memory() + ALLOWED,
        timeout=PATIENCE,
    )
    assert (ended.returncode, ended.stderr) == (1, b""), ended.stderr[-2_000:]
    return ended.stdout.decode("utf-8")


def _make(path: Path, content: Content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if callable(content):
        content(path)
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)


@cache
def allowed_memory() -> int:
    """The address space in bytes that validating a plain tenant takes at most."""
    script = Path(processes.__file__).with_name("peak.py")
    process = processes.run(
        "validate",
        "nordhus",
        script=script,
        env=environment({"PYTHONPATH": str(ROOT)}),
        timeout=PATIENCE,
    )
    return int(process.stderr) * 1024


def codes(said: str) -> set[str]:
    """The codes of the findings that said JSON holds."""
    return set(re.findall(r'"code": "([EW]\d{4})"', said))


# --- templates and paths: many in one mapping, each with a finding of its own --------------------

TEMPLATES = {
    "{{ 'a' | center(200000000) }}": "E0404",
    "{{ range(10 ** 9) | list }}": "E0405",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}": "E0403",
    "{{ '{:999999999}'.format(1) }}": "E0403",
    "{% for x in range(10 ** 9) %}x{% endfor %}": "E0402",
    "{{ id | date('../../etc/passwd') }}": "E0424",
    "{{ 1e999999999 }}": "E0902",
    "{{ " + "9" * 9_000 + " }}": "E0902",
    "{{ " + "(" * 20_000 + " }}": "E0906",
    "{{ 1" + "+1" * 4_000 + " }}": "E0906",
    "{{ " + "not " * 2_000 + "1 }}": "E0906",
    "{{ " + "-" * 9_000 + "1 }}": "E0906",
    "{{ 1" + "|string" * 1_000 + " }}": "E0906",
    "{{ x" + ".a" * 4_000 + " }}": "E0906",
    "{{ " + "1 if " * 9_000 + " }}": "E0906",
    "{{ " + "{" * 5_000 + " }}": "E0906",
    "{{ 1" + "<2" * 30_000 + " }}": "E0906",
    "{{" * 5_000: "E0906",
    "{#" * 5_000: "E0402",
}

PATHS = {
    "[" * 9_000: "E0906",
    "(" * 5_000: "E0906",
    "a" * 60_000: "E0906",
    "a" + "|a" * 4_000: "E0906",
    "to_array(" * 1_000: "E0906",
    "`" + "[" * 9_000 + "`": "E0906",
    "a[" + "9" * 9_000 + "]": "E0902",
    "`1e99999999999`": "E0902",
    "a\x00b": "E0301",
}


def test_templates_are_refused_before_any_order(tmp_path: Path) -> None:
    said = run(tmp_path, {MAPPING: mapping(more=values(list(TEMPLATES)))}, None)
    assert [code for _, code in sorted(_by_line(said))] == list(TEMPLATES.values())


def test_paths_are_refused_before_any_order(tmp_path: Path) -> None:
    more = "ready:\n" + "".join(
        f"  r{n}: {{check: {json.dumps(path)}, otherwise: later}}\n" for n, path in enumerate(PATHS)
    )
    said = run(tmp_path, {MAPPING: mapping(more=more + "retry: {later: {then: park}}\n")}, None)
    assert [code for _, code in sorted(_by_line(said))] == list(PATHS.values())


def _by_line(said: str) -> set[tuple[int, str]]:
    return {(finding["line"], finding["code"]) for finding in json.loads(said)}


AT_WORK = {
    "{{ 9 ** (9 ** 8) }}": "E0414",
    "{{ text * 10 ** 9 }}": "E0414",
    "{{ text % 1 }}": "E0414",
    "{{ 10 ** 29 * 10 ** 29 * 10 ** 29 }}": "E0902",
    "{{ 1 / 0 }}": "E0903",
    "{{ 1 | round(10 ** 9) }}": "E0415",
    "{{ '1e999999999' | number }}": "E0423",
    "{{ text | replace('a', text) }}": "E0901",
    "{{ text ~ text }}": "E0904",
    "{{ text | number }}": "E0423",
    "{{ text | upper ~ text }}": "E0904",
    "{{ many | join(',') }}": "E0904",
    "{{ many | sum }}": "E0415",
    "{{ many | split(',') }}": "E0415",
    "{{ commas | split(',') }}": "E0901",
}


@pytest.mark.parametrize("template", AT_WORK)
def test_templates_stay_small_at_work(tmp_path: Path, template: str) -> None:
    more = values([template]).replace("values:\n", f"values:\n{_FACTS}")
    payload = {"text": "a" * 99_000, "many": ["x"] * 60_000, "commas": "," * 2_000_000}
    said = run(tmp_path, {MAPPING: mapping(more=more)}, event(json.dumps(payload)))
    findings = json.loads(said)[0]["findings"]
    assert [finding["code"] for finding in findings] == [AT_WORK[template]]


_FACTS = '  text: "{{ x.text }}"\n  many: "{{ x.many }}"\n  commas: "{{ x.commas }}"\n'


def doubling(first: str, step: str, times: int = 60) -> str:
    """Values that each hold the one before twice."""
    return values({"0": first} | {str(n + 1): step.replace("_", f"v{n}") for n in range(times)})


LOOP = "lines:\n  l: {{for: i in x, body: {{a: {}}}}}\n"

WORK: dict[str, tuple[str, str, str]] = {
    "lists doubled by a path": (mapping(x="event.payload.x" + " | [@,@][]" * 20), "1", "E0901"),
    "lists shared by a path": (mapping(x="event.payload.x" + " | [@,@]" * 40), "1", "E0901"),
    "texts doubled": (mapping("{{ v60 }}", more=doubling("ab", "{{ _ ~ _ }}")), "1", "E0904"),
    "lists doubled": (mapping("{{ v60 }}", more=doubling("{{ [1] }}", "{{ [_, _] }}")), "1", "E0901"),
    "lists compared": (
        mapping("{{ v60 == v60 }}", more=doubling("{{ [1] }}", "{{ [_, _] }}")), "1", "E0901"),
    "a line for each of many": (
        mapping("{{ lines.all }}", more=LOOP.format('"{{ i }}"')), list_of("1", 200_000), "E0901"),
    "a loop in a loop": (
        mapping("{{ lines.all }}", more=LOOP.format('"{{ x | unique }}"')), list_of("1", 50_000), "E0901"),
    "deeper than a payload may be": (mapping(), "[" * 190 + "]" * 190, "E0906"),
    "maps deeper than a payload may be": (mapping(), '{"a":' * 190 + "1" + "}" * 190, "E0906"),
    "digits of a telephone number": (mapping("{{ x | phone('0') }}"), text_of("1", 4_000_000), "E0904"),
    "hundreds of unknown keys": (
        mapping("{{ lines.all }}", more="lookups: {item: {values: {"
                + numbered("sku-{:036}: 1", 600, ", ") + "}}}\n" + LOOP.format("\"{{ lookup('item', i) }}\"")),
        "[" + numbered('"sku-of-nothing-{:025}"', 400, ",") + "]", "E0601"),
    "thousands of terms": (
        mapping(more="checks: {c: {terms: {" + numbered("t{}: '{{{{ 1 }}}}'", 3_000, ", ") + "}, sums_to: 0}}\n"),
        "1", "E0801"),
    "thousands of suspects": (
        mapping(more="values:\n" + numbered("  v{0}: {{is: '{{{{ {0}.5 }}}}', type: money}}\n", 3_000)
                + "checks: {c: {terms: {a: '{{ 1 }}', b: '{{ 2.25 }}'}, sums_to: 0}}\n"), "1", "E0801"),
}  # fmt: skip


@pytest.mark.parametrize("name", WORK)
def test_work_ends(name: str, tmp_path: Path) -> None:
    written, x, code = WORK[name]
    assert codes(run(tmp_path, {MAPPING: written}, event(x))) == {code}


# --- YAML ----------------------------------------------------------------------------------------

YAML: dict[str, tuple[str | bytes, str]] = {
    "lists 100,000 deep": ("[" * 100_000, "E0111"),
    "maps 50,000 deep": ("{a: " * 50_000, "E0111"),
    "blocks 900 deep": ("".join(" " * depth + "a:\n" for depth in range(900)), "E0111"),
    "entries 100,000 deep": ("- " * 100_000, "E0111"),
    "a billion laughs": (
        "a0: &a0 [x, x]\n" + numbered("a1{0}: &a1{0} [*a{0}, *a{0}]\n", 40), "E0108"),
    "merge keys": ("a: &a {x: 1}\n" + numbered("b{}:\n  <<: [*a, *a]\n", 51), "E0108 E0109"),
    "python objects": ("a: !!python/object/apply:os.system [id]\n", "E0110"),
    "numbers without end": ("a: 1e2000000\nb: " + "9" * 100_000 + "\nc: 0x" + "f" * 90_000, "E0115"),
    "two megabytes": ("a: " + "x" * 2_000_000, "E0104"),
    "keys without end": ("k" * 200_000 + ": 1\n", "E0106"),
    "equal keys": ("a: 1\n" * 9_000, "E0107"),
    "unknown keys": (numbered("k{}: 1\n", 9_000), "E0201 E0203"),
    "a quote never closed": ("a: '" + "x\n" * 100_000, "E0106"),
    "colons": (":" * 400_000, "E0106"),
    "tags": ("a: " + "!x " * 100_000, "E0110"),
    "anchors": (numbered("a{0}: &x{0} 1\n", 9_000), "E0108"),
    "utf-16": ("a: b".encode("utf-16"), "E0105"),
    "nul": ("a: \0\n", "E0106"),
    "half a character": (rb'a: "\ud800"', "E0106"),
    "directives": ("%YAML 1.1\n---\na: b\n", "E0116"),
    "nothing but a comment": ("#" * 400_000, "E0113"),
}  # fmt: skip


@pytest.mark.parametrize("file", [MAPPING, TENANT])
def test_yaml(file: str, tmp_path: Path) -> None:
    """All of them at once: each tenant is refused for reasons of its own."""
    files: dict[str, Content] = {}
    for number, (text, _) in enumerate(YAML.values()):
        folder = f"t{number:02}"
        files |= {
            f"{folder}/tenant.yaml": tenant().replace("tenant: t\n", f"tenant: {folder}\n"),
            file.replace("t/", f"{folder}/", 1): text,
        }
    said = json.loads(run(tmp_path, files, None))
    for number, (name, (_, expected)) in enumerate(YAML.items()):
        own = f"t{number:02}/"
        found = {one["code"] for one in said if own in (one["file"] or one["message"])}
        assert found, name
        assert found <= set(expected.split()), name


CHAIN = {f"t/c{n}.yaml": f"erpmap: 1\nextends: c{n + 1}\n" for n in range(300)}
TREE = {f"t/c{n}.yaml": f"erpmap: 1\nextends: [c{n + 1}, c{n + 2}]\n" for n in range(60)}
WIDE = {f"t/c{n}.yaml": "fields:\n" + numbered(f"  f{n}x{{}}: event.a\n", 9_000) for n in range(10)}


@pytest.mark.parametrize(
    ("extends", "others", "code"),
    [
        ("m", {}, "E0120"),
        ("../../../etc/passwd", {}, "E0103"),
        ("/etc/passwd", {}, "E0103"),
        ("a" * 100_000, {}, "E0103"),
        (f"[{numbered('x{}', 5_000, ', ')}]", {}, "E0121"),
        ("c0", CHAIN, "E0125"),
        ("c0", TREE, "E0125"),
        (f"[{numbered('c{}', 10, ', ')}]", WIDE, "E0104"),
    ],
    ids=["itself", "out", "absolute", "long", "many", "chain", "tree", "wide"],
)  # fmt: skip
def test_extends(extends: str, others: dict[str, Content], code: str, tmp_path: Path) -> None:
    said = run(tmp_path, {MAPPING: mapping() + f"extends: {extends}\n", **others}, None)
    assert code in codes(said)


def _folder(path: Path) -> None:
    path.mkdir()


def _link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


@pytest.mark.parametrize(
    ("thing", "code"),
    [
        (os.mkfifo, "E0102"),
        (_folder, "E0102"),
        (_link("/dev/zero"), "E0103"),
        (_link("/etc/passwd"), "E0103"),
        (_link("m.yaml"), "E0102"),
    ],
    ids=["pipe", "folder", "device", "outside", "itself"],
)
@pytest.mark.parametrize("file", [MAPPING, LOOKUP])
def test_things_that_are_no_files(
    file: str, thing: Callable[[Path], None], code: str, tmp_path: Path
) -> None:
    more = "lookups: {x: {file: lookups/x.csv, key: k}}\n"
    files: dict[str, Content] = {MAPPING: mapping(more=more), file: thing}
    if file == LOOKUP and code == "E0102" and thing not in (os.mkfifo, _folder):
        files[file] = _link("x.csv")
    assert codes(run(tmp_path, files, None)) == {code}


@pytest.mark.parametrize("zone", ["../../etc/passwd", "/etc/localtime", "a" * 9_000, r"\0", "."])
def test_time_zones(zone: str, tmp_path: Path) -> None:
    files: dict[str, Content] = {
        TENANT: tenant(more=f'settings: {{zone: "{zone}"}}\n'),
        MAPPING: mapping(more="settings: {zone: {type: timezone}}\n"),
    }
    assert codes(run(tmp_path, files, None)) == {"E0513"}


# --- queries -------------------------------------------------------------------------------------

QUERIES = {
    "fields 9,000 deep": ("items{edges{node{" * 3_000, "E1007"),
    "a hundred thousand fields": ("id " * 100_000, "E1007"),
    "aliases": (numbered("a{}: id", 9_000, " "), "E1007"),
    "fields overlapping": ("items{edges{node{id}}} " * 3_000, "E1007"),
    "fields overlapping in each other": ("items{edges{node{" * 15 + "id " * 1_500 + "}}}" * 15, "E1002"),
    "fragments in a circle": (
        "...A}} fragment A on Order {...B} fragment B on Order {... on Order {...A", "E1002"),
    "fragments doubling": (
        "...F0}} " + "".join(f"fragment F{n} on Order {{...F{n + 1} ...F{n + 1}}} " for n in range(60))
        + "fragment F60 on Order {... on Order {id", "E0204"),
    "fragments doubling without end": (
        "...F0}} " + "".join(f"fragment F{n} on Order {{...F{n + 1} ...F{n + 1}}} " for n in range(600))
        + "fragment F600 on Order {... on Order {id", "E1007"),
    "half a character": (r"id @include(if: \"\ud800\")", "E1001"),
}  # fmt: skip


@pytest.mark.parametrize("name", QUERIES)
def test_queries(name: str, tmp_path: Path) -> None:
    fields, code = QUERIES[name]
    query = f"query Q($id: String!, $tenant: String!) {{ order(id: $id, tenant: $tenant) {{ {fields} }} }}"
    more = (
        f"sources:\n  order:\n    graphql: |\n      {query}\n"
        "    variables: {id: event.payload.id, tenant: tenant.newstore.tenant}\n    select: order\n"
    )
    written = mapping(x="order.nothing", more=more)
    assert code in codes(run(tmp_path, {MAPPING: written}, None))


# --- tables --------------------------------------------------------------------------------------

TABLES: dict[str, tuple[str, str | bytes, str]] = {
    "a cell of 9 MB": ("csv", "k,v\n" + "x" * 9_000_000, "E0610"),
    "a quote never closed": ("csv", 'k,v\n"' + "x" * 9_000_000, "E0610"),
    "quotes": ("csv", "k,v\n" + '"' * 9_000_001, "E0610"),
    "rows": ("csv", "k,v\n" + numbered("{},1\n", 900_000), "E0104"),
    "equal rows": ("csv", "k,v\n" + "a,1\n" * 2_000_000, "E0104"),
    "rows of blanks": ("csv", "k,v\n" + ",,\n" * 3_000_000 + "a,b,c\n", "E0104"),
    "line ends": ("csv", "\n" * 9_000_000, "E0104"),
    "columns": ("csv", "k," + numbered("v{}", 900_000, ",") + "\n" + "1," * 900_000, "E0610"),
    "too large": ("csv", "x" * 11_000_000, "E0104"),
    "nul": ("csv", "k,v\n\0,1\n", "E0610"),
    "ragged rows": ("csv", "k,v\n" + "a,b,c\n" * 90_000, "E0608"),
    "lists 9,000,000 deep": ("json", "[" * 9_000_000, "E0506"),
    "keys": ("json", "{" + numbered('"k{}":1', 240_000, ",") + "}", "E0609"),
    "equal json rows": ("json", list_of('{"k":"a","v":1}', 90_000), "E0602"),
    "a number without end": ("json", '{"a": 1e99999999}', "E0505"),
    "yaml 100,000 deep": ("yaml", "a: " + "[" * 100_000, "E0111"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_tables(name: str, tmp_path: Path) -> None:
    ending, content, code = TABLES[name]
    files: dict[str, Content] = {
        MAPPING: mapping(more=f"lookups: {{x: {{file: lookups/x.{ending}, key: k}}}}\n"),
        f"t/lookups/x.{ending}": content,
    }
    assert code in codes(run(tmp_path, files, None))


# --- events --------------------------------------------------------------------------------------

EVENTS: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "E0502"),
    "cut off": (event()[:60], "E0502"),
    "lists 9,000,000 deep": ("[" * 9_000_000, "E0506"),
    "maps 100,000 deep": ('{"a":' * 100_000, "E0506"),
    "quotes": ('"' * 9_000_000, "E0502"),
    "backslashes": ('"' + "\\" * 9_000_000, "E0502"),
    "minus signs": ("-" * 9_000_000, "E0502"),
    "9,000,000 digits": ("9" * 9_000_000, "E0505"),
    "an exponent of two millions": (event("1e2000000"), "E0505"),
    "not a number": (event("NaN"), "E0504"),
    "two hundred thousand NaN": (event(list_of("NaN", 200_000)), "E0504"),
    "equal keys": (event('{"a": 1, "a": 2}'), "E0503"),
    "two hundred thousand equal keys": ("{" + '"a":1,' * 200_000 + '"a":1}', "E0503"),
    "too many values": (event(list_of("1", 600_000)), "E0507"),
    "too large": (event(text_of("x", 11_000_000)), "E0104"),
    "utf-16": (event().encode("utf-16"), "E0501"),
    "latin-1": (event('"é"').encode("latin-1"), "E0501"),
    "nul": (b"\0" * 1_000_000, "E0502"),
    "an id without end": (event(order=text_of("x", 200_000)), "E0904"),
    "an id that is a list": (event(order="[1, 2]"), "E0412"),
}


@pytest.mark.parametrize("name", EVENTS)
def test_events(name: str, tmp_path: Path) -> None:
    document, code = EVENTS[name]
    said = run(tmp_path, {}, document)
    assert codes(said) == {code}
    assert len(said) < 200_000


def test_what_an_order_says_does_not_command_the_terminal(tmp_path: Path) -> None:
    order = r'"\u001b[31m\u202eE1\ud800\n"'
    files: dict[str, Content] = {MAPPING: mapping("{{ 1 / 0 }}")}
    run(tmp_path, files, event(order=order))
    arguments = ["--mappings", "mappings", "render", "t", "--event", "event.json"]
    told = processes.run(*arguments, cwd=tmp_path, env=environment(), timeout=PATIENCE)
    assert (told.returncode, told.stdout) == (1, b"")
    words = told.stderr.decode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\ud800-\udfff]", words)
