"""Compile the trigger of a mapping: its paths as functions of the event.

The results equal those of `run.is_wanted` and `run.read_identity`, which are called in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ...documents import write_json
from ...findings.errors import NotCompiledError
from ...mapping.plan import PathAt, Plan
from ...mapping.systems import EVENTS
from .. import is_wanted, read_identity
from ..source_requests import TRIGGER_STEPS
from .function import FunctionSource
from .path_code import compile_path
from .path_context import PathContext, path_truth_condition
from .peephole import shorten_statements
from .program import MAX_KEPT, Function, attempt_function, make_function
from .shapes import JSON, WHOLE, KnownValue
from .source_writer import SourceWriter
from .variables import reuse_names, strip_texts

# The value of a path, which may be None.
CertainValue = tuple[object]


@dataclass(frozen=True, slots=True)
class CompiledTrigger:
    """A plan's trigger; a function is None if its path is missing or interpreted."""

    plan: Plan
    when: Function[CertainValue] | None
    identity: Function[CertainValue] | None

    def is_wanted(self, event: Mapping[str, object]) -> bool:
        """Whether the mapping wants an event with a valid envelope."""
        if event[EVENTS.name] != self.plan.trigger.event:
            return False
        if self.plan.trigger.when is None:
            return True
        result = attempt_function(self.when, event, TRIGGER_STEPS)
        return is_wanted(self.plan, event) if result is None else bool(result[0])

    def read_identity(self, event: Mapping[str, object]) -> str | None:
        """Return the identity of an event with a valid envelope as JSON; None if there is none."""
        if self.plan.trigger.identity is None:
            return None
        result = attempt_function(self.identity, event, TRIGGER_STEPS)
        if result is None:
            return read_identity(self.plan, event)
        return None if result[0] is None else write_json(result[0])


@lru_cache(maxsize=MAX_KEPT)
def get_trigger(plan: Plan) -> CompiledTrigger:
    """Return the trigger of a plan, compiled once."""
    when, identity = plan.trigger.when, plan.trigger.identity
    return CompiledTrigger(
        plan,
        _make_path_function(plan, when, is_truth=True),
        _make_path_function(plan, identity, is_truth=False),
    )


def _make_path_function(
    plan: Plan, path: PathAt | None, *, is_truth: bool
) -> Function[CertainValue] | None:
    """Make the function of a path's value or truth; None if it cannot be compiled."""
    return (
        None
        if path is None
        else make_function(plan, lambda: _write_path_function(path, is_truth=is_truth))
    )


def _write_path_function(path: PathAt, *, is_truth: bool) -> FunctionSource:
    out = SourceWriter()
    # No shape is assumed of the event: an older version may have stored it.
    value = compile_path(path.path, PathContext(None, {"event": KnownValue("event", JSON)}), out)
    out.doubt_if("left < 0")
    out.put(f"return ({path_truth_condition(value) if is_truth else value.code},)")
    body = reuse_names("\n".join(shorten_statements(out.written())))
    if WHOLE in strip_texts(body):
        raise NotCompiledError("a value that exists only in parts is used as one value")
    source = f"def run(event, budget, left):\n left -= {out.paid}\n{body}\n"
    return FunctionSource(source, out.constants)
