"""Draw a number of orders of a shop, odd ones mixed in by name, and check that its mappings render each.

Pure: the same shop, seed and day give the same orders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

from ...documents import read_json_bytes, write_json_bytes
from ...findings.diagnostics import Finding
from ...findings.errors import ErpmapError, FindingsError
from ...run import Outcome, RunState
from ..order import Order
from .draw_sale import PLAIN, draw_sale, has_branch, pay
from .odd_sales import ODD
from .sale_documents import make_documents
from .sample_shop import SampleShop

# Without names every third order is odd; of named ones every second.
_EVERY, _EVERY_NAMED = 3, 2
_MOST_TRIES = 200


@dataclass(frozen=True, slots=True)
class SampleWish:
    """How many orders are drawn, of which day, from which seed, and which odd ones are mixed in.

    `odd` is None for all odd orders that the shop can have.
    """

    count: int
    day: str
    seed: int = 1
    odd: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SampledOrder:
    """An order with the name of its folder; `documents` are the event and its sources."""

    name: str
    number: str
    documents: Mapping[str, object]

    def as_order(self) -> Order:
        """Return the order as if it had been read from files."""
        read = {
            name: read_json_bytes(name, write_json_bytes(document))
            for name, document in self.documents.items()
        }
        return Order(read.pop("event"), read)


Render = Callable[[Order], Sequence[Outcome]]


def sample_orders(shop: SampleShop, wish: SampleWish, render: Render) -> Iterator[SampledOrder]:
    """Yield orders, each rendered by the tenant's mappings.

    Raise ErpmapError when the shop cannot have an odd order that is wished, or no order at all, and
    FindingsError when an order does not render.
    """
    plain = _list_plain(shop, wish, render)
    odd = _list_odd(shop, wish, plain)
    every = _EVERY if wish.odd is None else _EVERY_NAMED
    kinds, oddities = cycle(plain), cycle(odd or ("",))
    for at in range(1, wish.count + 1):
        name = next(oddities) if odd and at % every == 0 else next(kinds)
        order = _draw(shop, wish, name, at, plain)
        _check(shop, order, render)
        yield order


def _list_plain(shop: SampleShop, wish: SampleWish, render: Render) -> list[str]:
    """Return the plain kinds that a mapping of the tenant wants."""
    known = [name for name in PLAIN if has_branch(shop, name)]
    wanted = [
        name
        for name in known
        if any(
            outcome.state is not RunState.IGNORED
            for outcome in render(_draw(shop, wish, name, 0, known).as_order())
        )
    ]
    if not wanted:
        words = "no mapping wants an order of its channels; are they web or store, and with a service level?"
        raise ErpmapError(f"orders of {shop.tenant} cannot be sampled: {words}")
    return wanted


def _list_odd(shop: SampleShop, wish: SampleWish, plain: Sequence[str]) -> list[str]:
    lacks = {name: _find_lack(shop, name, plain) for name in ODD}
    if wish.odd is None:
        return [name for name, lack in lacks.items() if not lack]
    for name in wish.odd:
        if lacks[name]:
            words = f"{shop.tenant} has no orders of the kind {name!r}: it lacks {lacks[name]}"
            raise ErpmapError(words)
    return list(wish.odd)


def _find_lack(shop: SampleShop, name: str, plain: Sequence[str]) -> str:
    if not any(kind in plain for kind in ODD[name].of):
        return f"a mapping for {' and '.join(ODD[name].of)} orders"
    return ODD[name].lack(shop)


def _draw(
    shop: SampleShop, wish: SampleWish, name: str, at: int, plain: Sequence[str]
) -> SampledOrder:
    """Draw one order; what an odd one cannot be made of is drawn again."""
    rng = Random(f"{shop.tenant} {wish.seed} {at}")  # noqa: S311 - synthetic orders, not secrets
    number = f"{shop.tenant[:6].upper().replace('_', '')}{wish.seed:03d}{at:05d}"
    odd = ODD.get(name)
    kinds = [kind for kind in odd.of if kind in plain] if odd else [name]
    for _ in range(_MOST_TRIES):
        sale = draw_sale(rng, shop, rng.choice(kinds), number=number, day=wish.day)
        changed = odd.change(rng, sale) if odd else sale
        if changed is not None:
            documents = make_documents(pay(rng, changed))
            return SampledOrder(f"{at:04d}-{name}", number, documents)
    raise ErpmapError(f"{shop.tenant} has no channel for orders of the kind {name!r}")


def _check(shop: SampleShop, order: SampledOrder, render: Render) -> None:
    """Raise FindingsError when an order does not render."""
    outcomes = [each for each in render(order.as_order()) if each.state is not RunState.IGNORED]
    if outcomes and all(each.state is RunState.RENDERED for each in outcomes):
        return
    findings: list[Finding] = [finding for each in outcomes for finding in each.findings]
    reasons = ", ".join(str(each.reason) for each in outcomes if each.reason) or "ignored"
    words = f"the sampled order {order.name} is not rendered by the mappings of {shop.tenant}"
    if not findings:
        raise ErpmapError(f"{words}: {reasons}")
    raise FindingsError(words, findings)
