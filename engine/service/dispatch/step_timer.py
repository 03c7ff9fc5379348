"""The duration of each step of an attempt."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TimedStep:
    """A finished step; `started` in nanoseconds since 1970, `about` the source or record.

    `failed` is the type of the error that ended it, None when it succeeded.
    """

    name: str
    about: str | None
    started: int
    seconds: float
    failed: str | None


@dataclass(slots=True)
class StepTimer:
    """Times one attempt and its steps, in the order in which they end.

    `started` and `ended` are in nanoseconds since 1970.
    """

    steps: list[TimedStep] = field(default_factory=list)
    started: int = field(default_factory=time.time_ns)
    ended: int = 0
    _begin: float = field(default_factory=time.perf_counter)

    def stop(self) -> None:
        """End the attempt."""
        self.ended = self.started + int((time.perf_counter() - self._begin) * 1e9)

    @contextmanager
    def step(self, name: str, about: str | None = None) -> Iterator[None]:
        """As in `delivery.Steps`."""
        started, begin, failed = time.time_ns(), time.perf_counter(), None
        try:
            yield
        except BaseException as error:
            failed = type(error).__name__
            raise
        finally:
            seconds = time.perf_counter() - begin
            self.steps.append(
                TimedStep(name=name, about=about, started=started, seconds=seconds, failed=failed)
            )


def serialize_steps(steps: Sequence[TimedStep]) -> str:
    """Return the steps as the journal stores them: JSON, times in whole milliseconds."""
    found = [
        {"step": step.name, "about": step.about, "ms": round(step.seconds * 1000)} for step in steps
    ]
    return json.dumps(found)
