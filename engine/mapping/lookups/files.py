"""A CSV file becomes a table: a header, then one row a line, separated by commas.

Pure. Cells are texts and stay as written (`00501`), except for blanks around
them, which spreadsheets often add. An empty cell is null; a line without any
text is skipped.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from ...documents import place_of, read_json
from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.quote import quoted
from .build import build_table, build_table_of_records, check_size, table_error
from .origin import Origin
from .rows import Record
from .table import MAX_ROWS, Options, Table

_BYTE_ORDER_MARK = "\ufeff"
# Maximum average length of a row: a text may have this many characters times the maximum number of rows.
_CHARACTERS_A_ROW = 100
# Maximum number of lines, empty lines included, for each row of the maximum number of rows.
_LINES_A_ROW = 10
_LONGEST_LINE = 100_000
_TOO_LONG = f"a line is longer than {_LONGEST_LINE:,} characters"
_MAX_FINDINGS = 100
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}

# The messages of the standard library's reader, reworded.
_WORDS = {
    "unexpected end of data": "a quote is opened here and never closed",
    "',' expected after '\"'": "there is text after a closing quote",
}

# The number of the line a row starts in, and its cells.
Line = tuple[int, list[str]]


def read_csv_table(name: str, text: SourceText, options: Options) -> Table:
    """Read the table of a CSV text; a byte order mark is accepted.

    Raise SpecError with every finding: what `build_table` and `read_csv` raise.
    """
    lines = read_csv(name, text)
    return build_table_of_records(
        name,
        (_record(lines.header, row) for row in lines.rows),
        present=lines.header,
        options=options,
        origin=lines.origin,
    )


@dataclass(frozen=True, slots=True)
class CsvLines:
    """A CSV text as read: the names of its columns, its rows, and their origin."""

    header: tuple[str, ...]
    rows: tuple[Line, ...]
    origin: Origin


def read_csv(name: str, text: SourceText) -> CsvLines:
    """Read the lines of a CSV text, cells without blanks around them; a byte order mark is accepted.

    Raise SpecError with every finding: a header that is missing or names a column twice (E0607),
    rows with more or fewer cells than the header (E0608), too many rows (E0609), wrong quotes,
    characters or separators (E0610).
    """
    text = SourceText(text.name, text.content.removeprefix(_BYTE_ORDER_MARK))
    if "\0" in text.content:
        place = place_of(text, text.content.index("\0"))
        raise table_error(name, [Finding("E0610", "the text contains a NUL character", place)])
    lines = _read(name, text)
    if not lines:
        hint = "its first line names the columns"
        empty = Finding("E0607", f"{text.name} is empty", hint=hint)
        raise table_error(name, [empty])
    (start, header), *rows = lines
    origin = Origin(_line_place(text, start), text, tuple(header))
    check_size(name, len(rows), place=origin.place)
    findings = tuple(_check_separators(header, origin)) or (
        *_check_names(header, origin),
        *islice(_check_cells(header, rows, origin), _MAX_FINDINGS),
    )
    if findings:
        raise table_error(name, findings)
    return CsvLines(tuple(header), tuple(rows), origin)


def _read(name: str, text: SourceText) -> list[Line]:
    """Read the rows with any text, at most one more than allowed; raise SpecError for broken quotes."""
    content = text.content
    check_size(name, len(content) // _CHARACTERS_A_ROW, place=Place(text))
    check_size(name, content.count("\n") // _LINES_A_ROW, place=Place(text))
    reader = csv.reader(_source_lines(content), strict=True)
    lines: list[Line] = []
    start = 1
    try:
        for cells in reader:
            trimmed = [cell.strip() for cell in cells]
            if any(trimmed):
                lines.append((start, trimmed))
            start = reader.line_num + 1
            if len(lines) > MAX_ROWS + 1:
                break
    except csv.Error as error:
        message = _WORDS.get(str(error), str(error))
        finding = Finding(
            "E0610", message, _line_place(text, start), hint='write a quote in a cell as ""'
        )
        raise table_error(name, [finding]) from error
    return lines


def _source_lines(content: str) -> Iterator[str]:
    """Yield each line with its end; a list of all lines would need four times the memory of the text."""
    start = 0
    while start < len(content):
        end = content.find("\n", start) + 1 or len(content)
        if end - start > _LONGEST_LINE:
            raise csv.Error(_TOO_LONG)
        yield content[start:end]
        start = end


def _check_separators(header: list[str], origin: Origin) -> Iterator[Finding]:
    separator = next((mark for mark in _OTHER_SEPARATORS if mark in header[0]), None)
    if len(header) == 1 and separator is not None:
        message = f"the cells are separated by {_OTHER_SEPARATORS[separator]}"
        yield Finding("E0610", message, origin.place, hint="separate them by commas")


def _check_names(header: list[str], origin: Origin) -> Iterator[Finding]:
    for column, times in Counter(header).items():
        if column == "":
            hint = "every column of the first line needs a name"
            yield Finding("E0607", "a column has no name", origin.place, hint=hint)
        elif times > 1:
            message = f"the column {quoted(column)} appears twice"
            yield Finding("E0607", message, origin.place, hint="rename one of them")


def _check_cells(header: list[str], rows: list[Line], origin: Origin) -> Iterator[Finding]:
    for start, cells in rows:
        if len(cells) != len(header):
            yield Finding(
                "E0608",
                f"the row has {len(cells)} cells, the header {len(header)}",
                origin.place_at(start),
                hint='put quotes around a cell that contains a comma: "Tokyo, Ginza"',
            )


def _record(header: tuple[str, ...], row: Line) -> Record:
    start, cells = row
    return start, {column: cell or None for column, cell in zip(header, cells, strict=True)}


def _line_place(text: SourceText, line: int) -> Place | None:
    return Origin(lines_of=text).place_at(line)


def read_json_table(name: str, text: SourceText, options: Options) -> Table:
    """Read the table of a JSON text; raise ReadError (E05xx) or SpecError (as `build_table`)."""
    return build_table(name, read_json(text), options, place=Place(text))
