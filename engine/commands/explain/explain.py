"""What `erpmap explain` prints: the list of all codes, or all about one."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

import click
from rich.text import Text

from ...findings.codes import CHAPTERS, CODES
from ...findings.diagnostics import Severity
from ...findings.quote import nearest, quoted
from ...orders.report.findings import Styled
from ..output.terminal import console, print_json
from .catalogue import ExampleChange, Explanation, FindingExample, load_explanations

# What is a code: another word may be something else one day, such as the number of an order.
_CODE = re.compile(r"[EIW]\d{4}", re.IGNORECASE)
_LABELS = {"what it means": "means", "why it matters": "matters", "what to do": "do"}
_WIDEST = 100
_DELETED = "(these lines are deleted)"
_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}


def explain_word(word: str, form: str) -> None:
    """Print what a code means. Raise UsageError for a word that is no code of a finding."""
    explanation = load_explanations()[_find_code(word)]
    if form == "json":
        print_json(explanation_document(explanation))
        return
    console().print(Text.assemble(*_style_explanation(explanation)), end="")


def list_codes(form: str) -> None:
    """Print all codes with their titles, by chapter."""
    if form == "json":
        every = load_explanations().values()
        print_json([_head(explanation) for explanation in every])
        return
    pieces: Styled = []
    for digits, chapter in CHAPTERS.items():
        pieces.append((f"{digits} {chapter}\n\n", "bold"))
        for code, title in CODES.items():
            if code[1:3] == digits:
                pieces += [(f"  {code}", _COLOURS[_severity(code)]), (f"  {title}\n", "")]
        pieces.append(("\n", ""))
    pieces.append(("erpmap explain CODE tells all about one of them\n", ""))
    console().print(Text.assemble(*pieces), end="")


def explanation_document(explanation: Explanation) -> dict[str, object]:
    """Return an explanation as a JSON object; the example is null where there is none."""
    example = explanation.example
    return {
        **_head(explanation),
        **{name: getattr(explanation, name) for name in _LABELS.values()},
        "example": None if example is None else _example_document(example),
    }


def _head(explanation: Explanation) -> dict[str, object]:
    return {
        "code": explanation.code,
        "severity": str(explanation.severity),
        "title": explanation.title,
        "chapter": CHAPTERS[explanation.code[1:3]],
    }


def _example_document(example: FindingExample) -> dict[str, object]:
    changes = [
        {"file": change.file, "wrong": change.wrong, "right": change.right}
        for change in example.changes
    ]
    return {"shown": example.shown, "changes": changes}


def _find_code(word: str) -> str:
    code = word.upper()
    if code in CODES:
        return code
    near = _nearest_code(code)
    meant = f"; did you mean {near}?" if near else ""
    what = f"there is no finding {code}" if _CODE.fullmatch(code) else f"{quoted(word)} is no code"
    raise click.UsageError(f"{what}{meant}\n`erpmap explain` lists all codes")


def _nearest_code(code: str) -> str | None:
    """Return the code with the same digits, else the nearest in its chapter, else the one most alike."""
    twins = [known for known in CODES if known[1:] == code[1:]]
    if twins:
        return twins[0]
    chapter = [known for known in CODES if known[1:3] == code[1:3]]
    if _CODE.fullmatch(code) and chapter:
        return min(chapter, key=lambda known: abs(int(known[1:]) - int(code[1:])))
    return nearest(code, CODES)


def _severity(code: str) -> Severity:
    return load_explanations()[code].severity


def _style_explanation(explanation: Explanation) -> Iterator[tuple[str, str]]:
    width = min(_WIDEST, console().width)
    yield f"{explanation.code} {explanation.severity}", _COLOURS[explanation.severity]
    yield f": {explanation.title}\n\n", "bold"
    for label, name in _LABELS.items():
        indent = " " * 16
        text = textwrap.fill(
            getattr(explanation, name), width, initial_indent=indent, subsequent_indent=indent
        )
        yield label, "bold"
        yield f"{text[len(label) :]}\n", ""
    if explanation.example is None:
        yield "\nThere is no example: no dry run shows it.\n", ""
        return
    yield from _style_example(explanation.example)


def _style_example(example: FindingExample) -> Iterator[tuple[str, str]]:
    by_file: dict[str, list[ExampleChange]] = {}
    for change in example.changes:
        by_file.setdefault(change.file, []).append(change)
    for file, changes in by_file.items():
        if any(change.wrong for change in changes):
            yield f"\nwrong, in {file}\n\n", "bold red"
            yield _indented([change.wrong for change in changes]), ""
    yield "\nerpmap says\n\n", "bold"
    yield _indented([example.shown]), "dim"
    for file, changes in by_file.items():
        yield f"\nright, in {file}\n\n", "bold green"
        yield _indented([change.right or _DELETED for change in changes]), ""


def _indented(texts: list[str]) -> str:
    """Return parts of one file, with `…` between them."""
    return textwrap.indent("\n…\n".join(texts), "    ") + "\n"
