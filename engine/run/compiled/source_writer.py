"""Write Python source: lines, names of computed values, constants, and the cost in steps.

Authors' texts enter the source through `repr` or as a constant, never as code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ...findings.errors import NotCompiledError
from ...language.functions.values import CHARACTERS_PER_STEP

_INDENT = " "
# Python allows 20 nested blocks and 100 indentations; a mapping that needs more is interpreted.
MAX_LOOPS = 15
MAX_DEPTH = 80
MAX_SOURCE = 1_500_000


@dataclass(slots=True)
class _TextCharge:
    """The line that charges all readings of one text."""

    line: int
    depth: int
    loops: int
    code: str
    times: int = 0
    is_text: bool = True

    def written(self) -> str:
        factor = "" if self.times == 1 else f" * {self.times}"
        guard = "" if self.is_text else f"{self.code}.__class__ is str and "
        cost = f"len({self.code}) // {CHARACTERS_PER_STEP}{factor}"
        test = f"if {guard}(left := left - {cost}) < 0: raise DoubtError"
        return f"{_INDENT * self.depth}{test}"


class SourceWriter:
    """The body of one function.

    `constants` are the values without a literal, by their names. A computed value is remembered
    until its block ends. The work of a block, certain or not, is charged before the block begins:
    the variable `left` holds the steps left.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, object] = {}
        self.depth = 1
        self._loops = 0
        self._size = 0
        self._count = 0
        self._known: list[dict[object, object]] = [{}]
        self._text_charges: list[_TextCharge] = []
        self._costs = [0]
        self._names: dict[int, str] = {}

    def put(self, line: str) -> None:
        """Write one line."""
        self._size += len(line) + self.depth
        if self._size > MAX_SOURCE or self.depth > MAX_DEPTH:
            raise NotCompiledError("the mapping is too long for one Python function")
        self.lines.append(_INDENT * self.depth + line)

    def note(self, trail: str) -> None:
        """Write a comment with the part of the mapping that the next lines compute."""
        self.put(f"# {ascii(trail)[1:-1]}")

    def new_name(self) -> str:
        """Return a new variable name."""
        self._count += 1
        return f"v{self._count}"

    def let(self, code: str) -> str:
        """Write an assignment of `code`; return the variable's name."""
        name = self.new_name()
        self.put(f"{name} = {code}")
        return name

    def once(self, code: str) -> str:
        """Return the variable of an expression without effects, assigned once in a block."""
        known = self.known(("code", code))
        if isinstance(known, str):
            return known
        name = self.let(code)
        self.remember(("code", code), name)
        return name

    def doubt_if(self, condition: str) -> None:
        """Write a DoubtError for the case that a condition holds."""
        self.put(f"if {condition}: raise DoubtError")

    def constant(self, value: object) -> str:
        """Return the code of a value: the name of a constant, or the literal of null and truth values.

        A literal text would cause warnings of Python, as in `'a' is None`.
        """
        if value is None or isinstance(value, bool):
            return repr(value)
        name = self._names.get(id(value))
        if name is None:
            name = f"k{len(self.constants)}"
            self._names[id(value)] = name
            self.constants[name] = value
        return name

    def pay(self, steps: int) -> None:
        """Add to the steps that the current block costs each time it is entered."""
        self._costs[-1] += steps

    def pay_for_text(self, code: str, times: int = 1, *, is_text: bool = True) -> None:
        """Charge `times` readings of a text; a value that may be of another kind costs only as a text.

        One line charges all readings of a text, at the first reading.
        """
        charge = self.known(("look", code))
        if not isinstance(charge, _TextCharge) or charge.loops != self._loops:
            charge = _TextCharge(
                line=len(self.lines), depth=self.depth, loops=self._loops, code=code
            )
            self._text_charges.append(charge)
            self.put("")
            self.remember(("look", code), charge)
        charge.times += times
        charge.is_text = charge.is_text and is_text

    def written(self) -> list[str]:
        """Return all lines, with the charges of texts filled in."""
        for charge in self._text_charges:
            self.lines[charge.line] = charge.written()
        return self.lines

    @property
    def paid(self) -> int:
        """The steps of the outermost block so far."""
        return self._costs[0]

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Write a block under `header:`; values remembered in it are forgotten after it."""
        self.put(f"{header}:")
        self.depth += 1
        self._known.append({})
        start = len(self.lines)
        yield
        if len(self.lines) == start:
            self.put("pass")
        self._known.pop()
        self.depth -= 1

    @contextmanager
    def try_block(self) -> Iterator[None]:
        """Write a `try` block, which counts as a loop for Python's limit on nesting."""
        self._nest()
        with self.block("try"):
            yield
        self._loops -= 1

    @contextmanager
    def free_loop(self, header: str) -> Iterator[None]:
        """Write a `for` loop whose work is not charged."""
        self._nest()
        with self.block(header):
            yield
        self._loops -= 1

    @contextmanager
    def loop(self, header: str, entries: str) -> Iterator[None]:
        """Write a `for` loop over `entries`; the work for all entries is charged before the first."""
        self._nest()
        position = len(self.lines)
        self.put("")
        self._costs.append(2)
        with self.block(header):
            yield
        steps = self._costs.pop()
        self._loops -= 1
        self.lines[position] = (
            f"{_INDENT * self.depth}if (left := left - {steps} * len({entries})) < 0: raise DoubtError"
        )

    def remember(self, key: object, value: object = "seen") -> None:
        """Remember a value under a key until the block ends."""
        self._known[-1][key] = value

    def known(self, key: object) -> object:
        """Return the value remembered under a key, or None."""
        for frame in reversed(self._known):
            if key in frame:
                return frame[key]
        return None

    def _nest(self) -> None:
        self._loops += 1
        if self._loops > MAX_LOOPS:
            raise NotCompiledError("the loops are nested too deeply for Python")
