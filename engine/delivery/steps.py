"""The steps of an attempt, reported to an observer."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

FETCH, LOOKUPS, RENDER, WRITE, CONFIRM = "fetch", "lookups", "render", "write", "confirm"


class Steps(Protocol):
    """Observes the steps of one attempt; what it raises ends the attempt."""

    def step(self, name: str, about: str | None = None) -> AbstractContextManager[None]:
        """Return a context that is entered when a step begins and left when it ends or fails.

        `name` is one of `fetch`, `lookups`, `render`, `write`, `confirm`; `about` is the source or record.
        """
        ...


class _NoSteps:
    def step(self, name: str, about: str | None = None) -> AbstractContextManager[None]:  # noqa: ARG002 - as Steps has it
        """Observe nothing."""
        return nullcontext()


NO_STEPS: Steps = _NoSteps()
