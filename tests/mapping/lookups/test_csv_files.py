"""CSV files as tables: what spreadsheets produce is read, and whatever is wrong is found."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.findings.diagnostics import Finding, SourceText
from engine.findings.errors import LookupMissingError, SpecError
from engine.mapping.lookups import Options, Table, look_up, read_csv_table

PAYMENTS = """method,provider,currency,item
cash,*,*,601
credit_card,adyen,USD,611
credit_card,adyen,CAD,612
credit_card,stripe,*,613
gift_card,*,USD,621
"""


def table(content: str, options: Options | None = None) -> Table:
    return read_csv_table("t", SourceText("t.csv", content), options or Options())


@pytest.mark.parametrize(
    ("content", "options", "key", "value"),
    [
        (PAYMENTS, Options(key=("method", "provider", "currency")), ("cash", "x", "JPY"), "601"),
        (
            PAYMENTS,
            Options(key=("method", "provider", "currency")),
            ("gift_card", "x", "USD"),
            "621",
        ),
        (PAYMENTS, Options(key=("item",), value="method"), (613,), "credit_card"),
        ("zip,id\n00501, 007 \n", Options(), ("00501",), "007"),
        ("\ufeffzip,id\r\n00501,7\r\n", Options(key=("zip",)), ("00501",), "7"),
        ('a,b\n"x, y","say ""hi"""\n', Options(), ("x, y",), 'say "hi"'),
        ('a,b\n"two\nlines",1\n', Options(), ("two\nlines",), "1"),
        ("\na,b\n\n , \nx,1", Options(), ("x",), "1"),
        ("a,b,c\nx,,1\n", Options(), ("x",), {"b": None, "c": "1"}),
        ("a,b\nx,\n", Options(), ("x",), None),
        ("a,b\n", Options(default="none"), ("x",), "none"),
        ("店,番号\n銀座,51\n", Options(), ("銀座",), "51"),
    ],
)
def test_cells_are_texts(
    content: str, options: Options, key: tuple[object, ...], value: object
) -> None:
    assert look_up(table(content, options), key) == value


@pytest.mark.parametrize(
    ("content", "options", "found"),
    [
        ("", Options(), [("E0607", 0)]),
        (" \n,,\n", Options(), [("E0607", 0)]),
        ("a;b;c\n1;2,5;3\n", Options(key=("a",)), [("E0610", 1)]),
        ("a\tb\n1\t2\n", Options(), [("E0610", 1)]),
        ("a,a,\nx,y,z\n", Options(), [("E0607", 1), ("E0607", 1)]),
        ("a,b\n1\n1,2,3\n4,5\n", Options(), [("E0608", 2), ("E0608", 3)]),
        ("a,b,a\n1,2\n", Options(), [("E0607", 1), ("E0608", 2)]),
        ('a,b\n1,2\n3,"4\n5,6\n', Options(), [("E0610", 3)]),
        ('a,b\n"1"2,3\n', Options(), [("E0610", 2)]),
        ("a,b\n1,\0\n", Options(), [("E0610", 2)]),
        ("a,b\n1," + "x" * 200_000, Options(), [("E0610", 2)]),
        ("a,b\nx,1\ny,2\nx,3\n", Options(), [("E0602", 4)]),
        ("a,b\nx,1\nX,3\n", Options(ignore_case=True), [("E0602", 3)]),
        ("a,b\n,1\n*,2\n", Options(), [("E0608", 2)]),
        ("metod,item\ncash,1\n", Options(key=("method",)), [("E0606", 1)]),
        ("a\nx\n", Options(), [("E0606", 1)]),
        ("a,b\n" + "x,1\n" * 100_001, Options(), [("E0609", 1)]),
        ("a,b\n" + "\n" * 11_000_000, Options(), [("E0609", 1)]),
        ("a,b\n" + "x\n" * 50_000, Options(), [("E0608", line) for line in range(2, 102)]),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_findings_stand_at_their_line(
    content: str, options: Options, found: list[tuple[str, int]]
) -> None:
    with pytest.raises(SpecError) as caught:
        table(content, options)
    findings = caught.value.findings
    assert [(f.code, f.place.line if f.place else 0) for f in findings] == found


@pytest.mark.parametrize(
    ("content", "options", "message", "hint"),
    [
        (
            "metod,item\nx,1\n",
            Options(key=("method",)),
            "the lookup 't' has no column 'method'",
            "'metod' is there: write one name in both places; its columns are 'metod', 'item'",
        ),
        (
            "a,b\nx,1\nx,2\n",
            Options(),
            "the lookup 't' has two rows for 'x'",
            "line 2 has this key already; keep one of them",
        ),
        ("a;b\n", Options(), "the cells are separated by semicolons", "separate them by commas"),
        (
            "a,b\n,1\n",
            Options(),
            "line 2 of the lookup 't': 'a' is empty",
            "write * in a key column to match any value",
        ),
    ],
)
def test_words(content: str, options: Options, message: str, hint: str) -> None:
    with pytest.raises(SpecError) as caught:
        table(content, options)
    (finding,) = caught.value.findings
    assert (finding.message, finding.hint) == (message, hint)


CELL = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1
).filter(lambda cell: cell.strip() == cell and cell != "*")


@given(st.dictionaries(CELL, CELL, min_size=1))
def test_whatever_a_csv_writer_writes_is_found_again(entries: dict[str, str]) -> None:
    file = StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("key", "value"), *entries.items()])
    written = table(file.getvalue())
    assert all(look_up(written, (key,)) == entries[key] for key in entries)


@given(st.text(st.sampled_from('ab*,;\n\r" \0'), max_size=60))
def test_any_text_is_a_table_or_refused_with_findings(content: str) -> None:
    findings: tuple[Finding, ...] | None = None
    try:
        table(content)
    except SpecError as error:
        findings = error.findings
    assert findings is None or findings


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("BER1", "add the row `<id>,BER1` to acme/stores.csv, or give a default"),
        ('a "b", c', 'add the row `<id>,"a ""b"", c"` to acme/stores.csv, or give a default'),
        ("two\nlines", "add it to acme/stores.csv, or give a default"),
        ("x" * 200, "add it to acme/stores.csv, or give a default"),
        ("NYC55", "did you mean 'NYC5'? otherwise add the row `<id>,NYC55` to acme/stores.csv"),
    ],
)
def test_a_miss_shows_the_row_to_add(key: str, hint: str) -> None:
    text = SourceText("acme/stores.csv", "id,store\n7,NYC5\n")
    stores = replace(read_csv_table("t", text, Options(key=("store",))), home="acme/stores.csv")
    with pytest.raises(LookupMissingError) as caught:
        look_up(stores, (key,))
    assert caught.value.hint == hint
    assert str(caught.value.table) == "acme/stores.csv:1:1"
