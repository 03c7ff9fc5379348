"""The mapping that Node-RED is measured with: the records of the mapping written by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
from decimal import Decimal
from typing import Any

import pytest
from conftest import ROOT

from benchmarks import by_hand
from benchmarks.corpus import corpus
from benchmarks.tables import read_tables

NODE = shutil.which("node")
FLOW = ROOT / "benchmarks" / "service" / "node_red"
TABLES = read_tables()
# What Node-RED gives a function node, as far as the mapping asks for it.
HARNESS = """
const crypto = require("crypto");
const [text, known, orders] = require("fs").readFileSync(0, "utf8").split("\\0");
const settings = process.argv[1];
process.env.BENCHMARK_KNOWN = known;
const shared = require(settings).functionGlobalContext;
const global_ = { get: (name) => shared[name] };
const flow = { get: () => shared.known.items };
const map = new Function("msg", "global", "flow", "crypto", text);
for (const msg of JSON.parse(orders)) {
  let said = null;
  try {
    map(msg, global_, flow, crypto);
    said = [msg.customer, msg.sale];
  } catch (error) {}
  console.log(JSON.stringify(said));
}
"""


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_node_red_makes_the_records_of_the_mapping_by_hand_or_refuses_too() -> None:
    folders = [path.parent for path in ROOT.glob("mappings/dodici/cases/*/order.json")]
    texts = [
        ((one / "event.json").read_bytes(), (one / "order.json").read_bytes()) for one in folders
    ]
    texts += [(one.event, one.order) for one in corpus(100)]
    assert _by_node(texts) == [_by_hand(*both) for both in texts]


def _by_hand(event: bytes, order: bytes) -> Any:
    try:
        payloads = json.loads(by_hand.render(event, order, TABLES), parse_float=Decimal)
    except by_hand.RefusedError:
        return None
    payloads[1]["body"].pop("entity")
    return [payload["body"] for payload in payloads]


def _by_node(texts: list[tuple[bytes, bytes]]) -> list[Any]:
    messages = [
        {"event": json.loads(event), "order": json.loads(order)["data"]["order"]}
        for event, order in texts
    ]
    parts = [(FLOW / "mapping.js").read_text(), json.dumps(TABLES.as_json()), json.dumps(messages)]
    command = [str(NODE), "-e", HARNESS, str(FLOW / "settings.js")]
    told = subprocess.run(
        command, input="\0".join(parts), stdout=subprocess.PIPE, text=True, check=True
    )
    return [json.loads(line, parse_float=Decimal) for line in told.stdout.splitlines()]
