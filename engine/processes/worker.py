"""A process that calls functions of this program for another one, until its standard input is closed.

`process` starts it. Each request and each result is one message on standard input and output.
"""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from typing import Any, BinaryIO

from .frames import Failure, KeptKey, Request, Result, pack_frame, read_frame
from .limits import ProcessLimits, limit_cpu, limit_memory, measure_memory


def serve_requests(requests: BinaryIO, results: BinaryIO) -> None:
    """Answer every request; the first message holds the limits."""
    limits: ProcessLimits = read_frame(requests)
    limit_memory(limits)
    kept: dict[object, object] = {}
    while True:
        try:
            request: Request = read_frame(requests)
        except EOFError:
            return
        limit_cpu(request.cpu_seconds)
        results.write(pack_frame(_answer(request, kept, limits)))
        results.flush()


def _answer(request: Request, kept: dict[object, object], limits: ProcessLimits) -> object:
    try:
        for key in request.dropped:
            kept.pop(key, None)
        for key, pickled in request.kept:
            kept[key] = pickle.loads(pickled)  # noqa: S301 - written by this program
        given = [
            kept[each.key] if isinstance(each, KeptKey) else each for each in request.arguments
        ]
        answer: Any = request.function(*given)
        pickled = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return Failure("MemoryError", "", is_memory=True)
    except Exception as error:  # noqa: BLE001 - it is an answer to the process that asked
        return Failure(type(error).__name__, traceback.format_exc())
    if len(pickled) > limits.answer:
        return Failure("MemoryError", f"the result has {len(pickled):,} bytes", is_memory=True)
    return Result(pickled, measure_memory())


# Heavy work waits for the process that answers.
_NICENESS = 3


def main() -> None:
    """Serve the process at the other end of standard input and output.

    Whatever a library prints goes to standard error: the output carries messages only.
    """
    os.nice(_NICENESS)
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve_requests(sys.stdin.buffer, results)


if __name__ == "__main__":
    main()
