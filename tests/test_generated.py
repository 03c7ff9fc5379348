"""Files that are written from the code: schemas, tables in mappings/README.md, docs/findings.md, pictures."""

from __future__ import annotations

import datetime as dt
import json
import re
import runpy
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from conftest import ROOT, Golden
from right_examples import examples

from engine.commands.explain.catalogue import Explanation, load_explanations
from engine.commands.schema.print_schema import SCHEMAS
from engine.documents import write_json
from engine.findings.codes import CHAPTERS, CODES
from engine.findings.diagnostics import SourceText
from engine.language.functions import FILTERS, FUNCTIONS, OMIT, TESTS, Function
from engine.language.paths import FUNCTIONS as PATH_FUNCTIONS
from engine.language.types import TYPES
from engine.mapping.editor_schemas import format_schema
from engine.mapping.files.grammar import list_keys, mapping_schema, tenant_schema
from engine.mapping.files.nodes import as_data
from engine.mapping.files.parse_yaml import read_yaml
from engine.netsuite.refusals import load_refusals

GUIDE = ROOT / "mappings" / "README.md"
DOCS = ROOT / "docs"
EXAMPLES = ROOT / "tests" / "findings" / "diagnostics"
EXPLAINED = ROOT / "schemas" / "findings"
FINDINGS_HEAD = """\
# Findings

A finding says what is wrong, where, and what to do. Every kind of finding has a code, which is never used for something
else. An **error** stops the mapping, or the order; a **warning** does not. Search this page for the code that you see.

`erpmap explain CODE` shows the same. This page is written by `make golden` from `schemas/findings`, whose examples are
those of `tests/findings/diagnostics`.
"""


def table(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    def line(cells: Iterable[object]) -> str:
        return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"

    headings = list(headings)
    return "\n".join([line(headings), line("---" for _ in headings), *map(line, rows)])


def keys_table() -> str:
    rows = ((f"`{key}`", words) for key, words in list_keys(mapping_schema()))
    return table(("key", "what it says"), rows)


def tenant_table() -> str:
    rows = ((f"`{key}`", words) for key, words in list_keys(tenant_schema()))
    return table(("key", "what it says"), rows)


def types_table() -> str:
    rows = ((f"`{name}`", kind.summary) for name, kind in TYPES.items())
    return table(("type", "what it takes"), rows)


def functions_table(functions: dict[str, Function]) -> str:
    rows = (
        (f"`{name}`", function.summary, "<br>".join(map(example, function.examples)))
        for name, function in sorted(functions.items())
    )
    return table(("name", "what it does", "examples"), rows)


def example(case: tuple[str, Mapping[str, object], object]) -> str:
    expression, names, result = case
    # The lines that the examples share are described above the table.
    own = {name: value for name, value in names.items() if name != "lines"}
    given = f" with {shown(own)}" if own else ""
    return f"`{expression}` → `{shown(result)}`{given}"


def shown(value: object) -> str:
    return "omit" if value is OMIT else write_json(readable(value), indent=None)


def readable(value: object) -> object:
    if isinstance(value, dict):
        return {key: readable(inner) for key, inner in value.items()}
    return value.isoformat() if isinstance(value, dt.date) else value


def path_functions_table() -> str:
    return ", ".join(f"`{name}`" for name in sorted(PATH_FUNCTIONS))


def findings_page() -> str:
    """Every finding code with its severity, its explanation, and its example."""
    load_explanations.cache_clear()
    explanations = load_explanations()
    parts = [FINDINGS_HEAD]
    for digits, chapter in CHAPTERS.items():
        parts.append(f"\n## {digits} {chapter}\n")
        parts += [
            explained(explanation)
            for code, explanation in explanations.items()
            if code[1:3] == digits
        ]
    return "".join(parts)


def explained(explanation: Explanation) -> str:
    """The section of one code."""
    text = (
        f"\n### {explanation.code}\n\n**{explanation.severity}**: {explanation.title}.\n\n"
        f"{explanation.means} {explanation.matters}\n\n**What to do:** {explanation.do}\n"
    )
    example = explanation.example
    if example is None:
        return text + "\nThere is no example: no dry run shows it.\n"
    wrong = [block(f"Wrong, in {it.file}:", it.wrong) for it in example.changes if it.wrong]
    right = [
        block(f"Right, in {it.file}:", it.right or "(these lines are deleted)")
        for it in example.changes
    ]
    return text + "".join([*wrong, block("erpmap says:", example.shown), *right])


def block(heading: str, text: str) -> str:
    return f"\n{heading}\n\n```text\n{text}\n```\n"


REFUSALS_HEAD = """\
# Refusals of NetSuite

When NetSuite refuses a record, an attempt shows the cause and what to do, and NetSuite's own words with `…` for
everything that was sent. Most refusals have the code `USER_ERROR`; the words decide what they mean, in English, German,
Italian and some other languages. Words that are not known here change nothing about safety: the record is looked up, and
the accounting periods are asked. A retry rule ([mappings](../mappings/README.md#keys-of-a-mapping)) can name each code of this page.

| what becomes of it | |
| --- | --- |
| `refused` | the order is parked, unless a retry rule names the code |
| `duplicate` | the record with this external id is looked up and compared |
| `throttled`, `unavailable` | nothing was carried out: it is tried again |
| `unknown` | it may have been carried out: it is looked up, and tried again |

A tenant's own scripts refuse records in words of their own. Name a YAML file in its folder, `netsuite: {refusals: FILE}` in
tenant.yaml; its entries come before those of this page. `validate` checks it:

```yml
- code: BUDGET_LOCKED                    # what retry rules name
  verdict: unavailable                   # as in the table above; refused if it is left out
  netsuite: [ACME_BUDGET_LOCK]           # codes of the scripts, if they have any
  words: ["budget is locked"]            # texts that NetSuite's words contain, in any case, without accents
  cause: a script of the account locks budgets at night
  remedy: nothing; it is tried again
```

An entry that says `throttled` or `unavailable` promises that nothing was carried out. `words` are texts, not regular
expressions. Codes that stand for many errors, such as `USER_ERROR`, are not taken.

This page is written by `make golden` from `schemas/netsuite/refusals.yaml`. To add a refusal, add an entry with an
example there, which is its test.
"""


def refusals_page() -> str:
    """Every known refusal: its code, cause and remedy, and the codes of NetSuite that mean it."""
    rows = (
        (
            f"`{refusal.code}`",
            refusal.explain(None),
            refusal.remedy,
            refusal.verdict.value,
            " ".join(f"`{code}`" for code in refusal.codes),
        )
        for refusal in load_refusals()
    )
    headings = ("code", "cause", "what to do", "what becomes of it", "codes of NetSuite")
    return f"{REFUSALS_HEAD}\n{table(headings, rows)}\n"


SECTIONS: dict[str, Callable[[], str]] = {
    "keys": keys_table,
    "tenant": tenant_table,
    "types": types_table,
    "path functions": path_functions_table,
    "filters": lambda: functions_table(FILTERS),
    "functions": lambda: functions_table(FUNCTIONS),
    "tests": lambda: functions_table(TESTS),
}


def filled(text: str) -> str:
    """The guide with every generated section as the code has it."""

    def section(match: re.Match[str]) -> str:
        return f"{match[1]}\n{SECTIONS[match[2]]()}\n{match[3]}"

    pattern = r"(<!-- generated: ([a-z ]+) -->)\n.*?(<!-- end -->)"
    return re.sub(pattern, section, text, flags=re.DOTALL)


def test_the_guide_has_a_table_for_everything() -> None:
    named = set(re.findall(r"<!-- generated: ([a-z ]+) -->", GUIDE.read_text(encoding="utf-8")))
    assert named == set(SECTIONS)


def test_the_guides_tables_are_what_the_code_says(golden: Golden) -> None:
    golden(GUIDE, filled(GUIDE.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_are_what_the_code_says(name: str, golden: Golden) -> None:
    path: Path = ROOT / "schemas" / f"{name}.schema.json"
    text = format_schema(SCHEMAS[name]())
    assert json.loads(text) == SCHEMAS[name]()
    golden(path, text)


def test_the_examples_are_those_of_the_golden_folders(golden: Golden) -> None:
    text = json.dumps(dict(examples(EXAMPLES)), indent=2, ensure_ascii=False) + "\n"
    golden(EXPLAINED / "examples.json", text)


def test_every_code_is_explained_and_no_other() -> None:
    words = as_data(read_yaml(SourceText("explanations.yaml", explanations_text())))
    assert isinstance(words, dict)
    assert words.keys() == CODES.keys()
    for code, said in words.items():
        assert isinstance(said, dict), code
        assert list(said) == ["means", "matters", "do"], code
        assert all(isinstance(text, str) and text.endswith((".", "`")) for text in said.values()), (
            code
        )


def explanations_text() -> str:
    return (EXPLAINED / "explanations.yaml").read_text(encoding="utf-8")


def test_the_page_of_findings_has_every_code(golden: Golden) -> None:
    page = findings_page()
    assert re.findall(r"^### (\w+)$", page, re.MULTILINE) == list(CODES)
    golden(DOCS / "findings.md", page)


def test_the_page_of_refusals_is_what_the_catalogue_says(golden: Golden) -> None:
    golden(DOCS / "refusals.md", refusals_page())


@pytest.mark.parametrize("source", sorted(DOCS.glob("*.txt")), ids=lambda path: path.stem)
def test_the_pictures_are_what_the_script_draws(source: Path, golden: Golden) -> None:
    draw = runpy.run_path(str(DOCS / "draw.py"))["draw"]
    golden(source.with_suffix(".svg"), draw(source.read_text(encoding="utf-8")))
