"""Which events a mapping wants, and what names them: its trigger's paths as functions of the event.

Both answer as `run.is_wanted` and `run.identity_of`, which are asked where a function is in doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import getcontext, setcontext
from functools import lru_cache

from ..documents import write_json
from ..errors import NotCompiledError
from ..language.budget import STEPS_PER_ORDER, Budget
from ..plan import PathAt, Plan
from ..run import identity_of, is_wanted
from .function import CALLED_SHARE
from .here import Here, path_truth
from .paths import path_value
from .peephole import shortened
from .program import DOUBTS, MISTAKES
from .runtime import NAMES
from .runtime.doubts import FAST
from .shapes import JSON, WHOLE, Known
from .slots import with_few_names, without_texts
from .source import Source

# So many plans' triggers are kept ready.
_KEPT = 256
_CALLED = STEPS_PER_ORDER // CALLED_SHARE
_Function = Callable[[object, Budget], object]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A plan's trigger. A function is None where there is no such path, or it is interpreted."""

    plan: Plan
    when: _Function | None
    identity: _Function | None

    def is_wanted(self, event: Mapping[str, object]) -> bool:
        """Whether the mapping wants a proper event."""
        if event["name"] != self.plan.trigger.event:
            return False
        if self.plan.trigger.when is None:
            return True
        sure = _asked(self.when, event)
        return is_wanted(self.plan, event) if sure is None else bool(sure[0])

    def identity_of(self, event: Mapping[str, object]) -> str | None:
        """What makes a proper event the same as another one, as JSON; None where nothing is said."""
        if self.plan.trigger.identity is None:
            return None
        sure = _asked(self.identity, event)
        if sure is None:
            return identity_of(self.plan, event)
        return None if sure[0] is None else write_json(sure[0])


@lru_cache(maxsize=_KEPT)
def trigger_of(plan: Plan) -> Trigger:
    """The trigger of a plan, made once."""
    when, identity = plan.trigger.when, plan.trigger.identity
    return Trigger(plan, _function(when, is_truth=True), _function(identity, is_truth=False))


def _asked(function: _Function | None, event: object) -> tuple[object] | None:
    """What a function says; None where it is in doubt, or there is none."""
    if function is None:
        return None
    ambient = getcontext()
    setcontext(FAST)
    try:
        return (function(event, Budget(_CALLED)),)
    except (*DOUBTS, *MISTAKES):
        return None
    finally:
        setcontext(ambient)


def _function(path: PathAt | None, *, is_truth: bool) -> _Function | None:
    """The value of a path, or its truth; None where it is interpreted, whatever the reason."""
    if path is None:
        return None
    try:
        return _written(path, is_truth=is_truth)
    except (*DOUBTS, *MISTAKES):
        return None


def _written(path: PathAt, *, is_truth: bool) -> _Function:
    out = Source()
    # Nothing is taken for granted of the event: it may be one that was stored long ago.
    value = path_value(path.path, Here(None, {"event": Known("event", JSON)}), out)
    out.doubt_if("left < 0")
    out.put(f"return {path_truth(value) if is_truth else value.code}")
    body = with_few_names("\n".join(shortened(out.written())))
    if WHOLE in without_texts(body):
        raise NotCompiledError("all of something is used as one value")
    left = STEPS_PER_ORDER - _CALLED - out.paid
    source = f"def ask(event, budget):\n left = {left}\n{body}\n"
    names = NAMES | out.constants
    exec(compile(source, "<on>", "exec"), names)  # noqa: S102 - our own source, as in program.py
    function: _Function = names["ask"]  # type: ignore[assignment] # defined by the source
    return function
