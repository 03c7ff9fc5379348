"""One history of a delivery: attempts, deaths and people, and what must hold at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from engine.delivery import LocalTurns, Systems
from engine.journal.claim import Claim, WrittenAttempt, claim_delivery, record_payloads
from engine.journal.finish import AttemptEnd, finish_attempt
from engine.journal.mapping_versions import read_texts
from engine.journal.pack import pack
from engine.journal.states import EVERY_RECORD, DeliveryState
from engine.mapping.files.posted_orders import PostedOrders
from engine.netsuite.ledger import NetSuiteLedger
from engine.netsuite.refusals import build_catalogue
from engine.service.dispatch.pinned_plan import PinnedPlans
from engine.service.dispatch.tenants import ReadyTenant
from engine.service.dispatch.worker import Worker

from . import lab
from .account import Json, Killed, PlayedAccount, Row
from .tape import Tape

EVENT: Json = {
    "tenant": "lab-sandbox",
    "name": "order.opened",
    "published_at": "2026-12-01T10:00:00Z",
    "payload": {"id": "o-1", "external_id": "N1"},
}
_ITEMS: list[Json] = [
    {"sku": "7", "quantity": 1, "price": Decimal("10.00")},
    {"sku": "8", "quantity": 2, "price": Decimal("2.50")},
]
PAID = Decimal("15.00")
_LISTED = PostedOrders("posted.csv", frozenset({("order.opened", "N1")}))
_UNLISTED = PostedOrders("", frozenset())
# Attempts while anything may happen, and those in the calm afterwards.
_WILD, _CALM = 6, 14
_OPEN = (DeliveryState.WAITING, DeliveryState.PARKED)
# The plans of earlier versions, compiled once for all histories.
_PINNED = PinnedPlans()


class BrokenError(AssertionError):
    """What must hold does not; with the history that led there."""


@dataclass
class PlayedJournal:
    """The journal's row of the delivery, and its attempts; it carries out what the worker asks of it."""

    state: DeliveryState = DeliveryState.WAITING
    reason: str | None = None
    doubts: tuple[str, ...] = ()
    posted: str = "[]"
    waited: dict[str, tuple[int, int]] = field(default_factory=dict)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    anew_from: int = 0

    async def run(self, work: Callable[..., Any], *given: Any) -> Any:
        return _WORKS[work](self, *given)

    def claim(self, id_: int, _holder: str, _now: int) -> Claim:
        given = [at for at, one in enumerate(self.attempts) if "written" in one][-1:]
        is_asked = bool(self.doubts) or self.posted != "[]"
        written = self.attempts[given[0]]["written"] if given and is_asked else None
        is_anew = written is not None and given[0] < self.anew_from
        self.attempts.append({})
        self.state = DeliveryState.RUNNING
        return Claim(
            id=id_,
            attempt=len(self.attempts),
            tenant="lab",
            mapping="paid_order",
            document=pack(EVENT),
            attempts=len(self.attempts) - 1,
            since=0,
            doubts=frozenset(self.doubts),
            waited=self.waited,
            posted=self.posted,
            given=written,
            event_id=1,
            order="N1",
            is_anew=is_anew,
        )

    def record(self, _claim: Claim, _holder: str, written: WrittenAttempt, posted: str) -> None:
        self.attempts[-1].update(written=written)
        self.posted = posted

    def finish(self, _claim: Claim, _holder: str, end: AttemptEnd, _enqueue: object) -> bool:
        self.state, self.reason, self.doubts = end.state, end.reason, end.doubts
        self.posted, self.waited = end.posted, dict(end.waited or {})
        return True

    def recover(self) -> None:
        """The process that held it has ended."""
        self.state = DeliveryState.WAITING
        if "written" in self.attempts[-1]:
            self.doubts = (EVERY_RECORD,)

    @property
    def is_taken(self) -> bool:
        """Whether it is parked because another record has its external id."""
        return (self.state, self.reason) == (DeliveryState.PARKED, "id_taken")

    def retry(self, *, anew: bool = False) -> None:
        self.state, self.waited = DeliveryState.WAITING, {}
        self.anew_from = len(self.attempts) if anew else self.anew_from


_WORKS: dict[Callable[..., Any], Callable[..., Any]] = {
    claim_delivery: PlayedJournal.claim,
    record_payloads: PlayedJournal.record,
    finish_attempt: PlayedJournal.finish,
    read_texts: lambda _journal, one: lab.texts(
        edited=one.version == lab.plan(edited=True).version
    ),
}


@dataclass
class Story:
    """A history as it is played: the tape, both systems, the journal, and what people did."""

    tape: Tape
    account: PlayedAccount
    journal: PlayedJournal = field(default_factory=PlayedJournal)
    is_edited: bool = False
    is_reversed: bool = False
    is_listed: bool = False
    listed_before_sent: bool = False
    foreign: bool = False

    async def fetch(self, _request: object) -> Json:
        items = _ITEMS[::-1] if self.is_reversed else _ITEMS
        return {"currency": "USD", "paid": PAID, "items": items}

    def people(self) -> None:
        """Somebody may edit the mapping, reorder the items, list the order, or retry it anew."""
        did = self.tape.pick("nobody", "edited", "reordered", "listed", "anew", of=2)
        if did == "edited":
            self.is_edited = not self.is_edited
        elif did == "reordered":
            self.is_reversed = not self.is_reversed
        elif did == "anew" and not self.account.late:
            # An operator who requests new inputs while a request is still on its way may double it.
            self.account.settle()
            self.journal.retry(anew=True)
        elif did == "listed" and not self.is_listed and not self.foreign:
            self.is_listed, self.listed_before_sent = True, not self.account.may_stand

    def check(self) -> None:
        """At any moment: never two, and never taken for another's what is our own."""
        for record in ("customer", "salesOrder", "customerDeposit"):
            if len(self.account.records(record)) > 1:
                self.fail(f"two of {record}")
        if self.listed_before_sent and self.account.records("salesOrder"):
            self.fail("posted beside an earlier integration's")
        is_parked, is_taken = self.journal.state is DeliveryState.PARKED, self.journal.is_taken
        if is_parked and not self.foreign and (is_taken or self.account.is_repeated):
            self.fail("our own is taken for another's")
        if is_parked and self.foreign and self.account.is_repeated and not is_taken:
            self.fail("another's record is not named")

    def finish(self) -> None:
        """At the end: delivered whole, or ignored, or parked for a reason that is one."""
        self.check()
        state = self.journal.state
        if self.foreign:
            if not self.journal.is_taken:
                self.fail("another's record is taken for our own")
            return
        orders, deposits = (self.account.records(r) for r in ("salesOrder", "customerDeposit"))
        if state is DeliveryState.IGNORED:
            if orders or deposits or not self.is_listed:
                self.fail("ignored, though something stands")
            return
        if state is not DeliveryState.DELIVERED or not (orders and deposits):
            self.fail("not delivered whole")
        [(id_, order)], [(_, deposit)] = orders, deposits
        [(customer, _)] = self.account.records("customer")
        amounts = sum(line["rate"] * line["quantity"] for line in order.body["item"]["items"])
        linked = (deposit.body["salesOrder"]["id"], order.body["entity"]["id"])
        if linked != (id_, customer) or (amounts, deposit.body["payment"]) != (PAID, PAID):
            self.fail("the records do not belong together")

    def fail(self, words: str) -> None:
        journal = self.journal
        raise BrokenError(
            f"{words}: {journal.state} {journal.reason} doubts={journal.doubts} after {self.tape.told}"
        )


async def play(numbers: Sequence[int]) -> Story:
    """Play a history. Raise BrokenError where a promise is broken."""
    tape = Tape(numbers)
    story = Story(tape, PlayedAccount(tape))
    if tape.pick("free", "foreign", of=40) == "foreign":
        story.foreign = True
        other = {"externalId": "SO-N1", "entity": {"id": "5"}, "item": {"items": []}}
        story.account.rows_by_id["9"] = Row("salesOrder", "SO-N1", other, 0)
    for _ in range(_WILD):
        await _try(story)
        story.check()
        if story.journal.state not in _OPEN or (story.foreign and story.journal.is_taken):
            break
        if not story.foreign:
            story.people()
        if story.journal.state is DeliveryState.PARKED:
            story.journal.retry()
    tape.is_calm = True
    story.account.arrive(everything=True)
    story.account.requests += 10
    for _ in range(_CALM):
        if story.journal.state is DeliveryState.PARKED and not story.foreign:
            story.journal.retry()
        if story.journal.state is DeliveryState.WAITING:
            await _try(story)
    story.finish()
    return story


async def _try(story: Story) -> None:
    """One attempt of a worker of its own: it may end in the middle."""
    clock = len(story.journal.attempts) * 30_000
    worker = Worker(
        journal=story.journal,  # type: ignore[arg-type] # it plays the one method that is used
        holder="p",
        now=lambda: clock,
        on_finish=lambda _: None,
        jitter=lambda: 0.0,
        _versions=_PINNED,
    )
    try:
        await worker.deliver(1, _ready(story), None)
    except Killed:
        story.journal.recover()
        # Nobody knows how far it came: from here on, only erpmap can complete the order.
        story.account.may_stand = story.account.may_stand or bool(story.journal.doubts)


def _ready(story: Story) -> ReadyTenant:
    lookups = SimpleNamespace(tables=_no_tables, forget=lambda _live: None)
    systems = Systems(
        shop=story,  # type: ignore[arg-type] # it plays `fetch`
        ledger=NetSuiteLedger(_Client(story.account), None),  # type: ignore[arg-type] # played
        lookups=lookups,
        turns=LocalTurns(),
        steps=SimpleNamespace(step=lambda *_: nullcontext()),
    )
    return ReadyTenant(
        name="lab",
        plans={"paid_order": lab.plan(edited=story.is_edited)},
        systems=systems,
        account="1234567",
        allowance=5,
        posted=_LISTED if story.is_listed else _UNLISTED,
    )


class _Client:
    """The account as the client shows it."""

    address = SimpleNamespace(account="1234567")
    in_use = 0
    catalogue = build_catalogue()

    def __init__(self, account: PlayedAccount) -> None:
        self.create, self.read = account.create, account.read
        self.read_external, self.rows = account.read_external, account.rows


async def _no_tables(*_: object) -> tuple[dict[str, Any], tuple[Any, ...]]:
    return {}, ()
