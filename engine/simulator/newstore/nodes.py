"""Objects as GraphQL returns them: stored members, and members that the schema requires.

A recorded answer holds only what its query selected. Ids and other members that may not be null are
generated, always the same for the same object. NewStore returns transactions and instruments in
several places; they are derived from the place that was recorded.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .lag import hides_tax, is_paid, is_visible, keep_known
from .shop import SimulatedShop, StoredDocument
from .stored_documents import PartialList

_NAMESPACE = uuid.UUID("b6e2a3f4-7c52-5d0e-9c59-2f4a8a1d6e10")


@dataclass(frozen=True, slots=True)
class Node:
    """One object: its type, its document, its order or return (`root`, `stored`), and its path in that."""

    kind: str
    document: Mapping[str, object]
    root: str
    stored: StoredDocument
    path: str = ""
    parent: Node | None = None

    def build_child(self, kind: str, document: object, step: str) -> Node:
        """Return an object inside this one."""
        members = document if isinstance(document, Mapping) else {}
        return Node(
            kind=kind,
            document=members,
            root=self.root,
            stored=self.stored,
            path=f"{self.path}/{step}",
            parent=self,
        )


def list_orders(shop: SimulatedShop) -> list[Node]:
    """Return all orders that can be read, in the sequence in which they were added."""
    return [
        Node(kind="Order", document=stored.document, root=key, stored=stored)
        for key, stored in list(shop.orders.items())
        if is_visible(shop, stored)
    ]


def build_root(kind: str, stored: StoredDocument | None, key: str) -> Node | None:
    """Return the node of an order or return stored under a key, or None."""
    return (
        None
        if stored is None
        else Node(kind=kind, document=stored.document, root=key, stored=stored)
    )


def read_scalar(shop: SimulatedShop, node: Node, name: str) -> object:
    """Return a field's value before formatting: as stored, else generated where null is not allowed."""
    value = None if hides_tax(shop, name) else node.document.get(name)
    if value is None and name in _GENERATED:
        return _GENERATED[name](shop, node)
    return value


def find_child(shop: SimulatedShop, node: Node, name: str, kind: str) -> Node | None:
    """Return the object in a field, or None."""
    if (node.kind, name) == ("Order", "paymentAccount") and not is_paid(shop, node.stored):
        return None
    if (node.kind, name) == ("Return", "order"):
        return _find_order_of_return(shop, node)
    document = node.document.get(name)
    if document is None and name == "instrument" and node.parent and node.parent.kind == kind:
        return node.parent
    return None if document is None else node.build_child(kind, document, name)


def list_entries(shop: SimulatedShop, node: Node, name: str, kind: str) -> list[Node]:
    """Return all entries of a node's connection."""
    if name not in node.document and (node.kind, name) in _DERIVED:
        return _DERIVED[node.kind, name](shop, node)
    stored = node.document.get(name)
    documents = stored if isinstance(stored, list) else []
    documents = keep_known(shop, node.stored, name, documents)
    found = [node.build_child(kind, entry, f"{name}/{at}") for at, entry in enumerate(documents)]
    return PartialList(found) if isinstance(stored, PartialList) else found


def _find_order_of_return(shop: SimulatedShop, node: Node) -> Node | None:
    """Return the order of a return: as recorded with the return, completed by the shop's own document."""
    key = str(node.stored.payload.get("order_id") or "")
    known, recorded = shop.orders.get(key), node.document.get("order")
    known = known if known is not None and is_visible(shop, known) else None
    if known is None and not isinstance(recorded, Mapping):
        return None
    stored = known or node.stored
    document = {**(known.document if known else {}), **(recorded or {})}  # type: ignore[dict-item] # both are maps
    return Node(kind="Order", document=document, root=key or node.root, stored=stored)


def _find_account(shop: SimulatedShop, node: Node) -> Node | None:
    return find_child(shop, node, "paymentAccount", "PaymentAccount")


def _list_order_transactions(shop: SimulatedShop, node: Node) -> list[Node]:
    account = _find_account(shop, node)
    kind = "PaymentAccountTransaction"
    return [] if account is None else list_entries(shop, account, "transactions", kind)


def _list_account_transactions(shop: SimulatedShop, node: Node) -> list[Node]:
    """Return the transactions of all instruments."""
    if "instruments" not in node.document:
        return []
    return [
        transaction
        for instrument in list_entries(shop, node, "instruments", "Instrument")
        for transaction in list_entries(
            shop, instrument, "paymentAccountTransactions", "PaymentAccountTransaction"
        )
    ]


def _list_account_instruments(shop: SimulatedShop, node: Node) -> list[Node]:
    """Return the instruments recorded with transactions, each once."""
    if "transactions" not in node.document:
        return []
    found: dict[object, Node] = {}
    for transaction in list_entries(shop, node, "transactions", "PaymentAccountTransaction"):
        instrument = find_child(shop, transaction, "instrument", "Instrument")
        if instrument is not None:
            key = transaction.document.get("instrumentId") or json.dumps(
                dict(instrument.document), default=str
            )
            found.setdefault(
                key,
                Node(
                    kind="Instrument",
                    document=instrument.document,
                    root=node.root,
                    stored=node.stored,
                    path=f"{node.path}/instruments/{len(found)}",
                    parent=node,
                ),
            )
    return list(found.values())


def _list_instrument_transactions(shop: SimulatedShop, node: Node) -> list[Node]:
    """Return the account's transactions that refer to this instrument."""
    account = node.parent
    if (
        account is None
        or account.kind != "PaymentAccount"
        or "transactions" not in account.document
    ):
        return []
    kind = "PaymentAccountTransaction"
    return [
        transaction
        for transaction in list_entries(shop, account, "transactions", kind)
        if _is_of(shop, transaction, node)
    ]


def _is_of(shop: SimulatedShop, transaction: Node, instrument: Node) -> bool:
    stored = transaction.document.get("instrument")
    if isinstance(stored, Mapping) and stored == instrument.document:
        return True
    return transaction.document.get("instrumentId") == read_scalar(shop, instrument, "id")


def _make_id(shop: SimulatedShop, node: Node) -> object:
    if node.kind == "PaymentAccount" or not node.path:
        return node.root
    return str(uuid.uuid5(_NAMESPACE, f"{shop.tenant}/{node.root}{node.path}"))


def _make_node_id(shop: SimulatedShop, node: Node) -> object:
    identity = read_scalar(shop, node, "id")
    text = json.dumps([node.kind, identity, shop.tenant], separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def _find_instrument_id(shop: SimulatedShop, node: Node) -> object:
    instrument = find_child(shop, node, "instrument", "Instrument")
    return None if instrument is None else read_scalar(shop, instrument, "id")


def _find_item_id(shop: SimulatedShop, node: Node) -> object:
    return None if node.parent is None else read_scalar(shop, node.parent, "id")


_GENERATED: dict[str, Callable[[SimulatedShop, Node], object]] = {
    "id": _make_id,
    "nodeId": _make_node_id,
    "tenant": lambda shop, _node: shop.tenant,
    "orderId": lambda _shop, node: node.root,
    "orderItemId": _find_item_id,
    "paymentAccountId": lambda _shop, node: node.root,
    "instrumentId": _find_instrument_id,
}

_DERIVED: dict[tuple[str, str], Callable[[SimulatedShop, Node], list[Node]]] = {
    ("Order", "paymentAccountTransactions"): _list_order_transactions,
    ("PaymentAccount", "transactions"): _list_account_transactions,
    ("PaymentAccount", "instruments"): _list_account_instruments,
    ("Instrument", "paymentAccountTransactions"): _list_instrument_transactions,
}
