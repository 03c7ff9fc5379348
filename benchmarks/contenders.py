"""Who runs: each renders a batch of orders and says how long it took."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from . import by_hand, ours
from .corpus import Texts
from .tables import Tables

Batch = Sequence[Texts]


@dataclass(frozen=True, slots=True)
class Run:
    """One batch rendered: seconds of wall clock without start-up, and the payloads of each order."""

    seconds: float
    outputs: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to render; `note` says what it does less than the others."""

    name: str
    run: Callable[[Batch], Run]
    note: str = ""


class MissingError(Exception):
    """A rival cannot run here; the words say what is not installed."""


def timed(render: Callable[[bytes, bytes], bytes], batch: Batch) -> Run:
    """Every order of the batch rendered in this process."""
    start = perf_counter()
    outputs = [render(texts.event, texts.order) for texts in batch]
    return Run(perf_counter() - start, tuple(outputs))


def erpmap() -> Contender:
    """Ours; its plan is compiled before."""
    render = ours.renderer()

    def rendered(event: bytes, order: bytes) -> bytes:
        output = render(event, order)
        assert output is not None, "an order of the corpus was not rendered"
        return output

    return Contender("erpmap", lambda batch: timed(rendered, batch))


def written_by_hand(tables: Tables) -> Contender:
    """The same mapping as a Python function."""

    def rendered(event: bytes, order: bytes) -> bytes:
        return by_hand.render(event, order, tables)

    return Contender("by hand", lambda batch: timed(rendered, batch))
