"""Events made up from what the conditions of mappings compare: which mappings take one, and whether any is taken.

The samples combine the documented members that a condition reads with the texts that it compares them with. Where a
condition reads something that is not documented, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from itertools import combinations, islice, product

from ...findings.diagnostics import Finding, Place, Severity
from ...findings.errors import ExpressionError
from ...findings.quote import quoted
from ...language.budget import Budget
from ...language.paths import Path, evaluate_path, parse_path, walk_nodes
from ...language.paths.values import is_false
from ..plan.plan import PathAt, Plan
from ..systems import EVENTS
from .known_sources import type_event
from .path_types import infer_path
from .value_type import BOOLEAN, LIST, MAP, NUMBER, TEXT, ValueType, map_of

_MOST_SAMPLES = 1_500
_FEWEST_SAMPLES = 2
_MOST_VALUES = 6
_STEPS = 20_000
_OTHER = "another"
_ABSENT = object()

Leaf = tuple[str, ...]
Sample = dict[str, object]


def check_events(plans: Sequence[tuple[Place, Plan]]) -> Iterator[Finding]:
    """Yield warnings about the conditions on events: W0249 always true or never, W0248 true for two mappings.

    `plans` are those of one tenant, each with the place where the tenant names it.
    """
    for place, plan in plans:
        if plan.trigger.when is not None:
            yield from _check_alone(plan, plan.trigger.when, place)
    for (place, first), (_, second) in combinations(plans, 2):
        if first.trigger.event == second.trigger.event:
            yield from _check_pair(first, second, place)


def _check_alone(plan: Plan, when: PathAt, place: Place) -> Iterator[Finding]:
    is_taken = _find_one_answer(plan.trigger.event, when.path.text)
    if is_taken is None:
        return
    words = "always true" if is_taken else "never true"
    effect = "every event is taken" if is_taken else "no event is ever taken"
    yield Finding(
        code="W0249",
        message=f"the condition is {words}: {effect}",
        place=when.at.place,
        hint="compare with the texts that the shop sends; `== 'web'` for a text, `== `true`` for a truth value",
        severity=Severity.WARNING,
        related=((place, f"mapping {quoted(plan.name)}"),),
    )


def _check_pair(first: Plan, second: Plan, place: Place) -> Iterator[Finding]:
    both = _find_shared_sample(first.trigger.event, *map(_text_of_condition, (first, second)))
    if both is None:
        return
    shown = ", ".join(f"{name} {value}" for name, value in _describe(both.get(EVENTS.payload)))
    when = second.trigger.when
    names = f"{quoted(first.name)} and {quoted(second.name)}"
    yield Finding(
        code="W0248",
        message=f"{names} both take an event {first.trigger.event} with {shown or 'any content'}",
        place=place if when is None else when.at.place,
        hint="write conditions of which only one can be true, or the order is posted by both",
        severity=Severity.WARNING,
        related=() if first.trigger.when is None else ((first.trigger.when.at.place, "the other"),),
    )


def _text_of_condition(plan: Plan) -> str | None:
    return None if plan.trigger.when is None else plan.trigger.when.path.text


# Many tenants have the conditions of the same shared files.
@lru_cache(maxsize=200)
def _find_one_answer(event: str, condition: str) -> bool | None:
    """Return the answer that a condition gives for every sample; None if there are several, or no samples."""
    path = parse_path(condition)
    taken: list[bool | None] = []
    for sample in _make_samples(event, [path]):
        taken.append(_takes(path, sample))
        if taken[-1] is None or taken[-1] is not taken[0]:
            return None
    return taken[0] if len(taken) >= _FEWEST_SAMPLES else None


@lru_cache(maxsize=200)
def _find_shared_sample(event: str, *conditions: str | None) -> Sample | None:
    """Return an event for which all conditions are true; None stands for no condition."""
    paths = [None if each is None else parse_path(each) for each in conditions]
    samples = _make_samples(event, paths)
    return next((each for each in samples if all(_takes(path, each) for path in paths)), None)


def _takes(condition: Path | None, sample: Sample) -> bool | None:
    """Return whether a condition is true for a sample; None if it fails."""
    if condition is None:
        return True
    try:
        found = evaluate_path(condition, {"event": sample}, Budget(_STEPS))
    except ExpressionError:
        return None
    return not is_false(found)


def _make_samples(event: str, conditions: Sequence[Path | None]) -> Iterator[Sample]:
    """Yield the samples for some conditions on one event; none where a member is not documented."""
    leaves: dict[Leaf, ValueType] = {}
    texts: set[str] = set()
    for condition in conditions:
        if condition is None:
            continue
        found = _list_leaves(event, condition)
        if found is None:
            return
        leaves |= found
        texts |= set(_list_texts(condition))
    choices = [_list_values(kind, texts) for kind in leaves.values()]
    for values in islice(product(*choices), _MOST_SAMPLES):
        yield _build_sample(dict(zip(leaves, values, strict=True)))


def _list_leaves(event: str, condition: Path) -> dict[Leaf, ValueType] | None:
    """Return the single values of an event that a condition reads, by their keys; None if one is unknown."""
    found: dict[Leaf, ValueType] = {}
    unknown = False

    def observe(offset: int, length: int, kind: ValueType, here: ValueType) -> None:
        nonlocal unknown
        if condition.text[offset : offset + length].strip('"') not in here.members:
            return
        if not kind.name.startswith("event."):
            unknown = unknown or kind.name != "event"
        elif kind.is_only(TEXT, NUMBER, BOOLEAN) or kind.is_only(LIST) or kind.is_only(MAP):
            if kind.name.count(".") > 1:
                found[tuple(kind.name.split(".")[1:])] = kind
        elif not kind.is_known:
            unknown = True

    infer_path(condition, map_of({"event": type_event(event)}), observe=observe)
    return None if unknown or not found else dict(sorted(found.items(), reverse=True))


def _list_texts(condition: Path) -> Iterator[str]:
    for node in walk_nodes(condition.tree):
        value = node["value"] if node["type"] == "literal" else None
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                yield each


def _list_values(kind: ValueType, texts: set[str]) -> list[object]:
    if kind.is_only(BOOLEAN):
        return [False, True, _ABSENT]
    if kind.is_only(LIST):
        return [[{}], _ABSENT]
    if kind.is_only(MAP):
        return [{}, _ABSENT]
    if kind.is_only(NUMBER):
        return [0, 1, _ABSENT]
    return [*sorted(texts)[: _MOST_VALUES - 2], _OTHER, _ABSENT]


def _build_sample(values: Mapping[Leaf, object]) -> Sample:
    """Build an event with these values; a list gets one entry, and none where its values are absent."""
    event: Sample = {}
    for keys, value in values.items():
        if value is _ABSENT:
            continue
        here = event
        for key in keys[:-1]:
            name = key.removesuffix("[]")
            if key.endswith("[]"):
                entries = here.setdefault(name, [{}])
                assert isinstance(entries, list)
                here = entries[0]
            else:
                inner = here.setdefault(name, {})
                assert isinstance(inner, dict)
                here = inner
        here.setdefault(keys[-1], deepcopy(value))
    return event


def _describe(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _describe(each, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for each in value:
            yield from _describe(each, f"{name}[]")
    elif value != _OTHER:
        yield name, quoted(value) if isinstance(value, str) else str(value).lower()
