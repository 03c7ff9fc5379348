"""Which events a mapping wants, and what names them: its trigger's paths as functions of the event.

Both answer as `run.is_wanted` and `run.identity_of`, which are asked where a function is in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ...documents import write_json
from ...findings.errors import NotCompiledError
from ...language.budget import STEPS_PER_ORDER
from ...mapping.plan import PathAt, Plan
from .. import identity_of, is_wanted
from .function import CALLED_SHARE, FunctionSource
from .path_code import path_value
from .path_context import Here, path_truth
from .peephole import shortened
from .program import KEPT, Function, attempted, made
from .shapes import JSON, WHOLE, KnownValue
from .source_writer import SourceWriter
from .variables import with_few_names, without_texts

# What a path comes to, which may be None.
Sure = tuple[object]


@dataclass(frozen=True, slots=True)
class CompiledTrigger:
    """A plan's trigger. A function is None where there is no such path, or it is interpreted."""

    plan: Plan
    when: Function[Sure] | None
    identity: Function[Sure] | None

    def is_wanted(self, event: Mapping[str, object]) -> bool:
        """Whether the mapping wants a proper event."""
        if event["name"] != self.plan.trigger.event:
            return False
        if self.plan.trigger.when is None:
            return True
        sure = attempted(self.when, event)
        return is_wanted(self.plan, event) if sure is None else bool(sure[0])

    def identity_of(self, event: Mapping[str, object]) -> str | None:
        """What makes a proper event the same as another one, as JSON; None where nothing is said."""
        if self.plan.trigger.identity is None:
            return None
        sure = attempted(self.identity, event)
        if sure is None:
            return identity_of(self.plan, event)
        return None if sure[0] is None else write_json(sure[0])


@lru_cache(maxsize=KEPT)
def trigger_of(plan: Plan) -> CompiledTrigger:
    """The trigger of a plan, made once."""
    when, identity = plan.trigger.when, plan.trigger.identity
    return CompiledTrigger(
        plan, _function(plan, when, is_truth=True), _function(plan, identity, is_truth=False)
    )


def _function(plan: Plan, path: PathAt | None, *, is_truth: bool) -> Function[Sure] | None:
    """The value of a path, or its truth; None where it is interpreted, whatever the reason."""
    return None if path is None else made(plan, lambda: _written(path, is_truth=is_truth))


def _written(path: PathAt, *, is_truth: bool) -> FunctionSource:
    out = SourceWriter()
    # Nothing is taken for granted of the event: it may be one that was stored long ago.
    value = path_value(path.path, Here(None, {"event": KnownValue("event", JSON)}), out)
    out.doubt_if("left < 0")
    out.put(f"return ({path_truth(value) if is_truth else value.code},)")
    body = with_few_names("\n".join(shortened(out.written())))
    if WHOLE in without_texts(body):
        raise NotCompiledError("all of something is used as one value")
    left = STEPS_PER_ORDER - STEPS_PER_ORDER // CALLED_SHARE - out.paid
    return FunctionSource(f"def run(event, budget):\n left = {left}\n{body}\n", out.constants)
