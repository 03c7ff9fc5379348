"""The steps of an attempt, as whoever watches it hears of them."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

FETCH, LOOKUPS, RENDER, WRITE, CONFIRM = "fetch", "lookups", "render", "write", "confirm"


class Steps(Protocol):
    """Hears of the steps of one attempt while they are done; what it raises ends the attempt."""

    def step(self, name: str, about: str | None = None) -> AbstractContextManager[None]:
        """Entered when a step begins, left when it is over, however that is.

        `name` is one of `fetch`, `lookups`, `render`, `write`, `confirm`; `about` the source or record.
        """
        ...


class _NoSteps:
    def step(self, name: str, about: str | None = None) -> AbstractContextManager[None]:  # noqa: ARG002 - as Steps has it
        """Nobody hears it."""
        return nullcontext()


NO_STEPS: Steps = _NoSteps()
