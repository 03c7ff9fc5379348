"""What the lineage of an order looks like: places of files, values in one line, trees of steps. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.text import Text

from ...documents import write_json
from ...findings.diagnostics import Place
from ...findings.quote import shortened
from ...language.templates import OMIT
from ...mapping.files.changes import Changes
from ...orders.report.excerpt import clean
from ...run.bodies import as_json
from ...run.lineage import Cause, LineageStep, Role, SourceValue, StepKind, list_sources

_LONGEST_VALUE, _LONGEST_TEXT, _MOST_POSITIONS = 60, 90, 6
LEFT_OUT = "left out"
_ROLE_WORDS = {Role.VALUE: "", Role.DECIDES: "decides: ", Role.POSITION: "position: "}
ROLE_NAMES = {Role.VALUE: "value", Role.DECIDES: "decides", Role.POSITION: "position"}


@dataclass(frozen=True, slots=True)
class Branch:
    """A step or a source value in a tree, with what it comes from; a repeated one has its branches elsewhere."""

    role: Role
    step: LineageStep | SourceValue
    branches: tuple[Branch, ...]
    is_repeated: bool = False


def build_branches(cause: Cause) -> tuple[Branch, ...]:
    """Return the steps that a cause comes from, as trees; each step has its branches once, a condition is there once.

    What decides only about the position in a list is left out: `list_positions` lists it.
    """
    return _build(cause, set())


def _build(cause: Cause, shown: set[object]) -> tuple[Branch, ...]:
    branches = []
    for role, found in _nearest_steps(cause):
        assert found.step is not None
        is_repeated = _identity(found) in shown and bool(found.inputs)
        if is_repeated and _is_condition(found):
            continue
        shown.add(_identity(found))
        inner = () if is_repeated else _build(Cause(found.inputs), shown)
        branches.append(Branch(role=role, step=found.step, branches=inner, is_repeated=is_repeated))
    return tuple(branches)


def _is_condition(cause: Cause) -> bool:
    return isinstance(cause.step, LineageStep) and cause.step.kind is StepKind.CONDITION


def _nearest_steps(cause: Cause) -> list[tuple[Role, Cause]]:
    """Return the nearest steps of a cause, those that the value is made of first, each once."""
    found: dict[object, tuple[Role, Cause]] = {}
    waiting = [(Role.VALUE, cause)]
    seen: set[tuple[Role, int]] = set()
    while waiting:
        role, each = waiting.pop(0)
        if (role, id(each)) in seen or role is Role.POSITION:
            continue
        seen.add((role, id(each)))
        if each.step is None:
            waiting += [(max(role, inner_role), inner) for inner_role, inner in each.inputs]
            continue
        key = _identity(each)
        if key not in found or found[key][0] > role:
            found[key] = role, each
    return sorted(found.values(), key=lambda pair: pair[0])


def _identity(cause: Cause) -> object:
    """Return what is equal for causes that are the same step: a step may be made several times."""
    step = cause.step
    if isinstance(step, LineageStep):
        return step.kind, step.name, step.text, step.place
    return None if step is None else step.path


def list_positions(cause: Cause) -> list[str]:
    """Return the source values that decide only which entries stand before a value."""
    return [path.path for path, role in list_sources(cause).items() if role is Role.POSITION]


def style_tree(branches: tuple[Branch, ...], changes: Changes, prefix: str = "") -> Iterator[Text]:
    """Yield a tree line by line."""
    for number, branch in enumerate(branches):
        is_last = number == len(branches) - 1
        line = Text(f"{prefix}{'└─ ' if is_last else '├─ '}", style="dim")
        line.append_text(_style_branch(branch, changes))
        yield line
        inner = f"{prefix}{'   ' if is_last else '│  '}"
        yield from style_tree(branch.branches, changes, inner)


def _style_branch(branch: Branch, changes: Changes) -> Text:
    step, words = branch.step, _ROLE_WORDS[branch.role]
    line = Text(words, style="yellow")
    if isinstance(step, SourceValue):
        return line.append(clean(step.path), style="bold").append(_describe_source(step))
    line.append(str(step.kind))
    if step.kind is StepKind.LOOKUP:
        line.append(f" {cut_text(step.text, _LONGEST_TEXT)}", "bold")
    elif step.kind is not StepKind.TEMPLATE:
        line.append(f" {clean(step.name)}", "bold")
    if step.kind not in (StepKind.TEMPLATE, StepKind.CONDITION) or step.value is not None:
        line.append(f" = {show_value(step.value)}")
    if step.text and step.kind is not StepKind.LOOKUP:
        line.append(f"  {cut_text(' '.join(step.text.split()), _LONGEST_TEXT)}", "cyan")
    line.append(f"  {show_place(step.place)}" if step.place else "", "dim")
    line.append(describe_change(step, changes), "dim")
    return line.append("  (as above)" if branch.is_repeated else "", "dim")


def _describe_source(source: SourceValue) -> str:
    if source.is_absent:
        return " is absent"
    return " (its entries)" if source.is_container else f" = {show_value(source.value)}"


def describe_change(step: LineageStep, changes: Changes) -> str:
    """Return which earlier entry the entry of a step replaces; empty if there was none."""
    before = find_replaced(step, changes)
    return "" if before is None else f", replaces {show_place(before)}"


def find_replaced(step: LineageStep, changes: Changes) -> Place | None:
    """Return the place of the entry of an earlier file that the entry of a step replaced."""
    if step.place is None:
        return None
    for length in range(len(step.trail) + 1, 1, -1):
        for path in _paths_of(step.trail, length):
            change = changes.by_path.get(path)
            if change is not None and change.before is not None and change.after is not None:
                return change.before.value.place
    return None


def _paths_of(trail: tuple[str, ...], length: int) -> list[tuple[str, ...]]:
    if length <= len(trail):
        return [trail[:length]]
    return [(*trail, key) for key in ("path", "is")]


def show_place(place: Place) -> str:
    """Return file and line of a place."""
    return clean(f"{place.text.name}:{place.line}")


def show_value(value: object) -> str:
    """Return a value in one line, cut where it is long."""
    if value is OMIT:
        return "omit"
    return clean(shortened(write_json(value_document(value)), _LONGEST_VALUE))


def value_document(value: object) -> object:
    """Return a value as JSON; `omit` where a template left it out."""
    if isinstance(value, dict):
        return {str(key): value_document(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [value_document(each) for each in value]
    plain = as_json(value)
    return "omit" if plain is OMIT else plain


def branch_document(branch: Branch, changes: Changes) -> dict[str, object]:
    """Return a branch of a tree as a JSON object."""
    step = branch.step
    head: dict[str, object] = {"role": ROLE_NAMES[branch.role]}
    if isinstance(step, SourceValue):
        return {
            **head,
            "kind": "source",
            "path": step.path,
            "value": value_document(step.value),
            "absent": step.is_absent,
            "entries": step.is_container,
        }
    replaced = find_replaced(step, changes)
    return {
        **head,
        "kind": str(step.kind),
        "name": step.name,
        "text": step.text,
        "value": value_document(step.value),
        "place": None if step.place is None else show_place(step.place),
        "replaces": None if replaced is None else show_place(replaced),
        "repeated": branch.is_repeated,
        "from": [branch_document(inner, changes) for inner in branch.branches],
    }


def sources_document(cause: Cause) -> list[dict[str, object]]:
    """Return the source values of a cause, each with its role."""
    return [
        {"path": source.path, "role": ROLE_NAMES[role], "value": value_document(source.value)}
        for source, role in sorted(list_sources(cause).items(), key=lambda pair: pair[1])
    ]


def describe_positions(cause: Cause) -> str | None:
    """Return a line about what decides only the position of a value; None if nothing does."""
    paths = list_positions(cause)
    if not paths:
        return None
    shown = ", ".join(clean(path) for path in paths[:_MOST_POSITIONS])
    more = f" and {len(paths) - _MOST_POSITIONS} more" if len(paths) > _MOST_POSITIONS else ""
    return f"its position in the list also depends on {shown}{more}"


def first_place(cause: Cause) -> Place | None:
    """Return the place of the nearest step that is written in a file."""
    steps = (found.step for _, found in _nearest_steps(cause))
    return next((step.place for step in steps if isinstance(step, LineageStep)), None)


def cut_text(text: str, longest: int) -> str:
    """Return a text of at most so many characters, safe to print."""
    return clean(shortened(text, longest))


def list_paths(found: Mapping[SourceValue, Role], role: Role) -> list[str]:
    """Return the paths of the source values with a role."""
    return [source.path for source, each in found.items() if each is role]
