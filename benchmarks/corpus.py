"""Any number of different web orders, as a shop sends them: compact JSON, all of them sound.

Deterministic: the order at a place is the same for ever. Amounts are whole cents until they are
written. People and places are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from random import Random

import msgspec

from .purchases import buy
from .wire import event_of, order_of

SEED = 20_261_203
A_FOLDER = 1_000
_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True, slots=True)
class Texts:
    """One order as it arrives: the event, and GraphQL's answer."""

    event: bytes
    order: bytes

    @property
    def size(self) -> int:
        """The bytes of both."""
        return len(self.event) + len(self.order)


def corpus(orders: int, seed: int = SEED) -> list[Texts]:
    """So many orders, each different."""
    return list(islice(endless(seed), orders))


def endless(seed: int = SEED) -> Iterator[Texts]:
    """Orders without end; a longer corpus begins with the shorter one."""
    random = Random(seed)  # noqa: S311 # nothing here is secret
    for number in count(1):
        purchase = buy(random, number)
        yield Texts(_encode(event_of(purchase)), _encode(order_of(purchase)))


def write_corpus(folder: Path, orders: int) -> None:
    """Write so many orders below a folder, a thousand in each of its folders."""
    for place, texts in enumerate(islice(endless(), orders)):
        own = folder / f"{place // A_FOLDER:03}" / f"{place % A_FOLDER:03}"
        own.mkdir(parents=True, exist_ok=True)
        (own / "event.json").write_bytes(texts.event)
        (own / "order.json").write_bytes(texts.order)
