"""Bugs planted in the program: the model must find each of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from engine.delivery import attempt, retry_rules
from engine.mapping.plan import Plan
from engine.netsuite import write as writes
from engine.run.ledger import Answer, RecordWrite, StoppedRecord, Verdict
from engine.service.dispatch import worker
from engine.service.dispatch.pinned_plan import PinnedPlans

Plant = Callable[[], AbstractContextManager[Any]]
# The package exports a function of the same name.
_attempt_module = sys.modules[attempt.__module__]
_describe_end, _keep = worker._describe_end, RecordWrite.keep  # noqa: SLF001 - what is planted
_find_repeatable, _read_back = PinnedPlans.find_repeatable, writes.read_back


def _without_doubts(*given: Any) -> Any:
    return replace(_describe_end(*given), doubts=())


def _keep_as_refused(write: RecordWrite, answer: Answer) -> Answer:
    lost = answer.verdict is Verdict.UNKNOWN
    return _keep(write, replace(answer, verdict=Verdict.REFUSED) if lost else answer)


async def _repeat_with_plan_of_now(self: PinnedPlans, journal: Any, now: Plan, *given: Any) -> Any:
    found = await _find_repeatable(self, journal, now, *given)
    return None if found is None else (now, found[1])


async def _repeat_with_new_inputs(self: PinnedPlans, journal: Any, now: Plan, *given: Any) -> Any:
    found = await _find_repeatable(self, journal, now, *given)
    return None if found is None else (found[0], None)


async def _forget_unread(*given: Any) -> Any:
    result = await _read_back(*given)
    if isinstance(result, StoppedRecord) and result.answer is not None:
        return replace(result, written=None)
    return result


def _planted(where: object, name: str, wrong: object) -> Plant:
    return lambda: patch.object(where, name, wrong)


PLANTED: Mapping[str, Plant] = {
    "the doubts of an attempt are not recorded": _planted(
        worker, "_describe_end", _without_doubts
    ),
    "every record that stops is in doubt": _planted(RecordWrite, "is_unsure", property(lambda _: True)),
    "no delivery is pinned": _planted(worker, "is_claim_pinned", lambda _claim: False),
    "the mapping is not pinned": _planted(PinnedPlans, "find_repeatable", _repeat_with_plan_of_now),
    "the inputs are not pinned": _planted(PinnedPlans, "find_repeatable", _repeat_with_new_inputs),
    "a lost answer counts as a refusal": _planted(RecordWrite, "keep", _keep_as_refused),
    "nothing is looked for after a refusal": _planted(
        writes, "_MAY_STAND", (Verdict.DUPLICATE, Verdict.UNKNOWN)
    ),
    "what stands is forgotten when a later record stops": _planted(
        _attempt_module, "_note_standing", lambda blank, *_: blank
    ),
    "a record that cannot be read back is forgotten": _planted(writes, "read_back", _forget_unread),
    "another's record is taken for our own": _planted(
        writes, "_explain_conflict", lambda *_: None
    ),
    "a refusal in doubt is final": _planted(
        _attempt_module, "find_rule",
        lambda rules, answer: None if answer.verdict is Verdict.UNSETTLED else retry_rules.find_rule(rules, answer),
    ),
    "a record that stands differently is another's": _planted(
        writes, "find_differences", lambda *_args, **_more: ("lines",)
    ),
    "the external id of what is read back is not compared": _planted(
        writes, "find_foreign", lambda *_: ()
    ),
    "a listed order is ignored though it may stand": _planted(
        worker, "_is_posted_earlier", lambda claim, ready: ready.posted.has(claim.event)
    ),
}  # fmt: skip
