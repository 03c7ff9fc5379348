"""Compares a record in NetSuite with the one to be written. Pure.

Compared are the values that two different transactions would not share: entity and currency, the
lines with their items, quantities and amounts in their order, and for a transform its origin. Values
that accountants edit (memo, address, date) are not compared. Lines that NetSuite added between ours
(members of an item group, lines of a script), a moved date and amounts rounded to the places of the
account's currency are described, and make no other record. The values of a mapping's `confirm` are
compared apart: NetSuite's own sums may differ even when it stored everything as it was sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from ..documents.exact import to_decimal
from .periods import DAY, find_move, read_day

_REFERENCES = ("entity", "customer", "currency", "subsidiary", "salesOrder")
_ENTITIES = ("entity", "customer")
_SUBLIST = "item"
_DATED = DAY.lower()
# NetSuite negates payments, and a discount has the sign of its item.
_UNSIGNED = ("quantity", "rate", "amount")
# NetSuite rounds what is sent to the cent. Amounts of currencies with fewer decimals are rounded before
# they are sent (`netsuite.precision`), and differ from what is stored by nothing.
_CENT = Decimal("0.01")
_Line = Mapping[str, object]


def find_differences(
    body: Mapping[str, object],
    found: Mapping[str, object],
    *,
    origin: str | None = None,
) -> tuple[str, ...]:
    """Return the names of the values in which a record differs from the one to be written.

    `origin` is the id of the record it was transformed from: then the body names only some lines, those
    of the origin, and lines are not compared.
    """
    lower = _lower_names(found)
    names = [*_find_reference_differences(body, lower)]
    if origin is not None:
        created_from = lower.get("createdfrom")
        return (*names, *(["createdFrom"] if not are_equal(origin, created_from) else []))
    return (
        *names,
        *_find_line_differences(_read_items(body.get(_SUBLIST)), _read_items(lower.get(_SUBLIST))),
    )


def find_additions(
    body: Mapping[str, object],
    found: Mapping[str, object],
    *,
    origin: str | None = None,
) -> tuple[str, ...]:
    """Return in words what differs in a record that is ours: more lines, rounded amounts, another day.

    It is for people; `find_differences` reports what makes another record.
    """
    before, after = read_day(body), read_day(found)
    words = [f"dated {after} instead of {before}"] if before and after and before != after else []
    lines = _read_items(body.get(_SUBLIST))
    stored = _read_items(_lower_names(found).get(_SUBLIST))
    if origin is not None or lines is None or stored is None:
        return tuple(words)
    if more := len(stored) - len(lines):
        words.append(f"{more} more {'line' if more == 1 else 'lines'} than were sent")
    pairs = _pair_lines(lines, stored) or ()
    rounded = sum(not _are_equal_lines(line, other) for line, other in pairs)
    if rounded:
        words.append(f"amounts rounded in {rounded} {'line' if rounded == 1 else 'lines'}")
    return tuple(words)


def find_foreign(
    body: Mapping[str, object], external_id: str, found: Mapping[str, object]
) -> tuple[str, ...]:
    """Return the names of the values that show that a record is not the one of this external id.

    Those are the external id itself, as NetSuite stores it, and the entity. Amounts that differ do not
    show it: they are not confirmed. A value that the record does not show is not compared.
    """
    lower = _lower_names(found)
    stored_id = lower.get("externalid")
    if isinstance(stored_id, Mapping):
        stored_id = stored_id.get("id")
    is_other = isinstance(stored_id, str) and stored_id.casefold() != external_id.casefold()
    entities = {name: body[name] for name in _ENTITIES if name in body}
    return (
        *(("externalId",) if is_other else ()),
        *_find_reference_differences(entities, lower),
    )


def find_unconfirmed(
    expected: object, found: Mapping[str, object], *, may_move: bool = False
) -> tuple[str, ...]:
    """Return the names of `expected` whose values differ in the record that was read back.

    With `may_move`, a later tranDate than the expected one is accepted: its period was closed.
    """
    lower = _lower_names(found)
    values = expected if isinstance(expected, Mapping) else {}
    if may_move and find_move(values, found) is not None:
        values = {name: value for name, value in values.items() if str(name).lower() != _DATED}
    return tuple(
        str(name)
        for name, value in values.items()
        if not are_equal(value, lower.get(str(name).lower()))
    )


def are_equal(expected: object, stored: object) -> bool:
    """Whether two values are equal in NetSuite: 5 and 5.00, 7 and {id: "7"}."""
    expected, stored = _unwrap_id(expected), _unwrap_id(stored)
    numbers = to_decimal(expected), to_decimal(stored)
    if None not in numbers:
        return numbers[0] == numbers[1]
    return expected == stored


def _find_reference_differences(
    body: Mapping[str, object], lower: Mapping[str, object]
) -> Iterator[str]:
    for name in _REFERENCES:
        expected, stored = body.get(name), lower.get(name.lower())
        if name.lower() not in lower or expected is None:
            continue
        if _is_by_id(expected):
            if not are_equal(expected, stored):
                yield name
        elif _has_other_external_id(expected, stored):
            yield name


def _has_other_external_id(expected: object, stored: object) -> bool:
    """Whether both references show external ids, and these differ."""
    if not (isinstance(expected, Mapping) and isinstance(stored, Mapping)):
        return False
    texts = expected.get("externalId"), stored.get("externalId")
    return all(isinstance(text, str) for text in texts) and texts[0] != texts[1]


def _find_line_differences(
    lines: Sequence[_Line] | None, stored: Sequence[_Line] | None
) -> Iterator[str]:
    """Yield the names of what differs, unless our lines stand among the stored ones in their order."""
    if lines is None or (stored is not None and _pair_lines(lines, stored) is not None):
        return
    if stored is None or len(stored) < len(lines):
        yield "number of lines"
        return
    if len(stored) > len(lines):
        stored = _skip_other_items(lines, stored)
        if len(stored) < len(lines):
            yield "items of lines"
            return
    pairs = list(zip(lines, stored, strict=True))
    if any(not _have_equal_items(line, other) for line, other in pairs):
        yield "items of lines"
        return
    for name in _UNSIGNED:
        if any(not _are_close(line, other, name) for line, other in pairs):
            yield f"{name} of a line"


def _pair_lines(
    lines: Sequence[_Line], stored: Sequence[_Line]
) -> list[tuple[_Line, _Line]] | None:
    """Return each of our lines with the first stored line after the previous one that equals it.

    None when a line has none. Taking the first one each time finds a pairing if there is any.
    """
    rest = iter(_lower_names(other) for other in stored)
    pairs: list[tuple[_Line, _Line]] = []
    for line in lines:
        twin = next((other for other in rest if _fits(line, other)), None)
        if twin is None:
            return None
        pairs.append((line, twin))
    return pairs


def _skip_other_items(lines: Sequence[_Line], stored: Sequence[_Line]) -> list[_Line]:
    """Return the stored lines that have our items, in our order: those whose amounts are compared."""
    rest = iter(_lower_names(other) for other in stored)
    twins = (
        next((other for other in rest if _have_equal_items(line, other)), None) for line in lines
    )
    return [twin for twin in twins if twin is not None]


def _fits(line: _Line, other: _Line) -> bool:
    return _have_equal_items(line, other) and all(
        _are_close(line, other, name) for name in _UNSIGNED
    )


def _have_equal_items(line: _Line, other: _Line) -> bool:
    item = line.get("item")
    return not _is_by_id(item) or are_equal(item, _lower_names(other).get("item"))


def _are_equal_lines(line: _Line, other: _Line) -> bool:
    """Whether all numbers of two lines are equal except for their signs, without rounding."""
    for name in _UNSIGNED:
        expected, stored = to_decimal(line.get(name)), to_decimal(other.get(name))
        if expected is not None and stored is not None and abs(expected) != abs(stored):
            return False
    return True


def _are_close(line: _Line, other: _Line, name: str) -> bool:
    """Whether two numbers are equal except for their signs, and for an amount its rounding.

    A missing number is not compared.
    """
    expected, stored = to_decimal(line.get(name)), to_decimal(_lower_names(other).get(name))
    if expected is None or stored is None or abs(expected) == abs(stored):
        return True
    if name == "quantity":
        return False
    return abs(abs(expected) - abs(stored)) * 2 <= _CENT


def _is_by_id(value: object) -> bool:
    """Whether a reference names a record by its internal id; one whose id is unknown does not."""
    return isinstance(value, str | int) or (
        isinstance(value, Mapping) and value.get("id") is not None
    )


def _lower_names(record: Mapping[str, object]) -> dict[str, object]:
    return {name.lower(): value for name, value in record.items()}


def _read_items(sublist: object) -> list[Mapping[str, object]] | None:
    items = sublist.get("items") if isinstance(sublist, Mapping) else None
    if not isinstance(items, list):
        return None
    return [item if isinstance(item, Mapping) else {} for item in items]


def _unwrap_id(value: object) -> object:
    return _unwrap_id(value["id"]) if isinstance(value, Mapping) and "id" in value else value
