"""What each field type accepts, what it makes of it, and what it refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.documents import read_json
from engine.findings.diagnostics import SourceText
from engine.findings.errors import ExpressionError
from engine.language.types import TYPES, convert_value

ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text()
    | st.sampled_from(["2026-02-30", "9999-12-31T23:59:59-23:59", "0000-01-01", "1e999", "-", "١٢"])
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=2), st.integers(), max_size=2)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


EXAMPLES = [
    (name, value, converted) for name, kind in TYPES.items() for value, converted in kind.examples
]


@pytest.mark.parametrize(
    ("type_name", "value", "converted"),
    [
        *EXAMPLES,
        ("string", "", ""),
        ("string", read_json(SourceText("x", "1e5")), "1e5"),
        ("integer", "-0", 0),
        ("integer", "00501", 501),
        ("integer", Decimal("1e3"), 1000),
        ("decimal", "1e3", Decimal(1000)),
        ("money", "-19.99", Decimal("-19.99")),
        ("money", 10**39, Decimal(10**39)),
        ("date", date(2026, 1, 2), date(2026, 1, 2)),
        ("datetime", "2024-02-29 13:45:29", moment("2024-02-29T13:45:29")),
        ("datetime", "2024-01-02T13:45:29.1", moment("2024-01-02T13:45:29.100000")),
        ("datetime", "2024-01-02T13:45:29.123456789Z", moment("2024-01-02T13:45:29.123456")),
        ("datetime", "2024-01-01T00:30:00+05:30", moment("2023-12-31T19:00:00")),
        ("datetime", "2024-01-01T00:30:00-0830", moment("2024-01-01T09:00:00")),
        ("datetime", "2024-01-01T00:30:00+01", moment("2023-12-31T23:30:00")),
        ("datetime", moment("2024-01-01T00:00:00"), moment("2024-01-01T00:00:00")),
        ("timezone", "UTC", "UTC"),
        ("boolean", "True", True),
        ("boolean", "fAlSe", False),
        ("id", -1, "-1"),
        ("id", "a b", "a b"),
        ("id", "x" * 100, "x" * 100),
        ("list", (1, 2), [1, 2]),
        (None, {"any": "thing"}, {"any": "thing"}),
        (None, None, None),
    ],
)
def test_accepted(type_name: str | None, value: object, converted: object) -> None:
    result = convert_value(value, type_name)
    assert result == converted
    assert type(result) is type(converted)


@pytest.mark.parametrize(
    ("type_name", "values", "code"),
    [
        ("string", [None, True, [], {}, date(2026, 1, 1)], "E0511"),
        ("integer", ["1.5", Decimal("0.1"), "x", True, None, [], {}], "E0510"),
        (
            "money",
            [
                "",
                " 1",
                "1 ",
                "1,000",
                "1.000,00",
                "1_0",
                "NaN",
                "Infinity",
                "0x1",
                ".5",
                "5.",
                "+5",
                "--1",
                "١٢",
                "１９",
                "1e",
                "€5",
                True,
                None,
                [],
                {},
                "1\n",
            ],
            "E0510",
        ),
        (
            "decimal",
            [
                "9" * 41,
                "1e31",
                "9" * 100_000,
                "1e" + "9" * 99,
                Decimal("NaN"),
                Decimal("1e999999"),
                10**40,
            ],
            "E0902",
        ),
        ("string", [10**5000, Decimal("-Infinity")], "E0902"),
        (
            "date",
            [
                "2026-02-30",
                "0000-01-01",
                "2026-13-01",
                "26-01-01",
                "2026-1-1",
                "2026/01/01",
                "2026-01-01T00:00:00",
                "２０２６-01-01",
                "2026-01-01\n",
                "",
                "x" * 100_000,
            ],
            "E0512",
        ),
        ("date", [20260101, None, moment("2026-01-01T00:00:00"), []], "E0511"),
        (
            "datetime",
            [
                "2026-01-01",
                "2026-01-01T24:00:00",
                "2026-12-31T23:59:60Z",
                "2026-01-01T00:00",
                "0000-01-01T00:00:00",
                "2026-01-01T00:00:00+24:00",
                "2026-01-01T00:00:00+01:60",
                "0001-01-01T00:00:00+01:00",
                "9999-12-31T23:59:59-01:00",
                "2026-01-01T00:00:00.Z",
                "2026-01-01T00:00:00 Z",
                "2026-01-01t00:00:00z",
                "2026-02-29T00:00:00Z",
                "now",
                "",
            ],
            "E0512",
        ),
        ("datetime", [0, None, date(2026, 1, 1), {}], "E0511"),
        (
            "timezone",
            [
                "../../etc/passwd",
                "/etc/localtime",
                "America",
                "america/new_york",
                "UTC\0",
                "",
                "EST5",
                "posix/UTC",
                "\ud800",
                "x" * 100_000,
            ],
            "E0513",
        ),
        ("timezone", [1, None, ["UTC"]], "E0511"),
        ("boolean", ["yes", "", " true", "1", 0, 1, None, []], "E0514"),
        (
            "id",
            ["", " 1", "1 ", "a\nb", "x" * 101, "a\ud800", True, None, Decimal("1.5"), [], {}],
            "E0515",
        ),
        ("list", [{}, "a", None, 1], "E0511"),
        ("table", [[], "a", None, 1], "E0511"),
        ("monney", ["1"], "E0516"),
    ],
)
def test_refused(type_name: str, values: list[object], code: str) -> None:
    for value in values:
        with pytest.raises(ExpressionError) as caught:
            convert_value(value, type_name)
        assert caught.value.code == code, value
        assert len(caught.value.message) < 120
        assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("value", "type_name", "message", "hint"),
    [
        ("19,99", "money", "'19,99' is not a number", "write a number as 1234.50"),
        (
            "Europe/Berln",
            "timezone",
            "'Europe/Berln' is not a time zone",
            "did you mean Europe/Berlin?",
        ),
        ("x", "monney", "'monney' is not a type", "did you mean money?"),
        ([1], "string", "a list is not a text", None),
        (None, "date", "null is not a date", "`| date('Area/City')` makes a date of a moment"),
    ],
)
def test_messages_name_the_value_and_what_to_do(
    value: object, type_name: str, message: str, hint: str | None
) -> None:
    with pytest.raises(ExpressionError) as caught:
        convert_value(value, type_name)
    assert caught.value.message == message
    assert (caught.value.hint or "").startswith(hint or "")


@given(ANYTHING, st.sampled_from(list(TYPES)))
def test_any_value_is_converted_or_refused_and_converting_again_changes_nothing(
    value: object, type_name: str
) -> None:
    try:
        once = convert_value(value, type_name)
    except ExpressionError:
        return
    assert convert_value(once, type_name) == once


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31)),  # noqa: DTZ001
    st.integers(-23 * 60, 23 * 60),
)
def test_a_moment_survives_being_written_in_any_zone(naive: datetime, minutes: int) -> None:
    there = naive.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes)))
    assert convert_value(there.isoformat(), "datetime") == there
