"""`python -m benchmarks.editor`: how long after a key the findings of the shipped mappings are there.

Each key changes the text of one open file; the tenants that it concerns are checked, as the language server does
it in its worker. Times are of the CPU, so that other programs do not count; the server waits for 20 ms without a
key before. The ratio is to a load of the same tenants without anything kept.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median, quantiles
from time import process_time

import click

from engine.bundled import bundled
from engine.editor.mappings import OpenMappings, open_mappings
from engine.editor.server import spare_the_collector

FILES = (
    "dodici/sales_order.yaml",
    "dodici/common.yaml",
    "dodici/tenant.yaml",
    "base/sales_order.yaml",
    "base/order.yaml",
)


@click.command()
@click.option("--keys", default=30, show_default=True, help="Keys pressed in each file.")
def main(keys: int) -> None:
    """Print for each file the time to the first tenant's findings and to all, in milliseconds."""
    root = bundled("mappings")
    spare_the_collector()
    click.echo(f"{'file':26} tenants   first: median   p95     all: median   p95    cold   ratio")
    for file in FILES:
        mappings = open_mappings(root)
        text = (root / file).read_text(encoding="utf-8")
        tenants = _check(mappings, file)
        firsts, alls = [], []
        for key in range(keys):
            mappings.folder.overlay(file, f"{text}# {'x' * key}\n")
            times = _measure(mappings, tenants)
            firsts.append(times[0])
            alls.append(sum(times))
        cold = median(sum(_measure(open_mappings(Path(root)), tenants)) for _ in range(5))
        click.echo(
            f"{file:26} {len(tenants):7} {median(firsts):15.0f} {_p95(firsts):5.0f}"
            f" {median(alls):15.0f} {_p95(alls):5.0f} {cold:7.0f} {median(alls) / cold:7.2f}"
        )


def _check(mappings: OpenMappings, file: str) -> tuple[str, ...]:
    """Check everything once; return the tenants that the file concerns."""
    for tenant in mappings.tenants():
        mappings.views[tenant] = mappings.check(tenant)
    return mappings.find_concerned(file)


def _measure(mappings: OpenMappings, tenants: tuple[str, ...]) -> list[float]:
    """Return the milliseconds of CPU time that the check of each tenant takes."""
    times = []
    for tenant in tenants:
        start = process_time()
        mappings.views[tenant] = mappings.check(tenant)
        times.append((process_time() - start) * 1000)
    return times


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
