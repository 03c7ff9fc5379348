"""Run a command and say its seconds and the peak memory of its largest process.

`python -m benchmarks.watch COMMAND…`, in a process of its own that stays small: a child's peak counts
what its parent had when it was started, and the benchmarks themselves hold a lot.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from time import perf_counter

_KILO = 1_024


def main() -> None:
    """Start the command with its stdout thrown away; end with its exit code."""
    start = perf_counter()
    with subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL) as process:  # noqa: S603
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    measured = {"seconds": perf_counter() - start, "megabytes": usage.ru_maxrss / _KILO}
    sys.stdout.write(json.dumps(measured) + "\n")
    sys.exit(process.returncode)


if __name__ == "__main__":
    main()
