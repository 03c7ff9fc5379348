"""Log lines on stderr: one JSON object a line, or readable text on a terminal.

A line has the ids of events, orders and deliveries, and times, and nothing else of them: no body, no
text of a system, no value of a mapping, no secret. Of the records of other libraries only the text in
the program is logged, without its arguments; of errors only type and place.
"""

from __future__ import annotations

import json
import logging
import math
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, TextIO

import structlog

from ...journal.claim import Claim
from ...journal.states import DeliveryState
from ..dispatch.worker import FinishedAttempt
from ..web.app import HttpAnswer

_MAX_LENGTH = 100
_PLACES = 12
# Seconds between lines about refused events, which anyone can send; the metrics count all of them.
_REFUSED_SECONDS = 1.0
# Loggers that write at each request what other lines report already, or what no operator needs.
_QUIET = {"uvicorn": logging.ERROR, "uvicorn.error": logging.ERROR, "alembic": logging.WARNING}
_OWN = __name__.partition(".")[0]

Logger = structlog.typing.FilteringBoundLogger


class _Lines:
    """Writes lines; a line that cannot be written is lost, without an error."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        """Write a line."""
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            pass  # a full disk, or a closed pipe: deliveries go on

    debug = info = warning = error = critical = msg


def open_log(stream: TextIO | None = None, *, for_people: bool | None = None) -> Logger:
    """Open the log on a stream, by default stderr, and lead all loggers of libraries into it.

    `for_people` is by default whether the stream is a terminal.
    """
    out = stream or sys.stderr
    people = out.isatty() if for_people is None else for_people
    renderer: Any = (
        structlog.dev.ConsoleRenderer(event_key="message", pad_event_to=16) if people else _as_json
    )
    log: Logger = structlog.wrap_logger(
        _Lines(out),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _plain,
            structlog.processors.EventRenamer("message", "_event"),
            renderer,
        ],
    ).bind()  # bound once, or each line would bind it anew
    root = logging.getLogger()
    root.handlers = [_LogHandler(log)]
    root.setLevel(logging.WARNING)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    return log


# Made once: `json.dumps` would make an encoder for each line.
_text = json.JSONEncoder(ensure_ascii=False, default=repr).encode


def _as_json(_logger: object, _method: str, line: Mapping[str, Any]) -> str:
    return _text(line)


def _plain(_logger: object, _method: str, line: Mapping[str, Any]) -> Mapping[str, Any]:
    """Shorten texts, and replace what would move a terminal's cursor; leave out what is None."""
    return {key: _shown(value) for key, value in line.items() if value is not None}


def _shown(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value[:_MAX_LENGTH]
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "·" for character in text)
    return f"{text}…" if len(value) > _MAX_LENGTH else text


class _LogHandler(logging.Handler):
    """Leads records of the standard library's loggers into the log."""

    def __init__(self, log: Logger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write erpmap's own text as a whole, that of another library without its arguments."""
        is_ours = record.name.partition(".")[0] == _OWN
        text = record.getMessage() if is_ours else str(record.msg)
        error = record.exc_info[1] if record.exc_info else None
        line = text.strip().partition("\n")[0]
        about = {} if error is None else {"error": type(error).__name__, "places": places(error)}
        self._log.log(record.levelno, line, logger=record.name, **about)


def places(error: BaseException) -> list[str]:
    """Return the places of an error, the innermost last: files, lines and functions, and no values."""
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


class LogObserver:
    """An observer that writes a line for everything; `clock` returns seconds."""

    def __init__(self, log: Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._refused: dict[tuple[str | None, int], tuple[float, int]] = {}

    def record_answer(self, answer: HttpAnswer) -> None:
        """Write a line for an event; of events refused alike one line in a second."""
        accepted = answer.status < 300
        unlogged = None if accepted else self._count_unlogged(answer)
        if unlogged is not None and unlogged < 0:
            return
        write = self._log.info if accepted else self._log.warning
        document = answer.document
        write(
            "event accepted" if accepted else "event refused",
            tenant=answer.tenant,
            status=answer.status,
            _event=document.get("event"),
            order=document.get("order"),
            fate=document.get("fate"),
            reason=document.get("reason") if accepted else answer.refusal,
            is_new=document.get("is_new"),
            deliveries=document.get("deliveries"),
            others=unlogged or None,
            ms=_ms(answer.seconds),
        )

    def _count_unlogged(self, answer: HttpAnswer) -> int:
        """Return how many refused alike had no line since the last one; -1 if this one gets none either."""
        alike, now = (answer.tenant, answer.status), self._clock()
        last, unlogged = self._refused.get(alike, (-math.inf, 0))
        if now - last < _REFUSED_SECONDS:
            self._refused[alike] = (last, unlogged + 1)
            return -1
        self._refused[alike] = (now, 0)
        return unlogged

    def record_claim(self, claim: Claim) -> None:
        """Write a line for an attempt that begins."""
        self._log.info("delivery begun", **_describe_claim(claim))

    def record_end(self, attempt: FinishedAttempt) -> None:
        """Write a line for an attempt that has ended, with the time of its steps."""
        result = attempt.result
        write = self._log.warning if result.state is DeliveryState.PARKED else self._log.info
        write(
            "delivery ended",
            **_describe_claim(attempt.claim),
            state=str(result.state),
            reason=result.reason,
            cause=result.fingerprint,
            again_in_ms=None if result.due_at is None else result.due_at - result.at,
            doubts=list(result.doubts) or None,
            moved=list(result.moved) or None,
            steps=[
                {"step": step.name, "about": step.about, "ms": _ms(step.seconds)}
                for step in attempt.steps
            ],
        )


def _describe_claim(claim: Claim) -> dict[str, object]:
    return {
        "tenant": claim.tenant,
        "delivery": claim.id,
        "_event": claim.event_id,
        "order": claim.order,
        "mapping": claim.mapping,
        "attempt": claim.attempts + 1,
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
