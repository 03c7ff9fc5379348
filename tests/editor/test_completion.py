"""What is offered at the cursor (`¦`) in text that is being typed, over the shipped mappings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from editor_client import Editor, copy_mappings

MAPPING = "dodici/sales_order.yaml"
HEAD = "erpmap: 1\nextends: [base/sales_order, common]\n"
# What is typed below the head of the mapping, some of what is offered, and some of what is not.
OFFERS = {
    "a member of a source": ("fields:\n  new: order.¦", "grandTotal currency", "node zz"),
    "a word of it half typed": ("fields:\n  new: order.grand¦", "grandTotal", "node"),
    "a root": ("fields:\n  new: ¦", "order event tenant settings sum not_null", "items"),
    "a member of entries": ('fields:\n  new: "order.items.edges[].node.¦', "productId quantity", "edges"),
    "a member in a filter": ('fields:\n  new: "order.items.edges[?node.¦', "productId quantity", "edges"),
    "the start of a filter": ('fields:\n  new: "order.items.edges[?¦', "node", "order"),
    "in a map of a path": ('fields:\n  new: "order.items.edges[].node.{a: ¦', "productId", "edges"),
    "after &": ('fields:\n  new: "sum(map(&¦, order.items.edges[].node))', "pricebookPrice", "order"),
    "in a call": ('fields:\n  new: "contains(order.¦', "grandTotal", "node"),
    "with text behind": ('fields:\n  new: {path: "order.¦ || event.payload.id", type: money}', "grandTotal", "node"),
    "in a known field": ('fields:\n  grand_total: {path: order.¦, type: money}', "grandTotal", "node"),
    "a field of an entry": ("fields:\n  items:\n    fields:\n      new: ¦", "productId event_item", "order"),
    "a member of a join": ("fields:\n  items:\n    fields:\n      new: event_item.¦", "product_id", "productId"),
    "a type": ("fields:\n  new: {path: order.id, type: ¦", "money datetime", "path"),
    "a key of a field": ("fields:\n  new: {path: order.id, ¦}", "type optional default each", "is"),
    "a key in a block": ("fields:\n  new:\n    ¦", "path type each", "is"),
    "a block of the language": ("¦", "fields lookups records checks", "path"),
    "an entry to override": ("checks:\n  ¦", "balance total paid", "terms"),
    "a key of a check": ("checks:\n  balance:\n    ¦", "terms sums_to holds", "balance"),
    "a name of a template": ('values:\n  new: "{{ ¦', "items grand_total settings lookup", "lines money"),
    "a member in a template": ('values:\n  new: "{{ settings.¦', "brand gift_cards", "items"),
    "a column of a lookup": ('values:\n  new: "{{ store.¦', "subsidiary customer_email", "items"),
    "of a call": ("values:\n  new: \"{{ lookup('location', channel).¦", "subsidiary", "items"),
    "of an entry": ('values:\n  new: "{{ (items | first).¦', "sku gross", "items"),
    "a filter": ('values:\n  new: "{{ items | ¦', "total map first money", "items defined"),
    "a test": ('values:\n  new: "{{ email is ¦', "defined", "money items"),
    "a lookup": ("values:\n  new: \"{{ lookup('¦", "location channel item tax_code", "items"),
    "a key of map": ("values:\n  new: \"{{ items | map('¦", "sku gross", "items"),
    "a value of an entry": ('fields:\n  items:\n    values:\n      new: "{{ ¦', "sku price gross currency", "lines store"),
    "not in the text around": ('values:\n  new: "{{ email }} ¦', "", "items"),
    "a line's variable": ('lines:\n  item:\n    body:\n      x: "{{ line.¦', "sku is_rated", "items"),
    "a line's condition": ("lines:\n  tax:\n    if: ¦", "tax items", "lines"),
    "a loop": ("lines:\n  item:\n    for: line in ¦", "items payments", "lines"),
    "lines": ('records:\n  sales_order:\n    body:\n      item: {items: "{{ lines.¦', "all item tax", "items"),
    "a record before": ('records:\n  sales_order:\n    body:\n      x: "{{ records.customer.¦', "id", "items"),
    "NetSuite's fields": ("records:\n  sales_order:\n    body:\n      ¦", "tranDate memo entity", "record"),
    "further down": ("records:\n  sales_order:\n    body:\n      billingAddress:\n        ¦", "addr1 city", "memo"),
    "in a flow map": ("records:\n  sales_order:\n    body:\n      entity: {¦", "id", "memo"),
    "of a customer": ("records:\n  customer:\n    body:\n      ¦", "firstName isPerson", "tranDate"),
    "of a line": ("lines:\n  item:\n    body:\n      ¦", "rate quantity taxCode", "tranDate"),
    "a term of a check": ('checks:\n  balance:\n    terms:\n      new: "{{ lines.item.¦', "discount", "items"),
    "of the body": ('checks:\n  balance:\n    terms:\n      new: "{{ body.¦', "shippingCost memo", "items"),
    "an earlier check": ('checks:\n  new:\n    equal: ["{{ checks.¦', "balance", "items"),
    "a retry rule": ("ready:\n  new: {check: order, otherwise: ¦", "order_pending payment_pending", "order"),
    "a way of writing": ("records:\n  sales_order:\n    write: ¦", "create ensure", "memo"),
    "a record type": ("records:\n  new:\n    record: ¦", "salesOrder customer", "memo"),
    "a mapping to extend": ("extends: ¦", "base/order common base/sales_order", "order"),
    "a file of a lookup": ("lookups:\n  new: {file: ¦", "lookups/locations.csv", "locations.csv"),
    "true or false": ("fields:\n  new: {path: order.id, optional: ¦", "true false", "money"),
    "an event": ("on:\n  event: ¦", "order.opened", "order"),
    "a name in a query": ('records:\n  customer:\n    find: "SELECT id FROM customer WHERE x = {store.¦', "subsidiary", "items"),
    "nothing in a comment": ("fields: # order.¦", "", "order"),
    "the event's payload": ("on:\n  when: event.payload.¦", "channel_type items", "order"),
    "words of a value": ("fields:\n  new: \"order.priceMethod == '¦", "tax_included", "order"),
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_mappings(tmp_path_factory.mktemp("editor"))


@pytest.fixture(scope="module")
def editor(root: Path) -> Iterator[Editor]:
    with Editor(root) as editor:
        yield editor
        assert not editor.said()


@pytest.fixture(scope="module", autouse=True)
def opened(editor: Editor) -> None:
    editor.open(MAPPING)
    editor.checked()


def offered(editor: Editor, path: str, marked: str) -> dict[str, dict[str, object]]:
    before = marked[: marked.index("¦")]
    editor.change(path, marked.replace("¦", ""))
    at = editor.at(path, before.count("\n"), len(before) - before.rfind("\n") - 1)
    answer = editor.ask("textDocument/completion", at)
    return {item["label"]: item for item in answer["items"]}


@pytest.mark.parametrize(("typed", "wanted", "unwanted"), OFFERS.values(), ids=OFFERS)
def test_what_is_offered(editor: Editor, typed: str, wanted: str, unwanted: str) -> None:
    found = offered(editor, MAPPING, HEAD + typed)
    assert not set(wanted.split()) - set(found), sorted(found)
    assert not set(unwanted.split()) & set(found)
    if not wanted:
        assert not found


TENANT = "erpmap: 1\ntenant: dodici\nmappings: [sales_order, ¦]\n"
IN_TENANT = {
    "its mappings": (TENANT, "cash_sale common", "tenant"),
    "its settings": (TENANT.replace("¦", "cash_sale") + "settings:\n  ¦", "brand tax_item gift_cards", "fields"),
    "its keys": (TENANT.replace("¦", "cash_sale") + "netsuite:\n  ¦", "account auth", "fields"),
}  # fmt: skip


@pytest.mark.parametrize(("typed", "wanted", "unwanted"), IN_TENANT.values(), ids=IN_TENANT)
def test_what_is_offered_in_a_tenant(
    editor: Editor, typed: str, wanted: str, unwanted: str
) -> None:
    path = "dodici/tenant.yaml"
    editor.open(path)
    found = offered(editor, path, typed)
    editor.close(path)
    assert not set(wanted.split()) - set(found), sorted(found)
    assert not set(unwanted.split()) & set(found)


def test_a_key_comes_with_its_colon(editor: Editor) -> None:
    found = offered(editor, MAPPING, HEAD + "fields:\n  new: {pa¦}")
    assert found["path"]["insertText"] == "path: "
    found = offered(editor, MAPPING, HEAD + "fields:\n  new:\n    pa¦: order.id")
    assert found["path"]["insertText"] == "path"


def test_types_and_summaries_are_shown(editor: Editor) -> None:
    found = offered(editor, MAPPING, HEAD + 'values:\n  new: "{{ ¦')
    assert found["grand_total"]["detail"] == "money (number)"
    assert found["items"]["detail"] == "list of map"
    assert found["lookup"]["documentation"]
