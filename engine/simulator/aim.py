"""Aimed faults: they strike the next requests of a method and a path, and no others.

A fault that strikes at random is in `faults`; the traps here are only aimed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Trap(StrEnum):
    """The failures that are only aimed. NetSuite's simulator carries out those after `unavailable`."""

    REPEAT_EARLIER = "repeat_earlier"  # done; the response is the connection's previous one
    ANSWER_TWICE = "answer_twice"  # done; the response comes again, before the next request's
    UNAVAILABLE = "unavailable"  # 503; nothing was done
    RECORD_CHANGED = "record_changed"  # 400 RCRD_HAS_BEEN_CHANGED
    RECORD_LOCKED = "record_locked"  # 400: locked by a workflow
    SCRIPT_LIMIT = "script_limit"  # 400: a script of the account used too much
    REFUSE_IN_WORDS = "refuse_in_words"  # 400 USER_ERROR in words of its own
    COMMIT_THEN_REFUSE = "commit_then_refuse"  # done; a script that runs afterwards fails: 400
    OVERLOAD_400 = "overload_400"  # CONCURRENCY_LIMIT_EXCEEDED with status 400
    OVERLOAD_REQUEST_LIMIT = "overload_request_limit"  # 400 SSS_REQUEST_LIMIT_EXCEEDED
    OVERLOAD_401 = "overload_401"  # a failed login, after a wait


NETWORK_TRAPS = frozenset((Trap.REPEAT_EARLIER, Trap.ANSWER_TWICE, Trap.UNAVAILABLE))
# What a service refuses, not the place where clients get their tokens.
_OF_SERVICES = frozenset((*(frozenset(Trap) - NETWORK_TRAPS), "throttle", "token_expired"))
_LOGIN_PLACE = "/oauth2/"


@dataclass(slots=True)
class AimedFault:
    """A fault aimed at the next `times` requests that match, after `skip` that match and pass.

    `kind` is a fault or a trap. `method` and `path` select the requests; None selects all, except that
    refusals of the services pass requests for tokens. `path` is a part of the path in any case, in which
    `*` stands for any text. `words` are those of a refusal, `wait`
    are the seconds before it.
    """

    kind: StrEnum
    method: str | None = None
    path: str | None = None
    times: int = 1
    skip: int = 0
    words: str | None = None
    wait: float = 0.0

    def selects(self, method: str, path: str) -> bool:
        """Return whether a request matches."""
        if self.method is not None and method != self.method:
            return False
        if self.path is None:
            return self.kind not in _OF_SERVICES or _LOGIN_PLACE not in path.lower()
        return _has_parts(path.lower(), self.path.lower().split("*"))

    def document(self) -> dict[str, object]:
        """Return the aimed fault as plain data; `times` and `skip` are what remains."""
        return {
            "fault": str(self.kind),
            "method": self.method,
            "path": self.path,
            "times": self.times,
            "skip": self.skip,
            "words": self.words,
            "wait": str(self.wait),
        }


def draw_aimed(aimed: list[AimedFault], method: str, path: str) -> AimedFault | None:
    """Return the first aimed fault that strikes a request, and count it; drop those that are used up."""
    for fault in aimed:
        if not fault.selects(method, path):
            continue
        if fault.skip:
            fault.skip -= 1
            continue
        fault.times -= 1
        if fault.times <= 0:
            aimed.remove(fault)
        return fault
    return None


def describe_aimed(aimed: Iterable[AimedFault]) -> list[dict[str, object]]:
    """Return aimed faults as plain data."""
    return [fault.document() for fault in aimed]


def _has_parts(path: str, parts: Iterable[str]) -> bool:
    """Return whether a path has all parts, each after the one before."""
    at = 0
    for part in parts:
        at = path.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True
