"""CPU time of this process for each request, in turns, so that a slow moment hits all alike."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import httpx

from .contenders import BARE, OURS, Call, Race, races
from .server import COUNT_PATH

_IN_A_ROW = 10


@dataclass(frozen=True, slots=True)
class Cost:
    """What all rounds say of one contender: CPU seconds a request, round by round."""

    name: str
    rounds: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """The median."""
        return median(self.rounds)

    def against(self, other: Cost) -> tuple[float, float, float]:
        """How many times the cost of the other: median, lowest and highest of the rounds."""
        ratios = [own / its for own, its in zip(self.rounds, other.rounds, strict=True)]
        return median(ratios), min(ratios), max(ratios)


@dataclass(frozen=True, slots=True)
class Result:
    """One kind of request: what each contender costs, and the connections that ours opened.

    `one_by_one` for requests in a row, `at_once` for as many at the same time as were tried.
    """

    name: str
    costs: tuple[Cost, ...]
    one_by_one: int
    at_once: int

    @property
    def bare(self) -> Cost:
        """That of httpx alone."""
        return next(cost for cost in self.costs if cost.name == BARE)

    @property
    def ours(self) -> Cost:
        """That of erpmap."""
        return next(cost for cost in self.costs if cost.name == OURS)


async def measure(
    address: str, *, rounds: int, requests: int, at_once: int, tell: Callable[[str], None]
) -> list[Result]:
    """Run all races against a server; one round before the first warms up and does not count."""
    async with races(address) as all_races:
        costs = [await _costs(race, rounds, requests, tell) for race in all_races]
    # Apart from the costs: every idle connection of a pool is looked at for each request. Requests in a
    # row come first: afterwards a pool takes the idle connections by turns.
    async with races(address) as all_races, httpx.AsyncClient() as counter:
        calls = [race.contenders[OURS] for race in all_races]
        in_a_row = [await _in_a_row(call, counter, address) for call in calls]
        together = [await _together(call, counter, address, at_once) for call in calls]
    return [
        Result(race.name, taken, one_by_one=opened, at_once=most)
        for race, taken, opened, most in zip(all_races, costs, in_a_row, together, strict=True)
    ]


async def _in_a_row(ours: Call, counter: httpx.AsyncClient, address: str) -> int:
    """The number of connections that ten requests in a row use."""
    await ours()
    await _connections(counter, address)
    for _ in range(_IN_A_ROW):
        await ours()
    return await _connections(counter, address)


async def _together(ours: Call, counter: httpx.AsyncClient, address: str, at_once: int) -> int:
    """The number of connections that `at_once` requests at the same time use."""
    await asyncio.gather(*(ours() for _ in range(at_once)))
    return await _connections(counter, address)


async def _costs(
    race: Race, rounds: int, requests: int, tell: Callable[[str], None]
) -> tuple[Cost, ...]:
    tell(race.name)
    contenders = list(race.contenders.items())
    for _, call in contenders:
        await _seconds(call, max(2, requests // 5))
    rounds_of = [await _round(contenders, requests) for _ in range(rounds)]
    return tuple(Cost(name, tuple(taken[name] for taken in rounds_of)) for name, _ in contenders)


async def _round(contenders: Sequence[tuple[str, Call]], requests: int) -> dict[str, float]:
    """CPU seconds a request of each contender: one request of each in turn, again and again."""
    taken = dict.fromkeys((name for name, _ in contenders), 0.0)
    for number in range(requests):
        shift = number % len(contenders)
        for name, call in (*contenders[shift:], *contenders[:shift]):
            taken[name] += await _seconds(call, 1)
    return {name: seconds / requests for name, seconds in taken.items()}


async def _seconds(call: Call, requests: int) -> float:
    """CPU seconds of this process that one request takes."""
    start = time.process_time()
    for _ in range(requests):
        await call()
    return (time.process_time() - start) / requests


async def _connections(counter: httpx.AsyncClient, address: str) -> int:
    """How many connections the server has seen in use since it was last asked."""
    return int((await counter.get(address + COUNT_PATH)).content)
