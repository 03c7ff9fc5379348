"""Python source being written: lines, names for what is computed, constants, and what it costs.

Everything an author wrote goes into the source through `repr` or as a constant, never as code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ...findings.errors import NotCompiledError
from ...language.functions.values import CHARACTERS_PER_STEP

_INDENT = " "
# Python nests 20 blocks and 100 indentations at most; what needs more is interpreted.
MAX_LOOPS = 15
MAX_DEPTH = 80
MAX_SOURCE = 1_500_000


@dataclass(slots=True)
class _Look:
    """The line in which the looks at one text are paid."""

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

    `constants` are the values it needs that have no literal, by their names. What was computed
    once is remembered for as long as its block lasts. Work that is done, for certain or perhaps, is
    paid by the block it stands in before that block begins: `left` is what may still be spent.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, object] = {}
        self.depth = 1
        self._loops = 0
        self._size = 0
        self._count = 0
        self._known: list[dict[object, object]] = [{}]
        self._looks: list[_Look] = []
        self._costs = [0]
        self._names: dict[int, str] = {}

    def put(self, line: str) -> None:
        """Write one line."""
        self._size += len(line) + self.depth
        if self._size > MAX_SOURCE or self.depth > MAX_DEPTH:
            raise NotCompiledError("it is too long for one Python function")
        self.lines.append(_INDENT * self.depth + line)

    def note(self, trail: str) -> None:
        """Say in a comment which part of the mapping the next lines are for."""
        self.put(f"# {ascii(trail)[1:-1]}")

    def fresh(self) -> str:
        """A name that nothing else has."""
        self._count += 1
        return f"v{self._count}"

    def let(self, code: str) -> str:
        """Compute something once; its name."""
        name = self.fresh()
        self.put(f"{name} = {code}")
        return name

    def once(self, code: str) -> str:
        """The same for an expression that has no effect: its name, if it was computed here before."""
        known = self.known(("code", code))
        if isinstance(known, str):
            return known
        name = self.let(code)
        self.remember(("code", code), name)
        return name

    def doubt_if(self, condition: str) -> None:
        """Leave the rest to the interpreter where a condition holds."""
        self.put(f"if {condition}: raise DoubtError")

    def constant(self, value: object) -> str:
        """A value as it can stand in the source: the name of a constant, but for null and truths.

        Python warns of what looks odd when it is written out, as in `'a' is None`.
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
        """Add to what the current block costs each time it is entered."""
        self._costs[-1] += steps

    def pay_for_text(self, code: str, times: int = 1, *, is_text: bool = True) -> None:
        """Pay for looking at a text so often; one that may be no text costs nothing unless it is.

        All looks at one text are paid in one line, where it was looked at first.
        """
        look = self.known(("look", code))
        if not isinstance(look, _Look) or look.loops != self._loops:
            look = _Look(len(self.lines), self.depth, self._loops, code)
            self._looks.append(look)
            self.put("")
            self.remember(("look", code), look)
        look.times += times
        look.is_text = look.is_text and is_text

    def written(self) -> list[str]:
        """All lines, now that it is known how often each text is looked at."""
        for look in self._looks:
            self.lines[look.line] = look.written()
        return self.lines

    @property
    def paid(self) -> int:
        """What the outermost block costs so far."""
        return self._costs[0]

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """A block behind `header:`; what is remembered in it is forgotten behind it."""
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
    def attempt(self) -> Iterator[None]:
        """A `try` block, which counts as a loop does for Python's bound on nesting."""
        self._nest()
        with self.block("try"):
            yield
        self._loops -= 1

    @contextmanager
    def each(self, header: str) -> Iterator[None]:
        """A `for` whose work is charged to nobody."""
        self._nest()
        with self.block(header):
            yield
        self._loops -= 1

    @contextmanager
    def loop(self, header: str, entries: str) -> Iterator[None]:
        """A `for` over `entries`, whose work for all of them is paid before the first."""
        self._nest()
        position = len(self.lines)
        self.put("")
        self._costs.append(2)
        with self.block(header):
            yield
        each = self._costs.pop()
        self._loops -= 1
        self.lines[position] = (
            f"{_INDENT * self.depth}if (left := left - {each} * len({entries})) < 0: raise DoubtError"
        )

    def remember(self, key: object, value: object = "seen") -> None:
        """Keep what is known within this block."""
        self._known[-1][key] = value

    def known(self, key: object) -> object:
        """What is known here under a key, or None."""
        for frame in reversed(self._known):
            if key in frame:
                return frame[key]
        return None

    def _nest(self) -> None:
        self._loops += 1
        if self._loops > MAX_LOOPS:
            raise NotCompiledError("its loops are nested too deeply for Python")
