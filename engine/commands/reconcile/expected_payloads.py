"""What a tenant's mappings make of one order now, from live sources, without writing anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from ...delivery import NotPrepared, prepare
from ...documents.exact import to_decimal
from ...mapping.files.posted_orders import NOTHING, PostedOrders
from ...mapping.plan import Plan
from ...netsuite import safe_id
from ...netsuite.compare import find_differences, find_unconfirmed
from ...netsuite.look_up import read_earlier_ids
from ...newstore import build_order_event
from ...run import Outcome, Payload, RunState, is_wanted
from ...run.ledger import ClosedPeriod
from ...service.dispatch.go_live import is_before
from ..connect import OpenSystems
from .shop_orders import ShopOrder
from .transactions import Transaction


@dataclass(frozen=True, slots=True)
class GoLive:
    """The first day of orders that are ours, and in which zone it begins; None for all.

    `posted` are those of them that an earlier integration had.
    """

    day: date | None
    zone: ZoneInfo
    posted: PostedOrders = NOTHING


@dataclass(frozen=True, slots=True)
class ExpectedOutcome:
    """What should stand in NetSuite for an order.

    `payload` is the transaction, when it can be rendered. Without it `words` say why: with
    `is_wanted` false there should be none (with `may_stand` an earlier integration's), with
    `is_waiting` it will be there later.
    """

    words: str
    mapping: str | None = None
    payload: Payload | None = None
    is_wanted: bool = True
    is_waiting: bool = False
    may_stand: bool = False

    @property
    def external_id(self) -> str | None:
        """Its external id as NetSuite is given it."""
        external_id = self.payload.external_id if self.payload else None
        return None if external_id is None else safe_id(external_id)

    @property
    def external_ids(self) -> tuple[str, ...]:
        """All external ids that it may stand under: its own, then those of earlier integrations."""
        earlier = read_earlier_ids(self.payload.details) if self.payload else ()
        own = () if self.external_id is None else (self.external_id,)
        return (*own, *(safe_id(external_id) for _, external_id in earlier))

    @property
    def total(self) -> Decimal | None:
        """The total that the mapping confirms; None where it confirms none."""
        confirm = self.payload.details.get("confirm") if self.payload else None
        return to_decimal(confirm.get("total")) if isinstance(confirm, Mapping) else None


async def expected(
    plans: Sequence[Plan], order: ShopOrder, opened: OpenSystems, go_live: GoLive
) -> ExpectedOutcome:
    """What the mappings make of an order. Raises what NewStore does when it is asked for the order."""
    tenant = opened.newstore.address.tenant
    event = await build_order_event(opened.newstore, tenant, order.id)
    if event is None and order.number is not None:
        event = await build_order_event(opened.newstore, tenant, order.number)
    if event is None:
        return ExpectedOutcome("NewStore lists the order and does not give it")
    if go_live.day is not None and is_before(event, go_live.day, go_live.zone):
        return ExpectedOutcome("it is older than the tenant's going live", is_wanted=False)
    if go_live.posted.has(event):
        return ExpectedOutcome(
            "an earlier integration has posted it", is_wanted=False, may_stand=True
        )
    for plan in plans:
        its_event = {**event, "name": plan.trigger.event}
        if is_wanted(plan, its_event):
            prepared = await prepare(plan, its_event, opened.systems)
            if isinstance(prepared, NotPrepared):
                return ExpectedOutcome(f"it cannot be rendered: {prepared.answer.words}", plan.name)
            if prepared.outcome.state is not RunState.IGNORED:
                return _made(plan, prepared.outcome)
    return ExpectedOutcome("no mapping wants it", is_wanted=False)


def _made(plan: Plan, outcome: Outcome) -> ExpectedOutcome:
    if outcome.state is RunState.NOT_READY:
        return ExpectedOutcome(f"not ready: {outcome.reason}", plan.name, is_waiting=True)
    if outcome.state is RunState.FAILED:
        codes = ", ".join(dict.fromkeys(finding.code for finding in outcome.findings))
        return ExpectedOutcome(f"with findings: {codes}", plan.name)
    name = plan.records[-1].name
    payload = next((one for one in outcome.payloads if one.name == name), None)
    if payload is None:
        return ExpectedOutcome(f"the mapping writes no {name} for it", plan.name, is_wanted=False)
    return ExpectedOutcome("", plan.name, payload)


async def differing(opened: OpenSystems, payload: Payload, there: Transaction) -> tuple[str, ...]:
    """In what the record of a transaction differs from the payload, as a delivery compares them.

    Raise LedgerError.
    """
    if there.record != payload.record.lower():
        return (f"it is a {there.record}, not a {payload.record}",)
    found = await opened.netsuite.read(payload.record, there.id)
    if found is None:
        return ("the record cannot be read",)
    confirm = payload.details.get("confirm", {})
    may_move = opened.systems.closed_period is ClosedPeriod.FIRST_OPEN_DAY
    # References to records that are written before are not known here, and not compared.
    known = {name: value for name, value in payload.body.items() if not _is_open(value)}
    return tuple(
        dict.fromkeys(
            (*find_differences(known, found), *find_unconfirmed(confirm, found, may_move=may_move))
        )
    )


def _is_open(value: object) -> bool:
    if isinstance(value, Mapping):
        return "$record" in value or any(map(_is_open, value.values()))
    return False
