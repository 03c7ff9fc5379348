"""Renders what NetSuite should hold for an order, from live sources, without writing anything."""

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
    """The first day of orders that are posted by erpmap, in `zone`; None for all orders.

    `posted` are the orders since that day that an earlier integration has posted.
    """

    day: date | None
    zone: ZoneInfo
    posted: PostedOrders = NOTHING


@dataclass(frozen=True, slots=True)
class ExpectedOutcome:
    """The transaction that NetSuite should hold for an order.

    `payload` is the transaction, when it can be rendered. Without it `words` say why: with
    `is_wanted` false NetSuite should hold none (with `may_stand` that of an earlier integration),
    with `is_waiting` it is not ready yet.
    """

    words: str
    mapping: str | None = None
    payload: Payload | None = None
    is_wanted: bool = True
    is_waiting: bool = False
    may_stand: bool = False

    @property
    def external_id(self) -> str | None:
        """Return its external id as it is sent to NetSuite."""
        external_id = self.payload.external_id if self.payload else None
        return None if external_id is None else safe_id(external_id)

    @property
    def external_ids(self) -> tuple[str, ...]:
        """Return all external ids that it may have: its own, then those of earlier integrations."""
        earlier = read_earlier_ids(self.payload.details) if self.payload else ()
        own = () if self.external_id is None else (self.external_id,)
        return (*own, *(safe_id(external_id) for _, external_id in earlier))

    @property
    def total(self) -> Decimal | None:
        """Return the total that the mapping confirms; None where it confirms none."""
        confirm = self.payload.details.get("confirm") if self.payload else None
        return to_decimal(confirm.get("total")) if isinstance(confirm, Mapping) else None


async def render_expected(
    plans: Sequence[Plan], order: ShopOrder, opened: OpenSystems, go_live: GoLive
) -> ExpectedOutcome:
    """Render an order by the mapping that wants it. Raise as reading the order from NewStore does."""
    tenant = opened.newstore.address.tenant
    event = await build_order_event(opened.newstore, tenant, order.id)
    if event is None and order.number is not None:
        event = await build_order_event(opened.newstore, tenant, order.number)
    if event is None:
        return ExpectedOutcome("NewStore lists the order and does not return it")
    if go_live.day is not None and is_before(event, go_live.day, go_live.zone):
        return ExpectedOutcome("it is older than the first day of `events.from`", is_wanted=False)
    if go_live.posted.has(event):
        return ExpectedOutcome(
            "an earlier integration has posted it", is_wanted=False, may_stand=True
        )
    for plan in plans:
        order_event = {**event, "name": plan.trigger.event}
        if is_wanted(plan, order_event):
            prepared = await prepare(plan, order_event, opened.systems)
            if isinstance(prepared, NotPrepared):
                return ExpectedOutcome(f"it cannot be rendered: {prepared.answer.words}", plan.name)
            if prepared.outcome.state is not RunState.IGNORED:
                return _expected_outcome(plan, prepared.outcome)
    return ExpectedOutcome("no mapping wants it", is_wanted=False)


def _expected_outcome(plan: Plan, outcome: Outcome) -> ExpectedOutcome:
    if outcome.state is RunState.NOT_READY:
        return ExpectedOutcome(f"not ready: {outcome.reason}", plan.name, is_waiting=True)
    if outcome.state is RunState.FAILED:
        codes = ", ".join(dict.fromkeys(finding.code for finding in outcome.findings))
        return ExpectedOutcome(f"with findings: {codes}", plan.name)
    name = plan.records[-1].name
    payload = next((payload for payload in outcome.payloads if payload.name == name), None)
    if payload is None:
        return ExpectedOutcome(f"the mapping writes no {name} for it", plan.name, is_wanted=False)
    return ExpectedOutcome("", plan.name, payload)


async def compare_record(
    opened: OpenSystems, payload: Payload, transaction: Transaction
) -> tuple[str, ...]:
    """Return the differences of a transaction's record and the payload, as a delivery compares them.

    Raise LedgerError.
    """
    if transaction.record != payload.record.lower():
        return (f"it is a {transaction.record}, not a {payload.record}",)
    found = await opened.netsuite.read(payload.record, transaction.id)
    if found is None:
        return ("the record cannot be read",)
    confirm = payload.details.get("confirm", {})
    may_move = opened.systems.closed_period is ClosedPeriod.FIRST_OPEN_DAY
    # The ids of records that are written before it are unknown here; references to them are left out.
    comparable = {name: value for name, value in payload.body.items() if not _has_reference(value)}
    return tuple(
        dict.fromkeys(
            (
                *find_differences(comparable, found),
                *find_unconfirmed(confirm, found, may_move=may_move),
            )
        )
    )


def _has_reference(value: object) -> bool:
    if isinstance(value, Mapping):
        return "$record" in value or any(map(_has_reference, value.values()))
    return False
