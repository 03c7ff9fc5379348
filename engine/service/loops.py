"""The loops of a process: what each fails with, until it succeeds again.

A loop enters a `round` each time. An error that erpmap raises ends the round and not the loop. It is
logged once for each new wording, then at growing intervals, and counted; readiness reports what stays.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from types import TracebackType

from ..findings.errors import ErpmapError

_log = logging.getLogger(__name__)

# A failure is permanent after so many failed rounds, and seconds: a server may have restarted.
_MIN_ROUNDS = 3
_PERMANENT_SECONDS = 10.0
# Seconds until the same words are logged again: doubled each time, up to the maximum.
_FIRST_SECONDS, _MAX_SECONDS = 60.0, 3600.0
# Different words that are logged at once; words beyond wait for the interval of the last ones.
_MAX_WORDS = 10
# Subjects that are remembered; more than these fail for the same reason.
_MAX_SUBJECTS = 1_000


@dataclass(slots=True)
class LoopFailure:
    """The failed rounds in a row of one subject: the last words, the first and last time, the number."""

    words: str
    since: float
    at: float
    rounds: int = 0


@dataclass(slots=True)
class _Logged:
    """When words are logged again, and how often they came since."""

    next_at: float
    wait: float = _FIRST_SECONDS
    count: int = 0


class Loop:
    """The health of one loop; `count` is called with its name at each failure.

    While a vital loop has failed for `patience` seconds the service is not ready. A loop may have
    subjects (a delivery, a tenant), which fail each by itself; a subject that has not failed for
    `forget` seconds is forgotten.
    """

    def __init__(
        self,
        name: str,
        *,
        is_vital: bool = True,
        forget: float = inf,
        patience: float = _PERMANENT_SECONDS,
        count: Callable[[str], None] = lambda _name: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.is_vital = name, is_vital
        self._forget, self._patience = forget, patience
        self._count, self._clock = count, clock
        self._failures: dict[Hashable, LoopFailure] = {}
        self._logged: dict[str, _Logged] = {}

    def round(self, subject: Hashable = None) -> LoopRound:
        """Return a context for one round: an ErpmapError of its block is recorded and not raised."""
        return LoopRound(self, subject)

    @contextmanager
    def observed(self, subject: Hashable = None) -> Iterator[None]:
        """Run one round as `round` does, and raise its error."""
        try:
            yield
        except ErpmapError as error:
            self.fail(str(error), subject)
            raise
        else:
            self.succeed(subject)

    def fail(self, words: str, subject: Hashable = None) -> None:
        """Record a failed round."""
        now = self._clock()
        self._drop_forgotten(now)
        failure = self._failures.get(subject)
        if failure is None:
            failure = LoopFailure(words, since=now, at=now)
            if len(self._failures) < _MAX_SUBJECTS:
                self._failures[subject] = failure
        failure.words, failure.at = words, now
        failure.rounds += 1
        self._count(self.name)
        self._log_failure(words, now)

    def succeed(self, subject: Hashable = None) -> None:
        """Record a round without a failure."""
        failure = self._failures.pop(subject, None)
        # A single failure is a hitch: what follows it is not worth a line.
        if failure is not None and failure.rounds > 1 and not self._failures:
            seconds = self._clock() - failure.since
            _log.info("%s: works again after %.0f s", self.name, seconds)

    @property
    def is_failing(self) -> bool:
        """Whether the last round of any subject failed."""
        return self.failure is not None

    @property
    def failure(self) -> LoopFailure | None:
        """The oldest failure that lasts, None when there is none."""
        self._drop_forgotten(self._clock())
        return min(self._failures.values(), key=lambda one: one.since, default=None)

    def permanent_words(self) -> str | None:
        """What the loop fails with, once that has lasted; None before, and when it works."""
        self._drop_forgotten(self._clock())
        lasting = [one for one in self._failures.values() if self._is_permanent(one)]
        oldest = min(lasting, key=lambda one: one.since, default=None)
        return None if oldest is None else oldest.words

    def _is_permanent(self, failure: LoopFailure) -> bool:
        lasts = self._clock() - failure.since >= self._patience
        return lasts and (failure.rounds >= _MIN_ROUNDS or not self._patience)

    def _drop_forgotten(self, now: float) -> None:
        old = [key for key, one in self._failures.items() if now - one.at > self._forget]
        for key in old:
            del self._failures[key]

    def _log_failure(self, words: str, now: float) -> None:
        logged = self._logged.get(words)
        if logged is None and len(self._logged) >= _MAX_WORDS:
            stale = min(self._logged, key=lambda one: self._logged[one].next_at)
            if self._logged[stale].next_at > now:
                return
            del self._logged[stale]
        if logged is None:
            self._logged[words] = _Logged(now + _FIRST_SECONDS)
            _log.error("%s: %s", self.name, words)
            return
        logged.count += 1
        if now >= logged.next_at:
            _log.error("%s: %s (%d times more)", self.name, words, logged.count)
            logged.wait = min(_MAX_SECONDS, logged.wait * 2)
            logged.next_at, logged.count = now + logged.wait, 0


@dataclass(frozen=True, slots=True)
class LoopRound:
    """The context of one round of a loop."""

    loop: Loop
    subject: Hashable

    def __enter__(self) -> None:
        """Begin the round."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        """Record how the round ended."""
        if error is None:
            self.loop.succeed(self.subject)
        elif isinstance(error, ErpmapError):
            self.loop.fail(str(error), self.subject)
            return True
        return False


@dataclass(slots=True)
class Loops:
    """The loops of a process by name; `count` is called with the name of a loop at each failure."""

    count: Callable[[str], None] = lambda _name: None
    clock: Callable[[], float] = time.monotonic
    _loops: dict[str, Loop] = field(default_factory=dict)

    def loop(
        self,
        name: str,
        *,
        is_vital: bool = True,
        forget: float = inf,
        patience: float = _PERMANENT_SECONDS,
    ) -> Loop:
        """Return the loop of a name, made at the first call."""
        if name not in self._loops:
            self._loops[name] = Loop(
                name,
                is_vital=is_vital,
                forget=forget,
                patience=patience,
                count=self.count,
                clock=self.clock,
            )
        return self._loops[name]

    def failing(self) -> Mapping[str, bool]:
        """Return whether each loop fails now, by name."""
        return {name: loop.is_failing for name, loop in self._loops.items()}

    def permanent(self) -> Mapping[str, str]:
        """Return the words of the loops whose failure lasts, by name."""
        words = {name: loop.permanent_words() for name, loop in self._loops.items()}
        return {name: found for name, found in words.items() if found is not None}

    def is_ready(self) -> bool:
        """Whether no vital loop fails for long."""
        return not any(self._loops[name].is_vital for name in self.permanent())
