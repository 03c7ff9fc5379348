"""Try many orders, good ones and damaged ones, in several processes; count how they end."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random

from .damages import DAMAGES, Case
from .documents import Documents, make_documents, write_document
from .draw import draw_sale
from .sale import Sale
from .trial import CRASHED, RIGHT, WRONG, Verdict, try_order

_DRAWS = 200  # for one damaged order, until the damage applies


@dataclass(slots=True)
class Tally:
    """How orders ended: `topics` counts ends with what they are about, each with an example."""

    ends: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    topics: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def add(self, verdict: Verdict, *, allowed: Iterable[str], name: str) -> None:
        """Count an order; `name` is the one by which it can be made again."""
        self.ends[verdict.end] += 1
        self.failed += is_failure(verdict, allowed)
        topic = verdict.end, ", ".join(sorted({_about(reason) for reason in verdict.reasons}))
        self.topics[topic] += 1
        self.examples.setdefault(topic, (name, *verdict.reasons))

    def merge(self, other: Tally) -> None:
        """Add what another process counted."""
        self.ends += other.ends
        self.failed += other.failed
        self.topics += other.topics
        self.examples = other.examples | self.examples


def _about(reason: str) -> str:
    """The part of a reason that many orders share."""
    return re.split(r" [-+\d'\"\[(]| in place", reason, maxsplit=1)[0][:40]


def is_failure(verdict: Verdict, allowed: Iterable[str]) -> bool:
    """Whether an order was rendered, or crashed, that must not be.

    Another end than the right one without anything being rendered is counted, and is no failure.
    """
    if verdict.end in (WRONG, CRASHED):
        return True
    return verdict.end == RIGHT and RIGHT not in allowed


def try_good(number: int) -> tuple[Sale, Documents, Verdict]:
    """Draw the good order of a number and try it."""
    sale = draw_sale(Random(f"good {number}"), number)
    documents = make_documents(sale)
    return sale, documents, try_order(sale, documents)


def damage_order(kind: str, number: int) -> Case | None:
    """Return the order of a number with a damage; None where no order can be damaged that way.

    Only an order that is rendered right while it is undamaged is damaged.
    """
    damage = DAMAGES[kind]
    rng = Random(f"{kind} {number}")
    markets = tuple(damage.markets)
    for _ in range(_DRAWS):
        sale = draw_sale(rng, rng.randrange(10**9), rng.choice(markets))
        case = Case(rng=rng, sale=sale, documents=make_documents(sale))
        before = deepcopy(case.documents)
        if not damage.change(case) or try_order(sale, before).end != RIGHT:
            continue
        return case
    return None


def try_damaged(kind: str, numbers: Iterable[int]) -> Tally:
    """Try orders with one kind of damage."""
    tally = Tally()
    for number in numbers:
        case = damage_order(kind, number)
        if case is not None:
            verdict = try_order(case.sale, case.documents)
            tally.add(verdict, allowed=DAMAGES[kind].ends, name=f"{kind} {number}")
    return tally


def _try_goods(numbers: range) -> Tally:
    tally = Tally()
    for number in numbers:
        _, _, verdict = try_good(number)
        tally.add(verdict, allowed=(RIGHT,), name=f"good {number}")
    return tally


def sweep_good(count: int, processes: int) -> Tally:
    """Try the first good orders."""
    size = max(1, min(250, count // (processes * 4) or 1))
    chunks = [range(start, min(start + size, count)) for start in range(0, count, size)]
    total = Tally()
    with ProcessPoolExecutor(processes) as pool:
        for tally in pool.map(_try_goods, chunks):
            total.merge(tally)
    return total


def _try_kind(task: tuple[str, int]) -> tuple[str, Tally]:
    kind, count = task
    return kind, try_damaged(kind, range(count))


def sweep_damaged(kinds: Iterable[str], count: int, processes: int) -> Iterator[tuple[str, Tally]]:
    """Yield each kind with the ends of its orders."""
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_try_kind, [(kind, count) for kind in kinds])


def write_order(documents: Documents) -> Mapping[str, str]:
    """Return the files of an order as a case has them."""
    files = {"event": documents.event, "order": documents.answer, "account": documents.account}
    return {
        f"{name}.json": json.dumps(
            json.loads(write_document(document)), indent=2, ensure_ascii=False
        )
        for name, document in files.items()
        if document is not None
    }
