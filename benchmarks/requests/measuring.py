"""CPU time of this process for each request, in turns, so that a slow moment hits all alike."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import httpx

from .contenders import BARE, OURS, Call, Race, races
from .server import COUNT_PATH


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
    results = []
    async with races(address) as all_races, httpx.AsyncClient() as counter:
        for race in all_races:
            tell(race.name)
            ours = race.contenders[OURS]
            costs = await _costs(race, rounds, requests)
            await _connections(counter, address)
            await _seconds(ours, requests)
            one_by_one = await _connections(counter, address)
            await asyncio.gather(*(ours() for _ in range(at_once)))
            results.append(
                Result(race.name, costs, one_by_one, await _connections(counter, address))
            )
    return results


async def _costs(race: Race, rounds: int, requests: int) -> tuple[Cost, ...]:
    contenders = list(race.contenders.items())
    for _, call in contenders:
        await _seconds(call, max(2, requests // 5))
    taken: dict[str, list[float]] = {name: [] for name, _ in contenders}
    for number in range(rounds):
        shift = number % len(contenders)
        for name, call in (*contenders[shift:], *contenders[:shift]):
            taken[name].append(await _seconds(call, requests))
    return tuple(Cost(name, tuple(seconds)) for name, seconds in taken.items())


async def _seconds(call: Call, requests: int) -> float:
    """CPU seconds of this process that one request takes."""
    start = time.process_time()
    for _ in range(requests):
        await call()
    return (time.process_time() - start) / requests


async def _connections(counter: httpx.AsyncClient, address: str) -> int:
    """How many connections the server has seen in use since it was last asked."""
    return int((await counter.get(address + COUNT_PATH)).content)
