"""The amounts of a record, listed from its body and its lines before any order is rendered.

A line's amount is one amount, whether it is sent as `amount` or as `rate` and `quantity`. All other keys
with amounts stand for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ...language.templates import Node, Template, find_names
from ...language.templates.nodes import Attribute, Conditional, Constant, Item, Logical, Name
from ..files.nodes import Scalar
from ..ledger_additions import ADDITIONS, LINE_ADDITIONS, LedgerAddition, find_additions
from ..posting_amounts import AmountForm, expected_factor, posts_amounts
from ..systems import RECORDS
from .plan import Body, BodyList, BodyMap, Lines, Literal, Record, TemplateAt
from .template_results import is_single, may_be_omitted

Group = tuple[str, ...]
# The path of the tax that the ledger computes by a line's tax code.
TAX = (RECORDS.tax_code,)
# The name of an amount outside of lines that is sent as a rate and a quantity: no term can count it.
PRODUCT = f"{RECORDS.rate} × {RECORDS.quantity}"
# An entry has one of these keys, on one side of the account.
_ONE_SIDED = ("debit", RECORDS.credit)
_LINE_KEYS = {key.casefold(): key for key in RECORDS.line_keys}


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount of a record: of all lines of a group, or of the body.

    `path` are the keys below the line or the body; it is empty for the amount of the lines
    themselves. `factor` is what a check multiplies it by when it counts it.
    """

    group: Group
    path: tuple[str | int, ...]
    factor: int = field(default=1, compare=False)

    def __str__(self) -> str:
        """Return the place of the amount, as in `body.handlingCost`."""
        if not self.group:
            return "body" + _format_path(self.path)
        lines = f"lines.{'.'.join(self.group)}"
        return f"{lines} ({_format_path(self.path).lstrip('.')})" if self.path else lines

    @property
    def is_tax(self) -> bool:
        """Whether it is the tax that the ledger computes by a tax code."""
        return self.path[-1:] == TAX

    @property
    def is_product(self) -> bool:
        """Whether it is sent as a rate and a quantity outside of lines, where no term can count it."""
        return self.path[-1:] == (PRODUCT,)

    @property
    def term_name(self) -> str:
        """A name for the term that counts the amount."""
        steps = self.path or self.group
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(steps[-1])).lower()
        return words if not (self.group and self.path) else f"{self.group[-1]}_{words}"

    @property
    def term(self) -> str:
        """The template that counts the amount."""
        if self.group:
            lines = f"lines.{'.'.join(self.group)}"
            if self.is_tax:
                return f"{{{{ {lines} | taxed('THE COLUMN WITH ITS RATE') }}}}"
            key = _format_path(self.path).lstrip(".")
            code = f"{lines} | total('{key}')" if self.path else f"{lines} | stored"
        else:
            index = next((i for i, step in enumerate(self.path) if isinstance(step, int)), None)
            code = f"body{_format_path(self.path)} | default(0)"
            if index is not None:
                key = _format_path(self.path[index + 1 :]).lstrip(".")
                default = ", 0" if key in _ONE_SIDED else ""
                code = f"body{_format_path(self.path[:index])} | total('{key}'{default})"
        return f"{{{{ -({code}) }}}}" if self.factor < 0 and self.path else f"{{{{ {code} }}}}"


@dataclass(slots=True)
class RecordAmounts:
    """The amounts that the mapping shows for one record, each with the scalar that names it.

    `values` are the templates and literals that give the amounts; `others` the places of single values
    that are no amounts. `groups` are its groups of lines with the form of their lines. The lines of
    `open_prices` may have neither amount nor rate, those of `open_taxes` no amount of tax beside their
    code. `bare` are entries with neither, `misspelled` keys of lines in other letters than the language's,
    and `additions` what the ledger adds of itself.
    A value of `leaves` may turn out to be a map or list with amounts in it; `is_open` is true if any
    other part of the record is only known when an order is rendered.
    """

    amounts: dict[Amount, Scalar] = field(default_factory=dict)
    values: dict[Amount, Body] = field(default_factory=dict)
    others: set[Amount] = field(default_factory=set)
    groups: dict[Group, tuple[Lines, AmountForm]] = field(default_factory=dict)
    open_prices: set[Group] = field(default_factory=set)
    open_taxes: set[Group] = field(default_factory=set)
    bare: dict[Amount, Scalar] = field(default_factory=dict)
    misspelled: list[tuple[Scalar, str]] = field(default_factory=list)
    additions: list[tuple[Scalar, LedgerAddition]] = field(default_factory=list)
    leaves: list[TemplateAt] = field(default_factory=list)
    is_open: bool = False


def index_groups(lines: tuple[Lines, ...], outer: Group = ()) -> dict[Group, Lines]:
    """Return all groups of lines by their names, with the names of the groups that they follow."""
    found: dict[Group, Lines] = {}
    for group in lines:
        path = (*outer, group.name)
        found[path] = group
        found |= index_groups(group.after, path)
    return found


def record_form(record: Record) -> AmountForm:
    """Return what is known of a record's keys."""
    schema = None if record.schema is None else record.schema.schema
    return AmountForm() if schema is None else AmountForm((schema,), schema)


def list_record_amounts(record: Record, lines: tuple[Lines, ...]) -> RecordAmounts:
    """List the amounts of a record."""
    found = RecordAmounts()
    if not posts_amounts(record.record):
        return found
    every = index_groups(lines)
    if isinstance(record.body, BodyMap):
        _list_body(record.body, record_form(record), (), found, every)
        _list_additions(record.body, ADDITIONS, found)
    else:
        found.is_open = not (isinstance(record.body, Literal) and record.body.value is None)
    for path, (group, form) in found.groups.items():
        _list_group(path, group, form, found)
    return found


def _list_additions(
    body: BodyMap, additions: tuple[LedgerAddition, ...], found: RecordAmounts
) -> None:
    """Add what the ledger adds of itself; it is open where only an order says the amount."""
    values = dict(body.entries)
    may_be = {key: _is_given(value) for key, value in values.items()}
    always = {
        key: given
        and not (any(key in each.given for each in additions) and may_be_omitted(values[key]))
        for key, given in may_be.items()
    }
    added = find_additions(may_be, additions)
    places = {key.text: key for key in body.keys}
    found.additions += [(places[key], each) for key, each in added.items()]
    found.is_open = found.is_open or find_additions(always, additions).keys() != added.keys()


def _is_given(value: Body | None) -> bool:
    """Return whether a value may be in a payload; a literal null or false is not."""
    return value is not None and (not isinstance(value, Literal) or bool(value.value))


def _list_body(
    body: BodyMap,
    form: AmountForm,
    path: tuple[str | int, ...],
    found: RecordAmounts,
    every: dict[Group, Lines],
) -> None:
    names = dict(body.entries)
    if path and isinstance(path[-1], int):
        _list_entry(body, form, path, found)
    for at, (key, value) in zip(body.keys, body.entries, strict=True):
        here = (*path, key)
        if isinstance(value, TemplateAt) and _place_lines(value, form.member(key), found, every):
            continue
        name = name_amount(key, names) if form.is_amount(key) else ""
        if isinstance(value, Literal | TemplateAt) and name:
            amount = Amount((), (*path, name), expected_factor(key))
            _add_amount(value, amount, at, found)
        elif isinstance(value, Literal | TemplateAt):
            found.others.add(Amount((), here))
        inner = form.member(key)
        if inner is not None:
            _list_inner(value, inner, here, found, every)


def _list_entry(
    body: BodyMap, form: AmountForm, path: tuple[str | int, ...], found: RecordAmounts
) -> None:
    """List what decides about an entry that is written into the body: its price, and its tax."""
    values, at = dict(body.entries), body.keys[0]
    _list_misspelled(body, found)
    prices = [values.get(key) for key in (RECORDS.amount, RECORDS.rate)]
    if is_line(values, form) and all(map(may_be_omitted, prices)):
        if any(map(_may_be_given, prices)):
            found.is_open = True
        else:
            found.bare[Amount((), path)] = at
    if any(map(_may_be_given, prices)) and _may_be_given(values.get(RECORDS.tax_code)):
        taxes = list_taxes(values)
        if not any(_may_be_given(values[key]) for key in taxes):
            _add_amount(values[RECORDS.tax_code], Amount((), (*path, *TAX)), at, found)
        elif all(may_be_omitted(values[key]) for key in taxes):
            found.is_open = True


def _may_be_given(value: Body | None) -> bool:
    return value is not None and not (isinstance(value, Literal) and value.value is None)


def is_line(keys: Iterable[str], form: AmountForm) -> bool:
    """Return whether an entry with these keys is a line that the ledger prices of itself."""
    return RECORDS.item in keys and form.has(RECORDS.amount) and form.has(RECORDS.rate)


def list_taxes(keys: Iterable[str]) -> list[str]:
    """Return the keys that hold the tax of a line; they are compared without case."""
    taxes = {key.casefold() for key in RECORDS.tax_amounts}
    return [key for key in keys if key.casefold() in taxes]


def _list_misspelled(body: BodyMap, found: RecordAmounts) -> None:
    for at, (key, _) in zip(body.keys, body.entries, strict=True):
        right = _LINE_KEYS.get(key.casefold(), key)
        if right != key:
            found.misspelled.append((at, right))


def _list_inner(
    value: Body,
    form: AmountForm,
    path: tuple[str | int, ...],
    found: RecordAmounts,
    every: dict[Group, Lines],
) -> None:
    """List the amounts in a map or list under a key."""
    if isinstance(value, BodyMap):
        _list_body(value, form, path, found, every)
    elif isinstance(value, BodyList):
        for index, item in enumerate(value.items):
            _list_inner(item, form.entry(), (*path, index), found, every)
    elif isinstance(value, TemplateAt):
        _add_leaf(value, form, found)


def _add_leaf(value: TemplateAt, form: AmountForm, found: RecordAmounts) -> None:
    if not is_single(value.template) and form.may_hold_amounts():
        found.leaves.append(value)


def _place_lines(
    value: TemplateAt, form: AmountForm | None, found: RecordAmounts, every: dict[Group, Lines]
) -> bool:
    """Add the groups of lines that a template puts into the record; return whether there are any."""
    paths = [name.path[1:] for name in find_names(value.template) if name.name == "lines"]
    entry = AmountForm() if form is None else form.entry()
    for path in paths:
        placed = every if path == ("all",) else {path: every[path]} if path in every else {}
        found.groups |= {each: (group, entry) for each, group in placed.items()}
    found.is_open = found.is_open or (bool(paths) and not _is_choice_of_lines(value.template))
    return bool(paths)


def _is_choice_of_lines(template: Template) -> bool:
    """Return whether a template gives groups of lines as they are, and nothing beside them."""
    waiting: list[Node] = [part for part in template.parts if not isinstance(part, str)]
    for node in waiting:
        if isinstance(node, Conditional):
            waiting += [node.yes, node.no]
        elif isinstance(node, Logical):
            waiting += node.operands
        elif not (isinstance(node, Constant) or read_path(node)[:1] == ("lines",)):
            return False
    return template.is_single


def _list_group(path: Group, group: Lines, form: AmountForm, found: RecordAmounts) -> None:
    """List the amounts of the lines of one group."""
    body = group.body
    if not isinstance(body, BodyMap):
        found.is_open = True
        found.amounts[Amount(path, ())] = group.at
        return
    values = dict(body.entries)
    prices = [values.get(key) for key in (RECORDS.amount, RECORDS.rate)]
    own, tax = Amount(path, ()), Amount(path, TAX)
    _list_misspelled(body, found)
    _list_additions(body, LINE_ADDITIONS, found)
    if any(each is not None for each in prices):
        found.amounts[own] = group.at
        found.values[own] = values.get(RECORDS.amount, Literal(None))
        if all(map(may_be_omitted, prices)):
            found.open_prices.add(path)
    _list_group_tax(body, path, group, found)
    _list_line(body, form, (path, group.sign), (), found)
    # The key of the code is no amount; its place stands for the tax.
    found.others -= {tax}
    is_open = path in found.open_taxes
    found.others |= {own, tax} - found.amounts.keys() - ({tax} if is_open else set())


def _list_group_tax(body: BodyMap, path: Group, group: Lines, found: RecordAmounts) -> None:
    values = dict(body.entries)
    if Amount(path, ()) not in found.amounts or not _may_be_given(values.get(RECORDS.tax_code)):
        return
    taxes = list_taxes(values)
    if not any(_may_be_given(values[key]) for key in taxes):
        found.amounts[Amount(path, TAX)] = group.at
    elif all(may_be_omitted(values[key]) for key in taxes):
        found.open_taxes.add(path)
        found.is_open = True


def _list_line(
    body: BodyMap,
    form: AmountForm,
    line: tuple[Group, int],
    path: tuple[str | int, ...],
    found: RecordAmounts,
) -> None:
    group, sign = line
    for at, (key, value) in zip(body.keys, body.entries, strict=True):
        here = (*path, key)
        is_leaf = isinstance(value, Literal | TemplateAt)
        if is_leaf and here not in ((RECORDS.amount,), (RECORDS.rate,)):
            if form.is_amount(key):
                factor = sign * expected_factor(key)
                _add_amount(value, Amount(group, here, factor), at, found)
            else:
                found.others.add(Amount(group, here))
        inner = form.member(key)
        if inner is None:
            continue
        if isinstance(value, BodyMap):
            _list_line(value, inner, line, here, found)
        elif isinstance(value, TemplateAt):
            _add_leaf(value, inner, found)
        elif isinstance(value, BodyList):
            found.is_open = found.is_open or inner.may_hold_amounts()


def _add_amount(value: Body, amount: Amount, at: Scalar, found: RecordAmounts) -> None:
    if not (isinstance(value, Literal) and value.value in (None, 0)):
        found.amounts[amount] = at
        found.values[amount] = value


def name_amount(key: str, keys: Iterable[str]) -> str:
    """Return the name of an amount outside of lines, empty for a rate beside the amount it gives.

    Keys are compared without case, as the ledger does.
    """
    if key.casefold() != RECORDS.rate:
        return key
    folded = {each.casefold() for each in keys}
    if RECORDS.amount in folded:
        return ""
    return PRODUCT if RECORDS.quantity in folded else key


def read_path(node: Node) -> tuple[str | int, ...]:
    """Return the name and the constant keys that a node reads; empty for any other node."""
    keys: list[str | int] = []
    while not isinstance(node, Name):
        if isinstance(node, Attribute):
            keys.append(node.key)
        elif isinstance(node, Item) and isinstance(node.key, Constant):
            key = node.key.value
            if isinstance(key, bool) or not isinstance(key, str | int):
                return ()
            keys.append(key)
        else:
            return ()
        node = node.target
    return (node.name, *reversed(keys))


def _format_path(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
