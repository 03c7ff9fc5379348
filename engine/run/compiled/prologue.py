"""Compile the beginning of every function: the event, the trigger, the documents, the conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...mapping.plan import Plan
from ...mapping.plan import Source as Document
from ...mapping.systems import EVENTS
from .answer_code import compile_answer
from .path_code import compile_path
from .path_context import PathContext, path_truth_condition
from .shapes import JSON, MAP, NULL, TEXT, KnownValue, Shape, join_shapes, shape_of
from .source_writer import SourceWriter

_EVENT = KnownValue(
    "event",
    Shape("map", partial=True),
    parts={
        member: KnownValue("payload", MAP)
        if member == EVENTS.payload
        else KnownValue(f"event[{member!r}]", TEXT)
        for member in EVENTS.members
    },
)

_TEXT_MEMBERS = tuple(name for name, kind in EVENTS.members.items() if kind is str)


@dataclass(frozen=True, slots=True)
class Prologue:
    """The beginning of one function.

    `leave_statement` returns the statement that ends it for an order that is ignored or not ready,
    from the code of its outcome; `unready_statement` ends it if a condition does not hold. With
    `returns_missing` it returns a needed document that is missing: its name, the roots before it,
    and the steps left. Otherwise a missing document raises doubt.
    """

    plan: Plan
    out: SourceWriter
    leave_statement: Callable[[str], str]
    unready_statement: str = "raise DoubtError"
    returns_missing: bool = False

    def leave(self, outcome_code: str) -> None:
        """Compile the end of the function, if the steps taken are within the budget."""
        self.out.doubt_if("left < 0")
        self.out.put(self.leave_statement(outcome_code))


def compile_documents(prologue: Prologue) -> dict[str, KnownValue]:
    """Compile the roots of all paths: the wanted event, the tenant, settings and every source."""
    _compile_event(prologue)
    plan, out = prologue.plan, prologue.out
    roots = {"event": _EVENT, "tenant": _compile_constant(plan.tenant_facts, out)}
    roots["settings"] = _compile_constant(plan.settings, out)
    for document in plan.sources:
        roots[document.name] = _compile_document(document, PathContext(None, dict(roots)), prologue)
    return roots


def compile_ready_documents(prologue: Prologue) -> dict[str, KnownValue]:
    """Compile the roots of all paths, and the conditions of readiness."""
    roots, out = compile_documents(prologue), prologue.out
    for condition in prologue.plan.conditions:
        out.note(f"ready.{condition.name}")
        holds = compile_path(condition.check.path, PathContext(None, roots), out)
        with out.block(f"if not {path_truth_condition(holds)}"):
            out.doubt_if("left < 0")
            out.put(prologue.unready_statement)
    return roots


def _compile_constant(value: object, out: SourceWriter) -> KnownValue:
    """Compile a map that is the same for every order."""
    assert isinstance(value, dict)
    return KnownValue(out.constant(value), shape_of(value), value)


def _compile_event(prologue: Prologue) -> None:
    """Compile the check of the envelope and of the trigger."""
    out, trigger = prologue.out, prologue.plan.trigger
    out.doubt_if("event.__class__ is not dict")
    for member in _TEXT_MEMBERS:
        out.doubt_if(f"event[{member!r}].__class__ is not str")
    out.put(f"payload = event[{EVENTS.payload!r}]")
    out.doubt_if("payload.__class__ is not dict")
    with out.block(f"if event[{EVENTS.name!r}] != {trigger.event!r}"):
        prologue.leave(f"IGNORED, {f'on.event: this mapping wants {trigger.event}'!r}")
    if trigger.when is None:
        return
    out.note("on.when")
    wanted = compile_path(trigger.when.path, PathContext(None, {"event": _EVENT}), out)
    with out.block(f"if not {path_truth_condition(wanted)}"):
        prologue.leave("IGNORED, 'on.when: does not hold'")


def _compile_document(document: Document, roots: PathContext, prologue: Prologue) -> KnownValue:
    """Compile the document of a source; null if it is not needed."""
    out = prologue.out
    out.note(f"sources.{document.name}")
    if document.when is None:
        return _compile_fetched(document, roots, prologue)
    needed = compile_path(document.when.path, roots, out)
    result = out.let("None")
    with out.block(f"if {path_truth_condition(needed)}"):
        found = _compile_fetched(document, roots, prologue)
        out.put(f"{result} = {found.code}")
    return KnownValue(result, join_shapes(found.shape, NULL))


def _compile_fetched(document: Document, roots: PathContext, prologue: Prologue) -> KnownValue:
    out = prologue.out
    if prologue.returns_missing:
        with out.block(f"if {document.name!r} not in sources"):
            before = roots.whole(out)
            out.doubt_if("left < 0")
            out.put(f"return {document.name!r}, {before.code}, left")
    answer = out.let(f"sources[{document.name!r}]")
    with out.block(f"if {answer} is None or {answer} is ABSENT"):
        _compile_absent(document, prologue)
    found = KnownValue(answer, JSON)
    if document.selection is not None:
        found = compile_answer(answer, document.selection, out)
    if document.select is not None:
        found = compile_path(document.select.path, PathContext(found), out)
    if found.shape.null or found.shape.kind == "json":
        with out.block(f"if {found.code} is None"):
            _compile_absent(document, prologue)
    return found.sure()


def _compile_absent(document: Document, prologue: Prologue) -> None:
    if document.absent is None:
        prologue.out.put("raise DoubtError")
    else:
        prologue.leave(f"NOT_READY, {document.absent!r}, {f'sources.{document.name}'!r}")
