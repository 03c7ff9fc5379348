"""How long `erpmap validate` takes: `python -m benchmarks.validate [ROUNDS]`.

The whole command for the two shipped tenants is compared, in turns, with a process that imports the libraries which it
needs; then 100 copies of a tenant are loaded one after another in one process.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from engine.mapping.load import load_tenant, open_folder

ROOT = Path(__file__).resolve().parents[1]
IMPORTS = "import click, yaml, jmespath, jinja2, graphql"
TENANTS = 100


def time_process(command: list[str]) -> float:
    """Run a command that succeeds, and return its seconds of processor time."""
    before = _children_time()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own command
    return _children_time() - before


def _children_time() -> float:
    import resource  # noqa: PLC0415 - only where the system has it

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def load_copies(count: int) -> float:
    """Return the seconds of processor time for a number of tenants, loaded for the first time."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "mappings" / "base", root / "base")
        for number in range(count):
            name = f"tenant{number:03}"
            source = "dodici" if number % 2 else "nordhus"
            shutil.copytree(
                ROOT / "mappings" / source, root / name, ignore=shutil.ignore_patterns("cases")
            )
            own = root / name / "tenant.yaml"
            own.write_text(own.read_text().replace(f"tenant: {source}\n", f"tenant: {name}\n", 1))
        start = time.process_time()
        for number in range(count):
            loaded = load_tenant(open_folder(root), f"tenant{number:03}")
            assert loaded.ok, loaded.findings
        return time.process_time() - start


def main() -> None:
    """Print the ratio of the medians, and the tenants a second."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    command = [str(Path(sys.executable).with_name("erpmap")), "validate"]
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(time_process(command))
        theirs.append(time_process([sys.executable, "-c", IMPORTS]))
    ratio = statistics.median(ours) / statistics.median(theirs)
    click.echo(f"validate of two tenants: {statistics.median(ours):.2f} s of CPU")
    click.echo(f"the imports alone:       {statistics.median(theirs):.2f} s of CPU")
    click.echo(f"ratio:                   {ratio:.2f}")
    spent = load_copies(TENANTS)
    click.echo(f"{TENANTS} tenants: {TENANTS / spent:.0f} a second on one core")


if __name__ == "__main__":
    main()
