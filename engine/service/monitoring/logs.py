"""Log lines on stderr: JSON, one object a line; on a terminal the same for people.

A line names events, orders and deliveries by their ids, and times, and nothing else of them: no
body, no words of a system, no value of a mapping, no secret. Of other libraries' records only
the text of the program is shown, never what was put into it; of errors their type and place.
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

_LONGEST = 100
_PLACES = 12
# Anybody may send what is refused; the measures count all of it.
_REFUSED_SECONDS = 1.0
# These say at every bad request, or every good one, what is told otherwise or is nobody's business.
_QUIET = {"uvicorn": logging.ERROR, "uvicorn.error": logging.ERROR, "alembic": logging.WARNING}
_OWN = __name__.partition(".")[0]

Logger = structlog.typing.FilteringBoundLogger


class _Lines:
    """Writes lines; one that cannot be written is lost, and nothing else with it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        """Write a line."""
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            pass  # a full disk, or a reader that has gone: deliveries go on

    debug = info = warning = error = critical = msg


def open_log(stream: TextIO | None = None, *, for_people: bool | None = None) -> Logger:
    """The log on a stream, stderr unless another is given, and all loggers of libraries led there.

    `for_people` is otherwise what the stream is: a terminal or not.
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
    ).bind()  # once: what is not bound yet would be bound anew for each line
    root = logging.getLogger()
    root.handlers = [_Led(log)]
    root.setLevel(logging.WARNING)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    return log


# Made once: the one of `json.dumps` would be made anew for each line.
_text = json.JSONEncoder(ensure_ascii=False, default=repr).encode


def _as_json(_logger: object, _method: str, line: Mapping[str, Any]) -> str:
    return _text(line)


def _plain(_logger: object, _method: str, line: Mapping[str, Any]) -> Mapping[str, Any]:
    """Texts short, and without what would move a terminal's cursor; what is not known is left out."""
    return {key: _shown(value) for key, value in line.items() if value is not None}


def _shown(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value[:_LONGEST]
    if not text.isprintable():
        text = "".join(one if one.isprintable() else "·" for one in text)
    return f"{text}…" if len(value) > _LONGEST else text


class _Led(logging.Handler):
    """Leads records of the standard library's loggers into the log."""

    def __init__(self, log: Logger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Our own text is shown whole, another library's without what was put into it."""
        is_ours = record.name.partition(".")[0] == _OWN
        text = record.getMessage() if is_ours else str(record.msg)
        error = record.exc_info[1] if record.exc_info else None
        line = text.strip().partition("\n")[0]
        about = {} if error is None else {"error": type(error).__name__, "places": places(error)}
        self._log.log(record.levelno, line, logger=record.name, **about)


def places(error: BaseException) -> list[str]:
    """Where an error arose, the innermost place last: files, lines, functions, and no values."""
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


class LogObserver:
    """A watcher that writes a line for everything; `clock` gives seconds."""

    def __init__(self, log: Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._refused: dict[tuple[str | None, int], tuple[float, int]] = {}

    def answered(self, answered: HttpAnswer) -> None:
        """A line for an event, taken or not; of those refused alike one in a second."""
        taken = answered.status < 300
        others = None if taken else self._others(answered)
        if others is not None and others < 0:
            return
        say = self._log.info if taken else self._log.warning
        document = answered.document
        say(
            "event accepted" if taken else "event refused",
            tenant=answered.tenant,
            status=answered.status,
            _event=document.get("event"),
            order=document.get("order"),
            fate=document.get("fate"),
            reason=document.get("reason") if taken else answered.refusal,
            is_new=document.get("is_new"),
            deliveries=document.get("deliveries"),
            others=others or None,
            ms=_ms(answered.seconds),
        )

    def _others(self, answered: HttpAnswer) -> int:
        """How many refused alike had no line since the last one; -1 when this one has none either."""
        alike, now = (answered.tenant, answered.status), self._clock()
        last, others = self._refused.get(alike, (-math.inf, 0))
        if now - last < _REFUSED_SECONDS:
            self._refused[alike] = (last, others + 1)
            return -1
        self._refused[alike] = (now, 0)
        return others

    def begun(self, taken: Claim) -> None:
        """A line for an attempt that begins."""
        self._log.info("delivery begun", **_named(taken))

    def ended(self, told: FinishedAttempt) -> None:
        """A line for one that has ended, with the time of its steps."""
        result = told.result
        say = self._log.warning if result.state is DeliveryState.PARKED else self._log.info
        say(
            "delivery ended",
            **_named(told.taken),
            state=str(result.state),
            reason=result.reason,
            cause=result.fingerprint,
            again_in_ms=None if result.due_at is None else result.due_at - result.at,
            is_unsure=result.is_unsure,
            moved=list(result.moved) or None,
            steps=[
                {"step": step.name, "about": step.about, "ms": _ms(step.seconds)}
                for step in told.steps
            ],
        )


def _named(taken: Claim) -> dict[str, object]:
    return {
        "tenant": taken.tenant,
        "delivery": taken.id,
        "_event": taken.event_id,
        "order": taken.order,
        "mapping": taken.mapping,
        "attempt": taken.attempts + 1,
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
