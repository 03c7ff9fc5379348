"""The beginning of every function of a mapping: an event that is wanted, its documents, ready or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...mapping.plan import Plan
from ...mapping.plan import Source as Document
from .answer_code import answer_data
from .path_code import path_value
from .path_context import Here, path_truth
from .shapes import JSON, MAP, NULL, TEXT, KnownValue, Shape, joined, shape_of
from .source_writer import SourceWriter

_EVENT = KnownValue(
    "event",
    Shape("map", partial=True),
    parts={
        "tenant": KnownValue("event['tenant']", TEXT),
        "name": KnownValue("event['name']", TEXT),
        "published_at": KnownValue("event['published_at']", TEXT),
        "payload": KnownValue("payload", MAP),
    },
)


@dataclass(frozen=True, slots=True)
class Opening:
    """The beginning of one function.

    `left_by` is the statement that ends it where an order is ignored or not ready, of the code of its
    state and words; `unready` the one where a condition does not hold. With `asks` a document that
    is needed and not there is returned: its name, the roots before it, and the steps left. It is a
    matter of doubt otherwise.
    """

    plan: Plan
    out: SourceWriter
    left_by: Callable[[str], str]
    unready: str = "raise DoubtError"
    asks: bool = False

    def leave(self, why: str) -> None:
        """End here, if what it took is within an order's budget."""
        self.out.doubt_if("left < 0")
        self.out.put(self.left_by(why))


def documents_opened(opening: Opening) -> dict[str, KnownValue]:
    """The roots of all paths: the event, which is wanted, the tenant, settings and every source."""
    _event(opening)
    plan, out = opening.plan, opening.out
    roots = {"event": _EVENT, "tenant": _constant(plan.tenant_facts, out)}
    roots["settings"] = _constant(plan.settings, out)
    for document in plan.sources:
        roots[document.name] = _document(document, Here(None, dict(roots)), opening)
    return roots


def all_opened(opening: Opening) -> dict[str, KnownValue]:
    """The same, and ready."""
    roots, out = documents_opened(opening), opening.out
    for condition in opening.plan.conditions:
        out.note(f"ready.{condition.name}")
        holds = path_value(condition.check.path, Here(None, roots), out)
        with out.block(f"if not {path_truth(holds)}"):
            out.doubt_if("left < 0")
            out.put(opening.unready)
    return roots


def _constant(value: object, out: SourceWriter) -> KnownValue:
    """What is the same for every order, as a plain map."""
    assert isinstance(value, dict)
    return KnownValue(out.constant(value), shape_of(value), value)


def _event(opening: Opening) -> None:
    """Whether it is an event, and one that this mapping wants."""
    out, trigger = opening.out, opening.plan.trigger
    out.doubt_if("event.__class__ is not dict")
    for member in ("tenant", "name", "published_at"):
        out.doubt_if(f"event[{member!r}].__class__ is not str")
    out.put("payload = event['payload']")
    out.doubt_if("payload.__class__ is not dict")
    with out.block(f"if event['name'] != {trigger.event!r}"):
        opening.leave(f"IGNORED, {f'on.event: this mapping wants {trigger.event}'!r}")
    if trigger.when is None:
        return
    out.note("on.when")
    wanted = path_value(trigger.when.path, Here(None, {"event": _EVENT}), out)
    with out.block(f"if not {path_truth(wanted)}"):
        opening.leave("IGNORED, 'on.when: does not hold'")


def _document(document: Document, roots: Here, opening: Opening) -> KnownValue:
    """What the name of a source stands for; null when it is not needed."""
    out = opening.out
    out.note(f"sources.{document.name}")
    if document.when is None:
        return _fetched(document, roots, opening)
    needed = path_value(document.when.path, roots, out)
    result = out.let("None")
    with out.block(f"if {path_truth(needed)}"):
        found = _fetched(document, roots, opening)
        out.put(f"{result} = {found.code}")
    return KnownValue(result, joined(found.shape, NULL))


def _fetched(document: Document, roots: Here, opening: Opening) -> KnownValue:
    out = opening.out
    if opening.asks:
        with out.block(f"if {document.name!r} not in sources"):
            before = roots.whole(out)
            out.doubt_if("left < 0")
            out.put(f"return {document.name!r}, {before.code}, left")
    answer = out.let(f"sources[{document.name!r}]")
    with out.block(f"if {answer} is None or {answer} is ABSENT"):
        _absent(document, opening)
    found = KnownValue(answer, JSON)
    if document.selection is not None:
        found = answer_data(answer, document.selection, out)
    if document.select is not None:
        found = path_value(document.select.path, Here(found), out)
    if found.shape.null or found.shape.kind == "json":
        with out.block(f"if {found.code} is None"):
            _absent(document, opening)
    return found.sure()


def _absent(document: Document, opening: Opening) -> None:
    if document.absent is None:
        opening.out.put("raise DoubtError")
    else:
        opening.leave(f"NOT_READY, {document.absent!r}, {f'sources.{document.name}'!r}")
