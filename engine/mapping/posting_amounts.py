"""The amounts of the ledger's records: which keys hold money that is posted.

A key is an amount if the record's schema says that it is a number and its name does not say otherwise.
Without a schema its name decides. Names are compared without case, as the ledger does.
Sources: netsuite.md §1 and the record schemas of release 2026.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .systems import RECORDS

# Numbers that post nothing, by their names, with the reason.
_NO_AMOUNTS = {
    r"cust(body|col|entity|event|item|record|page).*": "fields of the account's own",
    r".*(quantity|qty).*": "quantities",
    r"(?!discount|shipping_?rate|handlingrate).+rate[0-9]?": "rates per cent; `rate` itself is a price",
    r".*(percent|percentage|pct)|contribution|disctax[12]": "shares and rates of tax",
    r".*(weight|convratetolbs|weightper|length|priority|conversionfactor)": "measures",
    r".*currency|primarycurrencyfxrate": "currencies and their rates",
    r"total|subtotal|totalaftertaxes|taxtotaltemplate": "sums that the ledger computes itself",
    r"(alt|base|fx|net|consol|overall|vsoe).*|taxbasis": "amounts computed from others, or in another currency",
    r".*(estimate|grossprofit|lastpurchaseprice)": "costs expected, which change no total",
    r"(requireddeposit|recur|onetime|subscription|deferred|recognized).*": "amounts of a plan, not of this record",
    r".*(limit|credlim)": "limits",
}
# Names of amounts where no schema says which keys are numbers.
_AMOUNTS = re.compile(
    r"rate|discountrate|.+total"
    r"|.*(amt|amount|cost|debit|credit|payment|price|fee|charge|disc|discount|refund|duty|tax|vat|tip)"
)
# Keys of a line that may hold its rate of tax: rates per cent, and fields of the account's own.
_TAX_RATES = re.compile(
    r"cust.*|.*(percent|percentage|pct|tax|vat)|(?!discount|shipping_?rate).+rate[0-9]?"
)
_NO_AMOUNT = re.compile("|".join(f"(?:{pattern})" for pattern in _NO_AMOUNTS), re.IGNORECASE)
# Records that post nothing: people, companies, items, lists and records of the account's own.
_UNPOSTED = re.compile(
    r"customer|vendor|employee|contact|partner|lead|prospect|job|message|task|note|phonecall"
    r"|.*item|.*(itemgroup|category|pricelevel|currency|location|subsidiary|department|term)"
    r"|customrecord.*|customlist.*",
    re.IGNORECASE,
)


def posts_amounts(record: str) -> bool:
    """Return whether records of a type post anything to the ledger's accounts."""
    return _UNPOSTED.fullmatch(record) is None


def may_hold_tax_rate(key: str) -> bool:
    """Return whether a column may hold the per cent by which the ledger taxes a line."""
    return _TAX_RATES.fullmatch(key.casefold()) is not None


def expected_factor(key: str) -> int:
    """Return 1, or -1 for an amount that stands on the other side of the account."""
    return -1 if key.casefold() == RECORDS.credit else 1


@dataclass(frozen=True, slots=True)
class AmountForm:
    """What is known of the values at one place of a record: the schemas that apply there.

    Without schemas the names of keys decide.
    """

    schemas: tuple[Mapping[str, Any], ...] | None = None
    root: Mapping[str, Any] | None = None

    def member(self, key: str) -> AmountForm | None:
        """Return the form of the value under a key; None for a key that the schema refuses."""
        if self.schemas is None:
            return self
        found = tuple(self._list_members(key))
        if found:
            return AmountForm(found, self.root)
        return _NAMES if self.is_open() else None

    def entry(self) -> AmountForm:
        """Return the form of an entry of a list."""
        if self.schemas is None:
            return self
        found = tuple(
            each["items"] for each in self.resolve() if isinstance(each.get("items"), dict)
        )
        return AmountForm(found, self.root) if found else _NAMES

    def is_amount(self, key: str) -> bool:
        """Return whether the key holds a posted amount."""
        if _NO_AMOUNT.fullmatch(key):
            return False
        form = self.member(key)
        if form is None:
            return False
        if form.schemas is None:
            return _AMOUNTS.fullmatch(key.casefold()) is not None
        return any("number" in _list_types(each) for each in form.resolve())

    def has(self, key: str) -> bool:
        """Return whether the schema has the key; false without a schema."""
        form = self.member(key)
        return form is not None and form.schemas is not None

    def may_hold_amounts(self) -> bool:
        """Return whether a map or list here may hold amounts."""
        if self.schemas is None:
            return True
        waiting, seen = list(self.resolve()), set[int]()
        while waiting:
            schema = waiting.pop()
            if id(schema) in seen:
                continue
            seen.add(id(schema))
            inner = AmountForm((schema,), self.root)
            if inner.is_open() or any(map(inner.is_amount, schema.get("properties", ()))):
                return True
            below = [*schema.get("properties", {}).values(), schema.get("items")]
            for each in below:
                waiting.extend(AmountForm((each,), self.root).resolve())
        return False

    def _list_members(self, key: str) -> Iterator[Mapping[str, Any]]:
        for schema in self.resolve():
            properties = schema.get("properties", {})
            if key in properties:
                yield properties[key]
                continue
            folded = key.casefold()
            yield from (inner for name, inner in properties.items() if name.casefold() == folded)

    def is_open(self) -> bool:
        """Return whether a map may have keys that no schema names."""
        objects = [each for each in self.resolve() if "object" in _list_types(each)]
        return any(each.get("additionalProperties", True) is not False for each in objects)

    def resolve(self) -> Iterator[Mapping[str, Any]]:
        """Yield the schemas, the targets of their references and their alternatives."""
        waiting, seen = list(self.schemas or ()), set[int]()
        while waiting:
            schema = waiting.pop()
            if not isinstance(schema, dict) or id(schema) in seen:
                continue
            seen.add(id(schema))
            yield schema
            for word in ("anyOf", "oneOf", "allOf"):
                waiting.extend(schema.get(word, ()))
            if "$ref" in schema and self.root is not None:
                waiting.append(self.root.get("$defs", {}).get(schema["$ref"].rpartition("/")[2]))


_NAMES = AmountForm()
_ANY_TYPE = frozenset(("object", "array", "number"))


def _list_types(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the types that a schema takes; a schema that only refers to others names none."""
    found = schema.get("type")
    if isinstance(found, str):
        return frozenset((found,))
    if isinstance(found, list):
        return frozenset(found)
    is_silent = not schema.keys() - {"title", "description"}
    return (
        _ANY_TYPE
        if is_silent
        else frozenset(("object",))
        if "properties" in schema
        else frozenset()
    )
