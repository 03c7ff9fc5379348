"""Translates a query in Oracle's dialect to SQLite's, or refuses it. Pure.

Only one SELECT is allowed. Every name gets the prefix `x_`, so that no query reaches SQLite's own
tables, keywords, or texts in place of names. There is no LIMIT: rows are limited by ROWNUM or FETCH
FIRST. As in Oracle, ROWNUM counts before ORDER BY sorts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

from ..refusals import RefusalError, invalid_parameter
from .tables import DATES

PREFIX = "x_"
MAX_CHARACTERS = 200_000
_ALLOWED = frozenset(("UPPER", "LOWER", "TO_CHAR", "TO_DATE", "NVL", "TRIM", "LENGTH", "ABS"))
_UPPER_BOUNDS = (exp.LT, exp.LTE)


def invalid_search(text: str) -> RefusalError:
    """400 with the words that begin NetSuite's messages on queries."""
    words = "Invalid search query. Detailed unprocessed description follows. Search error occurred:"
    return invalid_parameter(f"{words} {text}")


@dataclass(frozen=True, slots=True)
class TranslatedQuery:
    """A query for SQLite, and what the original one names.

    `tables` and `columns` are in lower case; `has_star`: it selects `*`; `is_unsorted`: it has an ORDER BY
    with neither ASC nor DESC.
    """

    sql: str
    tables: frozenset[str]
    columns: frozenset[str]
    has_star: bool
    is_unsorted: bool


def translate_query(query: str) -> TranslatedQuery:
    """Return the query for SQLite.

    Raise RefusalError for anything but one SELECT, and for unsupported syntax.
    """
    tree = _parse(query)
    tables = frozenset(table.name.lower() for table in tree.find_all(exp.Table))
    columns = frozenset(column.name.lower() for column in tree.find_all(exp.Column))
    is_unsorted = any(_lacks_direction(select) for select in tree.find_all(exp.Select))
    tree = _replace_functions(tree)
    for select in list(tree.find_all(exp.Select)):
        _check_select(select)
        _replace_rownum(select)
    _format_dates(tree)
    _add_prefixes(tree)
    return TranslatedQuery(
        sql=tree.sql(dialect="sqlite"),
        tables=tables,
        columns=columns,
        has_star=any(node.is_star for node in tree.expressions),
        is_unsorted=is_unsorted,
    )


def _lacks_direction(select: exp.Select) -> bool:
    """Return whether a part of the ORDER BY of a SELECT has neither ASC nor DESC."""
    order = select.args.get("order")
    return order is not None and any(each.args.get("desc") is None for each in order.expressions)


def _parse(query: str) -> exp.Select:
    if len(query) > MAX_CHARACTERS:
        raise invalid_search("the query is too long")
    try:
        trees = sqlglot.parse(query, dialect="oracle")
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise invalid_search("Invalid or unsupported search") from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Select):
        raise invalid_search("Invalid or unsupported search")
    return trees[0]


def _replace_functions(tree: exp.Select) -> exp.Select:
    """Replace functions by those registered here: `BUILTIN.DF(t.status)` gets the column's name and value."""

    def plain(node: Any) -> Any:
        if isinstance(node, exp.ToChar | exp.TimeToStr):
            return exp.Anonymous(this="TO_CHAR", expressions=[node.this, node.args.get("format")])
        if isinstance(node, exp.StrToTime | exp.StrToDate):
            return exp.Anonymous(this="TO_DATE", expressions=[node.this, node.args.get("format")])
        call = node.expression if isinstance(node, exp.Dot) else None
        if not isinstance(call, exp.Anonymous) or node.this.name.upper() != "BUILTIN":
            return node
        arguments = call.expressions
        if (
            call.name.upper() != "DF"
            or len(arguments) != 1
            or not isinstance(arguments[0], exp.Column)
        ):
            raise invalid_search(f"Unknown function BUILTIN.{call.name}")
        column = arguments[0]
        shown = exp.func("builtin_df", exp.Literal.string(column.name.lower()), column)
        parent = node.parent
        is_selected = isinstance(parent, exp.Select)
        return exp.alias_(shown, column.name) if is_selected else shown

    changed = tree.transform(plain)
    assert isinstance(changed, exp.Select)
    return changed


def _check_select(select: exp.Select) -> None:
    if isinstance(select.args.get("limit"), exp.Limit) or select.args.get("offset"):
        raise invalid_search("Invalid or unsupported search")
    if select.args.get("into") or select.find(exp.With) or select.args.get("locks"):
        raise invalid_search("Invalid or unsupported search")


def _replace_rownum(select: exp.Select) -> None:
    """Turn `WHERE … AND ROWNUM <= n` into a limit that applies before the order."""
    where = select.args.get("where")
    if where is None:
        return
    rest, most = [], None
    for condition in _split_conjunction(where.this):
        count = _read_row_limit(condition)
        if count is None:
            rest.append(condition)
        else:
            most = count if most is None else min(most, count)
    if most is None:
        return
    select.set("where", exp.Where(this=exp.and_(*rest)) if rest else None)
    if select.args.get("order") is None:
        select.set("limit", exp.Limit(expression=exp.Literal.number(most)))
    else:
        _limit_source(select, most)


def _limit_source(select: exp.Select, most: int) -> None:
    """Limit the rows of the source: the table becomes a subquery with a limit."""
    source = select.find(exp.From)
    table = source.this if source else None
    if source is None or not isinstance(table, exp.Table) or select.args.get("joins"):
        raise invalid_search("ROWNUM beside ORDER BY is simulated for one table only")
    # Without an order in the subquery, SQLite may sort first and limit afterwards.
    inner = exp.select("*").from_(table.copy()).order_by("id").limit(most)
    inner.set("where", select.args.get("where"))
    select.set("where", None)
    source.set("this", inner.subquery(table.alias_or_name))


def _split_conjunction(condition: Any) -> Iterator[Any]:
    return condition.flatten() if isinstance(condition, exp.And) else iter((condition,))


def _is_rownum(node: Any) -> bool:
    return isinstance(node, exp.Pseudocolumn | exp.Column) and node.name.upper() == "ROWNUM"


def _read_row_limit(condition: Any) -> int | None:
    """Return the number of rows that a ROWNUM condition allows; None for other conditions."""
    if not any(_is_rownum(node) for node in condition.walk()):
        return None
    number = condition.args.get("expression")
    if not _is_rownum(condition.args.get("this")) or not isinstance(number, exp.Literal):
        raise invalid_search("ROWNUM must be compared with a number, as in ROWNUM <= 10")
    count = int(number.name) if number.name.isdecimal() else 0
    if isinstance(condition, _UPPER_BOUNDS):
        return count if isinstance(condition, exp.LTE) else max(0, count - 1)
    if isinstance(condition, exp.EQ):
        return 1 if count == 1 else 0
    raise invalid_search("ROWNUM must be compared with a number, as in ROWNUM <= 10")


def _format_dates(tree: exp.Select) -> None:
    """Format dates that are selected by name in the user's format, not in ISO 8601."""
    for node in list(tree.expressions):
        column = node.this if isinstance(node, exp.Alias) else node
        if isinstance(column, exp.Column) and column.name.lower() in DATES:
            shown = exp.alias_(exp.func("user_date", column.copy()), node.alias_or_name)
            node.replace(shown)


def _add_prefixes(tree: exp.Select) -> None:
    for call in tree.find_all(exp.Anonymous):
        if call.name.upper() not in _ALLOWED | {"BUILTIN_DF", "USER_DATE"}:
            raise invalid_search(f"Unknown function {call.name}")
    for node in list(tree.find_all(exp.Identifier)):
        node.replace(exp.to_identifier(PREFIX + node.name.lower(), quoted=False))
