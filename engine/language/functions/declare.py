"""The declaration of a filter, function or test: once, as data.

The binding of arguments, the checks, the documentation and the tests all read the same entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal

from ...documents.exact import MAX_EXPONENT, is_number
from ...documents.money import LEDGER_PLACES, MINOR_UNITS
from ...findings.errors import AbsentError, ExpressionError
from ...findings.quote import quoted
from ..lines import LineGroup, RenderedLine
from ..moments import is_zone
from .values import kind_of, require_value, with_article

Thunk = Callable[[], object]
Example = tuple[str, Mapping[str, object], object]


class Required(Enum):
    """The type of REQUIRED, which marks a parameter without default."""

    REQUIRED = "required"


REQUIRED: Final = Required.REQUIRED


@dataclass(frozen=True, slots=True)
class Scope:
    """The values that one template may use.

    `names` are the values by name; `lookup(table, keys)` looks up a value and
    raises LookupMissingError for a key without a row; `currency` is the ISO
    4217 code of the order, used by the functions on money, and `places` the decimal
    places of each currency in the ledger's account.
    """

    names: Mapping[str, object]
    lookup: Callable[[str, tuple[object, ...]], object]
    currency: str | None = None
    places: Mapping[str, int] = field(default_factory=lambda: LEDGER_PLACES)


@dataclass(frozen=True, slots=True)
class FunctionKind:
    """The values that a parameter accepts, and the code of the finding about other values."""

    words: str
    accepts: Callable[[object], bool]
    code: str = "E0415"
    nullable: bool = False
    hint: str | None = None


def _of(*kinds: str) -> Callable[[object], bool]:
    wanted = frozenset(kinds)
    return lambda value: kind_of(value) in wanted


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


KINDS: dict[str, FunctionKind] = {
    "expression": FunctionKind("anything", lambda _: True, nullable=True),
    "nullable": FunctionKind("anything", lambda _: True, nullable=True),
    "any": FunctionKind("a value", lambda _: True),
    "scalar": FunctionKind(
        "a text, number, date, or true or false",
        _of("text", "number", "true or false", "date", "moment"),
    ),
    "text": FunctionKind("a text", _of("text")),
    "some text": FunctionKind(
        "a text that is not empty", lambda value: isinstance(value, str) and value != ""
    ),
    "number": FunctionKind(
        "a number", is_number, hint="a field with `type: decimal` or `type: money` is one"
    ),
    "length": FunctionKind("a whole number from 1", lambda value: _is_whole(value) and value >= 1),  # type: ignore[operator] # is an int
    "places": FunctionKind(
        f"a whole number from 0 to {MAX_EXPONENT}",
        lambda value: _is_whole(value) and 0 <= value <= MAX_EXPONENT,  # type: ignore[operator] # is an int
    ),
    "list": FunctionKind("a list", _of("list", "lines")),
    "container": FunctionKind("a list, map or text", _of("list", "lines", "map", "text")),
    "moment": FunctionKind(
        "a moment (date and time)", _of("moment"), hint="a field with `type: datetime` is one"
    ),
    "lines": FunctionKind(
        "lines, such as `lines.item`", lambda value: isinstance(value, LineGroup | RenderedLine)
    ),
    "rates": FunctionKind(
        "a map of ids to rates, such as `{'5': 0}`",
        lambda value: isinstance(value, Mapping) and all(map(is_number, value.values())),
    ),
    "currency": FunctionKind(
        "an ISO 4217 currency",
        lambda value: isinstance(value, str) and value in MINOR_UNITS,
        "E0420",
        hint="three capitals, such as `USD`",
    ),
    "zone": FunctionKind(
        "a time zone, such as `Europe/Berlin`",
        is_zone,
        "E0424",
        hint="write its name as Area/City, or UTC",
    ),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: `kind` is a key of KINDS.

    An "expression" is passed unevaluated, as a function without arguments.
    `many` receives all further positional arguments, as a tuple.
    """

    name: str
    kind: str
    default: object = REQUIRED
    many: bool = False
    keyword_only: bool = False

    @property
    def is_positional(self) -> bool:
        """Whether it may be given by position."""
        return not (self.many or self.keyword_only)

    @property
    def is_required(self) -> bool:
        """Whether a call must give it."""
        return self.default is REQUIRED and not self.many

    @property
    def takes_null(self) -> bool:
        """Whether null may be its argument."""
        return KINDS[self.kind].nullable

    def refusal(self, value: object) -> ExpressionError | None:
        """Return why the parameter does not accept the value; None when it does."""
        kind = KINDS[self.kind]
        if kind.nullable:
            return None
        try:
            require_value(value)
        except ExpressionError as error:
            return error
        if kind.accepts(value):
            return None
        return ExpressionError(
            kind.code,
            f"`{self.name}` must be {kind.words}, not {_show(value)}",
            hint=kind.hint,
        )


@dataclass(frozen=True, slots=True)
class Function:
    """A filter, function or test for authors.

    The first parameter of a filter or test is the value that it is applied to.
    With `with_scope` the implementation receives the Scope before the arguments.
    `cost` returns, from the same arguments, the steps that a call takes beyond one pass over each of
    them; they are charged before it runs.
    Every example is (expression, names, result) and runs as a test.
    """

    name: str
    sort: Literal["filter", "function", "test"]
    implementation: Callable[..., object]
    parameters: tuple[Parameter, ...]
    summary: str
    examples: tuple[Example, ...]
    with_scope: bool = field(default=False, kw_only=True)
    cost: Callable[..., int] | None = field(default=None, kw_only=True)

    @property
    def usage(self) -> str:
        """How to write it: `value | cut(length)`."""
        return _USAGES[self.sort].format(name=self.name, arguments=_written(self))


_USAGES = {
    "filter": "value | {name}{arguments}",
    "function": "{name}{arguments}",
    "test": "value is {name}{arguments}",
}


def _written(function: Function) -> str:
    parameters = function.parameters if function.sort == "function" else function.parameters[1:]
    return f"({', '.join(map(_signature, parameters))})" if parameters else ""


def _signature(parameter: Parameter) -> str:
    if parameter.many:
        return f"{parameter.name}, …"
    return parameter.name if parameter.default is REQUIRED else f"{parameter.name}=…"


def _show(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    kind = kind_of(value)
    return f"`{value}`" if kind == "number" and abs(value) < 10**9 else with_article(kind)  # type: ignore[arg-type] # is a number


def index_functions(*functions: Function) -> dict[str, Function]:
    """Return the functions of one sort by name."""
    return {function.name: function for function in functions}


def empty_list_error(entry_name: str) -> AbsentError:
    """Return the error for an entry of an empty list; `entry_name` is in the message."""
    return AbsentError(
        "E0410",
        f"{entry_name} of an empty list is absent",
        hint="if it may be absent, give a default: `| default(…)`",
    )
