"""The ledger of a test judged by what was bought, not by what erpmap says it has done."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from orders import Purchase

from engine.simulator.world import SimulatedTenant


def assert_once_and_exact(played: SimulatedTenant, purchases: Sequence[Purchase]) -> None:
    """Each purchase stands once under some external id, was created once, and is right to the cent."""
    ledger = played.netsuite.state.ledger
    stored = {str(one.external_id).partition("-")[2]: one for one in ledger.transactions()}
    assert len(stored) == len(ledger.transactions()) == len(purchases)
    assert set(ledger.created.values()) == {1}
    payment_items = {item.id for item in played.account.items if item.kind == "Payment"}
    for purchase in purchases:
        one = stored[purchase.number]
        paid = [line["amount"] for line in one.lines if line["item"]["id"] in payment_items]
        assert one.fields["total"] == 0, purchase
        assert -sum(paid, Decimal(0)) == purchase.grand_total, purchase
    assert played.netsuite.state.most_at_once <= played.account.concurrency
