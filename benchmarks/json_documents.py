"""How fast JSON is read and written: the quick doors, the reference, and the standard library.

Rounds are interleaved, so that what else the machine does meets all alike; a ratio is the median
of the rounds, with its lowest and highest. Run: `.venv/bin/python benchmarks/json_documents.py`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.documents import decode_json, read_json, read_json_bytes, write_json_bytes
from engine.documents.fast import read_quickly, write_quickly
from engine.documents.write import write_reference

ROUNDS = 31
# Lines of an order, and how often it is read in a round: some 3.4 KB with 40 decimals, and 1.5 MB.
SIZES = {8: 200, 3600: 1}

Ways = Mapping[str, Callable[[], object]]


def order(lines: int) -> bytes:
    """An order as it is fetched, laid out to be read, with amounts as numbers."""
    edges = [
        {
            "id": f"89984840-507c-57ef-8812-{number:012}",
            "sku": f"AB-{number}",
            "name": "Größe 42: T-Shirt",
            "externalId": f"DO{number:09}",
            "fulfillmentLocationId": "660d0fc8-c2ee-5cd4-b6d9-173dfb0445c2",
            "status": None,
            "quantity": 1,
            "price": Decimal(number * 7 % 30_000) / 100 + Decimal("0.00"),
            "tax": Decimal("8.8750"),
            "amounts": [Decimal("19.90"), Decimal("-1.50"), Decimal(number) + Decimal("0.05")],
        }
        for number in range(lines)
    ]
    document = {"data": {"order": {"placedAt": "2026-12-03T18:41:06.110", "items": edges}}}
    return write_reference(document, 2).encode()


def seconds(way: Callable[[], object], times: int) -> float:
    """Seconds that one call takes."""
    start = perf_counter()
    for _ in range(times):
        way()
    return (perf_counter() - start) / times


def compare(title: str, ways: Ways, times: int) -> None:
    """Print what each way takes, and how many times as long as the first."""
    rounds = [{name: seconds(way, times) for name, way in ways.items()} for _ in range(ROUNDS)]
    first = next(iter(ways))
    for name in ways:
        ratios = [taken[name] / taken[first] for taken in rounds]
        micros = median(taken[name] for taken in rounds) * 1e6
        spread = f"({min(ratios):.2f} to {max(ratios):.2f})"
        sys.stdout.write(
            f"{title:16} {name:10} {micros:10.1f} µs {median(ratios):6.2f} x {spread}\n"
        )


def measure(lines: int, times: int) -> None:
    """Compare all ways with an order of that many lines."""
    data = order(lines)
    value = read_quickly(
        data
    )  # both quick ways raise when they have doubts: then nothing is compared
    write_quickly(value)
    reading = {
        "quick": lambda: read_json_bytes("order.json", data),
        "reference": lambda: read_json(decode_json("order.json", data)),
        "stdlib": lambda: json.loads(data, parse_float=Decimal),
    }
    writing = {
        "quick": lambda: write_json_bytes(value),
        "reference": lambda: write_reference(value, None).encode(),
        "stdlib": lambda: json.dumps(value, default=str).encode(),
    }
    compare(f"read {len(data) / 1000:.1f} kB", reading, times)
    compare(f"write {len(data) / 1000:.1f} kB", writing, times)


if __name__ == "__main__":
    for lines, times in SIZES.items():
        measure(lines, times)
