"""An account with fewer decimal places than the money of an order: one line carries what rounding changes."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from orders import Item, Json, Payment, Shipping, a_sample
from reference.amounts import half_up
from scale import scaled
from twins import run_both

from engine.documents import read_json, write_json
from engine.findings.diagnostics import SourceText
from engine.mapping.load import load_tenant, open_folder
from engine.mapping.plan import Plan
from engine.run import ABSENT, Inputs, Outcome, RunState

ZERO = Decimal(0)
ROUNDING_ITEM = "504"
PAYMENT_ITEMS = {711, 713, 721, 723}
KUWAIT: Json = {
    "tenant": "nordhus", "currency": "KWD", "channel": "KWW", "addresses": None, "tax_included": True,
}  # fmt: skip
BERLIN: Json = KUWAIT | {"currency": "EUR", "channel": "EUW"}


@dataclass(frozen=True, slots=True)
class Lab:
    """nordhus, changed: the text that replaces its rounding item, its account's precision, its overlay."""

    setting: str = f"  rounding_item: {ROUNDING_ITEM}\n"
    precision: str = ""
    overlay: str = ""

    def load(self, folder: Path) -> Plan:
        """The plan of its sales orders."""
        shutil.copytree(ROOT / "mappings", folder, ignore=shutil.ignore_patterns("cases"))
        tenant = folder / "nordhus" / "tenant.yaml"
        lines = tenant.read_text("utf-8").splitlines(keepends=True)
        (old,) = (line for line in lines if "rounding_item" in line)
        text = "".join(lines).replace(old, self.setting)
        text = text.replace("  allowance: 15\n", f"  allowance: 15\n{self.precision}")
        tenant.write_text(text, "utf-8")
        orders = folder / "nordhus" / "sales_order.yaml"
        orders.write_text(orders.read_text("utf-8") + self.overlay, "utf-8")
        loaded = load_tenant(open_folder(folder), "nordhus")
        assert loaded.ok, [finding.message for finding in loaded.findings]
        return next(plan for plan in loaded.plans if plan.name == "sales_order")


@pytest.fixture(scope="module")
def kuwait(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return Lab().load(tmp_path_factory.mktemp("kuwait") / "mappings")


@pytest.fixture(scope="module")
def whole_euros(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """An account that keeps no cents; its VAT may be off by half a euro for each unit."""
    overlay = "lookups: {vat_rounding: {values: {EUR: 1}}}\n"
    lab = Lab(precision="  precision: {EUR: 0}\n", overlay=overlay)
    return lab.load(tmp_path_factory.mktemp("berlin") / "mappings")


def rendered(plan: Plan, changes: Json, edits: Mapping[str, object] | None = None) -> Outcome:
    """What becomes of a purchase by both ways of running; `edits` are of the order alone."""
    sample = a_sample(**changes)
    sample.order["data"]["order"].update(edits or {})
    event, order = (
        read_json(SourceText("document.json", write_json(each)))
        for each in (sample.event, sample.order)
    )
    return run_both(plan, Inputs(event, {"order": order, "account": ABSENT}))


def lines_of(outcome: Outcome) -> list[Json]:
    assert outcome.state is RunState.RENDERED, [each.message for each in outcome.findings]
    (order,) = (each for each in outcome.payloads if each.record == "salesOrder")
    found: list[Json] = order.document()["body"]["item"]["items"]  # type: ignore[index] # a map
    return found


def roundings(lines: Sequence[Json]) -> list[Decimal]:
    return [line["amount"] for line in lines if line["item"].get("id") == ROUNDING_ITEM]


def refused_by(outcome: Outcome) -> set[str]:
    assert outcome.state is RunState.FAILED
    return {each.message.split("'")[1] for each in outcome.findings}


def three(*prices: str, quantity: int = 1) -> Json:
    bought = tuple(
        Item(price=Decimal(price), quantity=quantity, tax=ZERO, service_level="STANDARD")
        for price in prices
    )
    return KUWAIT | {"items": bought}


def test_one_line_carries_what_rounding_changes(kuwait: Plan) -> None:
    lines = lines_of(rendered(kuwait, three("7.125", "3.505", "45.335")))
    assert [str(line["amount"]) for line in lines] == ["7.13", "3.51", "45.34", "-0.01", "55.97"]
    assert roundings(lines) == [Decimal("-0.01")]


def test_quantity_does_not_multiply_what_rounding_changes(kuwait: Plan) -> None:
    basket = three("0.125", quantity=200) | {"tax_included": False}
    goods, _ = lines_of(rendered(kuwait, basket))
    assert (goods["quantity"], goods["amount"]) == (200, Decimal("25.00"))
    assert "rate" not in goods


def test_a_price_that_fits_is_sent_as_a_rate(kuwait: Plan) -> None:
    goods, _ = lines_of(rendered(kuwait, three("0.12", quantity=200) | {"tax_included": False}))
    assert goods["rate"] == Decimal("0.12")
    assert "amount" not in goods


def test_payments_that_round_apart_from_the_total_are_carried_too(kuwait: Plan) -> None:
    shares = tuple(
        Payment(method=method, provider=provider, authorized=(Decimal("3.335"),))
        for method, provider in (("credit_card", "adyen"), ("gift_card", "gift_card"))
    )
    lines = lines_of(rendered(kuwait, three("6.67") | {"payments": shares}))
    assert [str(line["amount"]) for line in lines] == ["6.67", "0.01", "3.34", "3.34"]


def test_an_account_without_cents(whole_euros: Plan) -> None:
    bought = (
        Item(price=Decimal("11.60"), tax=Decimal("1.85"), service_level="STANDARD"),
        Item(price=Decimal("23.90"), tax=Decimal("3.82"), service_level="STANDARD"),
    )
    outcome = rendered(whole_euros, BERLIN | {"items": bought})
    lines = lines_of(outcome)
    assert [(str(line["amount"]), str(line.get("tax1Amt", 0))) for line in lines] == [
        ("10", "2"), ("20", "4"), ("36", "0"),
    ]  # fmt: skip
    lines = lines_of(rendered(whole_euros, BERLIN | {"items": (bought[0],) * 3}))
    assert roundings(lines) == [Decimal(-1)]  # three times 12, and 34.80 in all


def test_without_the_item_an_amount_of_too_many_places_is_a_finding(tmp_path: Path) -> None:
    plan = Lab(setting="").load(tmp_path / "mappings")
    outcome = rendered(plan, three("7.125", "3.505", "45.335"))
    assert refused_by(outcome) == {"places", "balance", "total"}
    assert lines_of(rendered(plan, three("7.12")))


@pytest.mark.parametrize("price", ["3.5055", "0.0005"])
def test_money_finer_than_the_currency_stays_a_finding(kuwait: Plan, price: str) -> None:
    assert "places" in refused_by(rendered(kuwait, three(price)))


def test_half_a_cent_stays_a_finding(whole_euros: Plan) -> None:
    bought = Item(price=Decimal("10.005"), tax=ZERO, service_level="STANDARD")
    assert "places" in refused_by(rendered(whole_euros, BERLIN | {"items": (bought,)}))


@pytest.mark.parametrize("more", ["0.001", "0.004", "-0.001", "0.01", "3"])
def test_rounding_hides_no_difference(kuwait: Plan, more: str) -> None:
    """Neither where the total is another than that of its parts, nor where it is paid as it says."""
    total = Decimal("10.630") + Decimal(more)
    paid = {"payments": (Payment(authorized=(total,)),)}
    basket = three("7.125", "3.505")
    assert refused_by(rendered(kuwait, basket | paid)) >= {"paid"}
    told = {"grandTotal": str(total)}
    assert refused_by(rendered(kuwait, basket | paid, told)) & {"rounding", "balance", "total"}


def test_a_line_beyond_its_bound_is_named(tmp_path: Path) -> None:
    """A rate that is rounded and multiplied, and whatever is left made the rounding."""
    overlay = """
fields: {items: {values: {is_rated: "{{ true }}", money_goods: "{{ (price | money) * quantity }}"}}}
"""
    plan = Lab(overlay=overlay).load(tmp_path / "mappings")
    outcome = rendered(plan, three("0.125", quantity=200) | {"tax_included": False})
    assert refused_by(outcome) == {"rounding"}
    (found,) = outcome.findings
    assert "the line `rounding` is more than half a unit" in (found.hint or "")


FILS = st.integers(0, 60_000).map(lambda units: Decimal(units).scaleb(-3))


@st.composite
def baskets(draw: st.DrawFn) -> Json:
    """Any purchase in dinars, and paid in up to three parts."""
    bought = []
    for _ in range(draw(st.integers(1, 6))):
        price, quantity = draw(FILS), draw(st.integers(1, 40))
        discount = draw(st.integers(0, int(price.scaleb(3)) * quantity)) * draw(st.integers(0, 1))
        saved = Decimal(discount).scaleb(-3)
        bought.append(
            Item(price=price, quantity=quantity, item_discount=saved, tax=ZERO, service_level="STANDARD")
        )  # fmt: skip
    shipping = draw(FILS)
    off = min(shipping, draw(FILS)) * draw(st.integers(0, 1))
    what = KUWAIT | {"items": tuple(bought), "tax_included": draw(st.booleans())}
    what["shipping"] = Shipping(total=shipping, discount=off)
    left = sum((each.price * each.quantity - each.discount for each in bought), shipping - off)
    shares = []
    for _ in range(draw(st.integers(0, 2))):
        part = Decimal(draw(st.integers(0, int(left.scaleb(3))))).scaleb(-3)
        shares.append(part)
        left -= part
    return what | {"payments": tuple(Payment(authorized=(each,)) for each in (*shares, left))}


@settings(
    max_examples=scaled(60, full=3_000),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(baskets())
def test_any_order_in_dinars_balances(kuwait: Plan, basket: Json) -> None:
    outcome = rendered(kuwait, basket)
    lines = lines_of(outcome)
    proofs = {proof.check: proof for proof in outcome.proofs}
    (body,) = (each.document()["body"] for each in outcome.payloads if each.record == "salesOrder")
    worth = Decimal(body.get("shippingCost", 0))  # type: ignore[attr-defined] # a map
    for line in lines:
        own = line["amount"] if "amount" in line else line["rate"] * line["quantity"]
        assert own == half_up(Decimal(own), 2)
        worth += -own if line["item"].get("id") in PAYMENT_ITEMS else own
    assert worth == 0
    total = sum((each.authorized[0] for each in basket["payments"]), ZERO)
    assert proofs["total"].sum == half_up(total, 2)
    found = roundings(lines)
    assert len(found) <= 1
    assert all(0 < abs(each) <= Decimal("0.005") * len(lines) for each in found)
