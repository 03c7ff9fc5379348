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
from .. import is_wanted, read_identity
from .function import CALLED_SHARE, FunctionSource
from .path_code import compile_path
from .path_context import PathContext, path_truth_condition
from .peephole import shorten_statements
from .program import KEPT, Function, attempt_function, make_function
from .shapes import JSON, WHOLE, KnownValue
from .source_writer import SourceWriter
from .variables import reuse_names, strip_texts

# What a path comes to, which may be None.
CertainValue = tuple[object]


@dataclass(frozen=True, slots=True)
class CompiledTrigger:
    """A plan's trigger. A function is None where there is no such path, or it is interpreted."""

    plan: Plan
    when: Function[CertainValue] | None
    identity: Function[CertainValue] | None

    def is_wanted(self, event: Mapping[str, object]) -> bool:
        """Whether the mapping wants a proper event."""
        if event["name"] != self.plan.trigger.event:
            return False
        if self.plan.trigger.when is None:
            return True
        sure = attempt_function(self.when, event)
        return is_wanted(self.plan, event) if sure is None else bool(sure[0])

    def read_identity(self, event: Mapping[str, object]) -> str | None:
        """What makes a proper event the same as another one, as JSON; None where nothing is said."""
        if self.plan.trigger.identity is None:
            return None
        sure = attempt_function(self.identity, event)
        if sure is None:
            return read_identity(self.plan, event)
        return None if sure[0] is None else write_json(sure[0])


@lru_cache(maxsize=KEPT)
def get_trigger(plan: Plan) -> CompiledTrigger:
    """The trigger of a plan, made once."""
    when, identity = plan.trigger.when, plan.trigger.identity
    return CompiledTrigger(
        plan, _function(plan, when, is_truth=True), _function(plan, identity, is_truth=False)
    )


def _function(plan: Plan, path: PathAt | None, *, is_truth: bool) -> Function[CertainValue] | None:
    """The value of a path, or its truth; None where it is interpreted, whatever the reason."""
    return None if path is None else make_function(plan, lambda: _written(path, is_truth=is_truth))


def _written(path: PathAt, *, is_truth: bool) -> FunctionSource:
    out = SourceWriter()
    # Nothing is taken for granted of the event: it may be one that was stored long ago.
    value = compile_path(path.path, PathContext(None, {"event": KnownValue("event", JSON)}), out)
    out.doubt_if("left < 0")
    out.put(f"return ({path_truth_condition(value) if is_truth else value.code},)")
    body = reuse_names("\n".join(shorten_statements(out.written())))
    if WHOLE in strip_texts(body):
        raise NotCompiledError("all of something is used as one value")
    left = STEPS_PER_ORDER - STEPS_PER_ORDER // CALLED_SHARE - out.paid
    return FunctionSource(f"def run(event, budget):\n left = {left}\n{body}\n", out.constants)
