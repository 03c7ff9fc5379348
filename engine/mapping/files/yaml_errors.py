"""PyYAML's error messages, reworded for authors. Pure."""

from __future__ import annotations

import re

# The first match counts: (PyYAML's message, our message, our hint); `\1` is the part in brackets.
_WORDS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), message, hint)
    for pattern, message, hint in (
        (
            r"found character '\\t' that cannot start",
            "a tab is used where YAML requires spaces",
            "indent and separate with spaces only",
        ),
        (
            r"found character ['\"](.*)['\"] that cannot start",
            r"an unquoted text cannot begin with \1",
            "put quotes around the whole text",
        ),
        (
            r"mapping values are not allowed here",
            "an entry cannot begin here",
            "put quotes around a value that holds `: `, or correct the indentation",
        ),
        (
            r"could not find expected ':'",
            "a line is neither an entry nor part of a value",
            "write `key: value`, and indent the further lines of a value",
        ),
        (
            r"expected <block end>, but found '(?:<scalar>|.*start>|.)'",
            "text follows a value that has ended, or the indentation does not fit",
            "put quotes around the whole value, and align entries with their neighbours",
        ),
        (
            r"expected <block end>",
            "the indentation does not fit the lines above",
            "align the entry with its neighbours",
        ),
        (
            r"(?:expected ',' or|node content).*'<stream end>'",
            "a bracket is never closed",
            "close it, or put quotes around a text that begins with a bracket",
        ),
        (
            r"expected the node content, but found '(.)'",
            r"`\1` appears where a value is expected",
            "put quotes around a text with brackets, commas or question marks",
        ),
        (
            r"expected ',' or '(.)'",
            r"a comma or `\1` is missing here",
            r"separate entries with a comma; put quotes around texts with brackets or commas",
        ),
        (
            r"found unexpected (?:end of stream|document separator)",
            "a quote is never closed",
            "close it with the same quote; inside single quotes write '' for one quote",
        ),
        (
            r"unknown escape character|escape sequence|escape that names",
            "a backslash in double quotes begins an escape that YAML does not know",
            "use single quotes, or double the backslash",
        ),
        (
            r"chomping or indentation indicator|expected a comment or a line break",
            "`|` or `>` begins a block of text, and text follows on its line",
            "put quotes around the whole value, or start the text on the next line, indented",
        ),
        (
            r"sequence entries are not allowed here",
            "a list entry cannot begin here",
            "start the list on a line of its own",
        ),
        (
            r"expected '<document start>'",
            "text follows the end of the document",
            "the document is one map; delete the text after it",
        ),
    )
)


def explain_yaml_problem(problem: str) -> tuple[str, str | None]:
    """Return message and hint for a problem that PyYAML reports; by default its own words."""
    for pattern, message, hint in _WORDS:
        match = pattern.search(problem)
        if match:
            return match.expand(message), match.expand(hint)
    return f"the YAML cannot be parsed: {problem[:80]}", None
