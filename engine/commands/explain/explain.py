"""What `erpmap explain` prints: the list of all codes, or all about one.

It does without rich and without what loads mappings: an answer comes at once.
"""

from __future__ import annotations

import os
import re
import shutil
import textwrap
from collections.abc import Iterable, Iterator

import click

from ...documents import write_json
from ...findings.codes import CHAPTERS, CODES
from ...findings.diagnostics import Severity
from ...findings.quote import nearest, quoted
from .catalogue import ExampleChange, Explanation, FindingExample, load_explanations

# What is a code: another word may be something else one day, such as the number of an order.
_CODE = re.compile(r"[EIW]\d{4}", re.IGNORECASE | re.ASCII)
_LABELS = {"what it means": "means", "why it matters": "matters", "what to do": "do"}
_WIDEST = 100
_DELETED = "(these lines are deleted)"
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
# A text, and its colour; the empty one is bold only, None is plain.
Piece = tuple[str, str | None]


def explain_word(word: str, form: str) -> None:
    """Print what a code means. Raise UsageError for a word that is no code of a finding."""
    explanation = load_explanations()[_find_code(word)]
    if form == "json":
        _print_json(explanation_document(explanation))
    else:
        _print(_style_explanation(explanation))


def list_codes(form: str) -> None:
    """Print all codes with their titles, by chapter."""
    if form == "json":
        _print_json([_head(explanation) for explanation in load_explanations().values()])
    else:
        _print(_style_list())


def _style_list() -> Iterator[Piece]:
    explanations = load_explanations()
    for digits, chapter in CHAPTERS.items():
        yield f"{digits} {chapter}\n\n", ""
        for code, explanation in explanations.items():
            if code[1:3] == digits:
                yield f"  {code}", _COLOURS[explanation.severity]
                yield f"  {explanation.title}\n", None
        yield "\n", None
    yield "erpmap explain CODE tells all about one of them\n", None


def _print(pieces: Iterable[Piece]) -> None:
    text = "".join(
        words if colour is None else click.style(words, fg=colour or None, bold=True)
        for words, colour in pieces
    )
    wanted = {"NO_COLOR": False, "FORCE_COLOR": True}
    forced = next((wanted[name] for name in wanted if os.environ.get(name)), None)
    click.echo(text, nl=False, color=forced)


def _print_json(value: object) -> None:
    click.echo(write_json(value, indent=2).encode() + b"\n", nl=False)


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


def _style_explanation(explanation: Explanation) -> Iterator[Piece]:
    width = min(_WIDEST, shutil.get_terminal_size((_WIDEST, 0)).columns)
    indent = " " * 16
    yield f"{explanation.code} {explanation.severity}", _COLOURS[explanation.severity]
    yield f": {explanation.title}\n\n", ""
    for label, name in _LABELS.items():
        words = getattr(explanation, name)
        text = textwrap.fill(words, width, initial_indent=indent, subsequent_indent=indent)
        yield label, ""
        yield f"{text[len(label) :]}\n", None
    if explanation.example is None:
        yield "\nThere is no example: no dry run shows it.\n", None
        return
    yield from _style_example(explanation.example)


def _style_example(example: FindingExample) -> Iterator[Piece]:
    by_file: dict[str, list[ExampleChange]] = {}
    for change in example.changes:
        by_file.setdefault(change.file, []).append(change)
    for file, changes in by_file.items():
        if any(change.wrong for change in changes):
            yield f"\nwrong, in {file}\n\n", "red"
            yield _indented([change.wrong for change in changes]), None
    yield "\nerpmap says\n\n", ""
    yield _indented([example.shown]), None
    for file, changes in by_file.items():
        yield f"\nright, in {file}\n\n", "green"
        yield _indented([change.right or _DELETED for change in changes]), None


def _indented(texts: list[str]) -> str:
    """Return parts of one file, with `…` between them."""
    return textwrap.indent("\n…\n".join(texts), "    ") + "\n"
