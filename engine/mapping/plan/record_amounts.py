"""The amounts of a record, listed from its body and its lines before any order is rendered.

A line's amount is one amount, whether it is sent as `amount` or as `rate` and `quantity`. All other keys
with amounts stand for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, field

from ...language.templates import Node, Template, find_names
from ...language.templates.nodes import (
    Attribute,
    Binary,
    Call,
    Comparison,
    Concatenation,
    Conditional,
    Constant,
    Item,
    Logical,
    Name,
    Unary,
)
from ..files.nodes import Scalar
from ..posting_amounts import AmountForm, expected_factor, posts_amounts
from ..systems import RECORDS
from .plan import Body, BodyList, BodyMap, Lines, Literal, Record, TemplateAt

Group = tuple[str, ...]
# The path of the tax that the ledger computes by a line's tax code.
TAX = (RECORDS.tax_code,)
# The name of an amount outside of lines that is sent as a rate and a quantity: no term can count it.
PRODUCT = f"{RECORDS.rate} × {RECORDS.quantity}"
# The filters and functions whose result is a single value, never a map or a list.
_SINGLE = frozenset(
    [
        "money",
        "stored",
        "taxed",
        "total",
        "round",
        "abs",
        "sum",
        "number",
        "integer",
        "percent",
        "date",
        "datetime",
        "length",
        "upper",
        "lower",
        "digest",
        "trim",
        "replace",
        "join",
        "cut",
        "plain",
        "phone",
        "string",
    ]
)


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
            if self.path == TAX:
                return f"{{{{ {lines} | taxed('THE COLUMN WITH ITS RATE') }}}}"
            key = _format_path(self.path).lstrip(".")
            code = f"{lines} | total('{key}')" if self.path else f"{lines} | stored"
        else:
            index = next((i for i, step in enumerate(self.path) if isinstance(step, int)), None)
            code = f"body{_format_path(self.path)} | default(0)"
            if index is not None:
                key = _format_path(self.path[index + 1 :]).lstrip(".")
                code = f"body{_format_path(self.path[:index])} | total('{key}')"
        return f"{{{{ -({code}) }}}}" if self.factor < 0 and self.path else f"{{{{ {code} }}}}"


@dataclass(slots=True)
class RecordAmounts:
    """The amounts that the mapping shows for one record, each with the scalar that names it.

    `groups` are its groups of lines with the form of their lines. A value of `leaves` may turn out to
    be a map or list with amounts in it; `is_open` is true if any other part of the record is only known
    when an order is rendered.
    """

    amounts: dict[Amount, Scalar] = field(default_factory=dict)
    groups: dict[Group, tuple[Lines, AmountForm]] = field(default_factory=dict)
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
    else:
        found.is_open = not (isinstance(record.body, Literal) and record.body.value is None)
    for path, (group, form) in found.groups.items():
        _list_group(path, group, form, found)
    return found


def _list_body(
    body: BodyMap,
    form: AmountForm,
    path: tuple[str | int, ...],
    found: RecordAmounts,
    every: dict[Group, Lines],
) -> None:
    names = dict(body.entries)
    for at, (key, value) in zip(body.keys, body.entries, strict=True):
        here = (*path, key)
        if isinstance(value, TemplateAt) and _place_lines(value, form.member(key), found, every):
            continue
        if isinstance(value, Literal | TemplateAt) and form.is_amount(key):
            name = name_amount(key, names)
            if name:
                amount = Amount((), (*path, name), expected_factor(key))
                _add_amount(value, amount, at, found)
        inner = form.member(key)
        if inner is not None:
            _list_inner(value, inner, here, found, every)


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
    keys = dict(body.entries)
    is_priced = RECORDS.amount in keys or RECORDS.rate in keys
    if is_priced:
        found.amounts[Amount(path, ())] = group.at
    taxes = {key.casefold() for key in RECORDS.tax_amounts}
    if is_priced and RECORDS.tax_code in keys and not any(key.casefold() in taxes for key in keys):
        found.amounts[Amount(path, TAX)] = group.at
    _list_line(body, form, (path, group.sign), (), found)


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
        if here not in ((RECORDS.amount,), (RECORDS.rate,)) and form.is_amount(key):
            factor = sign * expected_factor(key)
            _add_amount(value, Amount(group, here, factor), at, found)
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


def name_amount(key: str, keys: Container[str]) -> str:
    """Return the name of an amount outside of lines, empty for a rate beside the amount it gives."""
    if key != RECORDS.rate:
        return key
    if RECORDS.amount in keys:
        return ""
    return PRODUCT if RECORDS.quantity in keys else key


def is_single(template: Template) -> bool:
    """Return whether a template certainly gives a single value, never a map or a list."""
    part = template.parts[0] if template.is_single else ""
    return isinstance(part, str) or _is_single_node(part)


def _is_single_node(node: Node) -> bool:
    if isinstance(node, Conditional):
        return _is_single_node(node.yes) and _is_single_node(node.no)
    if isinstance(node, Logical):
        return all(map(_is_single_node, node.operands))
    if isinstance(node, Call):
        if node.function.name == "default":
            return all(_is_single_node(each) for each in node.arguments if each is not None)
        return node.function.name in _SINGLE or node.function.sort == "test"
    if isinstance(node, Binary):
        return node.operator != "+" or _is_single_node(node.left) or _is_single_node(node.right)
    return isinstance(node, Constant | Concatenation | Comparison | Unary)


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
