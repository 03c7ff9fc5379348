"""A tenant whose order becomes a customer, a sales order and its deposit; and the same, edited."""

from __future__ import annotations

from functools import cache

from engine.findings.diagnostics import SourceText
from engine.mapping.files.source_texts import KeptFolder
from engine.mapping.load import load_tenant
from engine.mapping.plan import Plan

_TENANT = """\
erpmap: 1
tenant: lab
newstore: {tenant: lab-sandbox, client_id: "${env:A}", client_secret: "${env:B}"}
netsuite:
  account: 1234567
  auth: {certificate: {client_id: "${env:C}", key: "${file:secrets/key.pem}", id: "${env:D}"}}
events: {keys: ["${env:LAB_KEY}"]}
mappings: [paid_order]
"""
_MAPPING = """\
erpmap: 1
mapping: paid_order
on: {event: order.opened, identity: event.payload.id}
sources:
  order: {rest: "/orders/{{ event.payload.id }}", absent: order_pending}
fields:
  number: event.payload.external_id
  currency: order.currency
  paid: {path: order.paid, type: money}
  items:
    each: order.items
    fields: {sku: {path: sku, type: id}, quantity: {path: quantity, type: integer}, price: {path: price, type: money}}
lines:
  item:
    for: line in items
    body: {item: {id: "{{ line.sku }}"}, quantity: "{{ line.quantity }}", rate: "{{ line.price | money }}"}
records:
  customer:
    record: customer
    write: ensure
    find: "SELECT id FROM customer WHERE email = {number}"
    external_id: "C-{{ number }}"
    body: {isPerson: true, firstName: A, lastName: B, email: "{{ number }}"}
  order:
    record: salesOrder
    write: create
    external_id: "SO-{{ number }}"
    body: {entity: {id: "{{ records.customer.id }}"}, memo: m, item: {items: "{{ lines.all }}"}}
    confirm: {total: "{{ paid }}"}
  deposit:
    record: customerDeposit
    write: create
    external_id: "CD-{{ number }}"
    body:
      customer: {id: "{{ records.customer.id }}"}
      salesOrder: {id: "{{ records.order.id }}"}
      payment: "{{ paid | money }}"
checks:
  goods: {of: order, equal: ["{{ lines.item | stored }}", "{{ paid }}"]}
  deposited: {of: deposit, holds: "body.payment == paid"}
retry:
  order_pending: {wait: [2s], for: 1m, then: park}
  unavailable: {on: [connect, timeout, 5xx], respond: 500, wait: [2s], for: 1h, then: park}
  throttled: {on: [429], respond: 500, wait: [1s]}
  refused: {on: [4xx], respond: 200, then: park}
"""
_PATHS = ("lab/tenant.yaml", "lab/paid_order.yaml")


@cache
def texts(*, edited: bool) -> dict[str, tuple[str, str]]:
    """The files, as the journal keeps them."""
    mapping = _MAPPING.replace('"SO-', '"SX-').replace('"CD-', '"CX-') if edited else _MAPPING
    return dict(zip(_PATHS, ((_PATHS[0], _TENANT), (_PATHS[1], mapping)), strict=True))


@cache
def plan(*, edited: bool) -> Plan:
    """The mapping, before and after somebody edited the prefixes of its external ids."""
    found = {path: SourceText(*named) for path, named in texts(edited=edited).items()}
    loaded = load_tenant(KeptFolder(found), "lab")
    assert loaded.ok, loaded.findings
    return loaded.plans[0]
