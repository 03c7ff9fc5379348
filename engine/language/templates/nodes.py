"""The tree of a template: small, closed, without behaviour.

The parser builds it, the evaluation walks it, the compiler translates it. `offset`
and `length` are the place of the node in characters of the template's whole text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..functions import Function


@dataclass(frozen=True, slots=True)
class Constant:
    """A text, number, true, false, null or `omit`."""

    value: object
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the scope."""

    name: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """`target.key`."""

    target: Node
    key: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Item:
    """`target[key]`."""

    target: Node
    key: Node
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class ListDisplay:
    """`[a, b]` or `(a, b)`."""

    items: tuple[Node, ...]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class MapDisplay:
    """`{'key': value}`; every key is a text."""

    entries: tuple[tuple[str, Node], ...]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x`, `+x` or `not x`; `operator` is `-`, `+` or `not`."""

    operator: str
    operand: Node
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`, one of `+ - * / // % **`."""

    operator: str
    left: Node
    right: Node
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Logical:
    """`a and b and c`, or the same with `or`: the deciding operand is the result."""

    operator: str
    operands: tuple[Node, ...]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`first < second <= third`: a chain of operators with their right operands."""

    first: Node
    rest: tuple[tuple[str, Node], ...]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Conditional:
    """`yes if condition else no`."""

    condition: Node
    yes: Node
    no: Node
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Concatenation:
    """`a ~ b ~ c`: the texts of all parts."""

    parts: tuple[Node, ...]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a filter, function or test.

    One argument for each parameter of the function, None for the default;
    the argument of a `many` parameter is a ListDisplay.
    """

    function: Function
    arguments: tuple[Node | None, ...]
    offset: int
    length: int


Node = (
    Constant
    | Name
    | Attribute
    | Item
    | ListDisplay
    | MapDisplay
    | Unary
    | Binary
    | Logical
    | Comparison
    | Conditional
    | Concatenation
    | Call
)


@dataclass(frozen=True, slots=True)
class Template:
    """A text with expressions in it, or one bare expression."""

    text: str
    parts: tuple[str | Node, ...]

    @property
    def is_single(self) -> bool:
        """Whether it is exactly one expression without text around it: its value is the result."""
        return len(self.parts) == 1 and not isinstance(self.parts[0], str)


_CHILDREN: dict[type, Callable[..., tuple[Node | None, ...]]] = {
    Constant: lambda _: (),
    Name: lambda _: (),
    Attribute: lambda node: (node.target,),
    Item: lambda node: (node.target, node.key),
    ListDisplay: lambda node: node.items,
    MapDisplay: lambda node: tuple(value for _, value in node.entries),
    Unary: lambda node: (node.operand,),
    Binary: lambda node: (node.left, node.right),
    Logical: lambda node: node.operands,
    Comparison: lambda node: (node.first, *(right for _, right in node.rest)),
    Conditional: lambda node: (node.condition, node.yes, node.no),
    Concatenation: lambda node: node.parts,
    Call: lambda node: node.arguments,
}


def child_nodes(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly inside a node."""
    return tuple(child for child in _CHILDREN[type(node)](node) if child is not None)


def walk_nodes(template: Template) -> Iterator[Node]:
    """Yield every node of a template, each before the nodes inside it."""
    waiting: list[Node] = [part for part in template.parts if not isinstance(part, str)]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(child_nodes(node))
