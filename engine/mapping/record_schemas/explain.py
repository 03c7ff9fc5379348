"""The differences between a body and its schema: jsonschema finds them in the intended alternative."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from itertools import chain, islice
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from .messages import Mistake, explain_error, lacks_member
from .validator import (
    Accepts,
    Schema,
    build_acceptance,
    find_unknown_state,
    has_at_most_bytes,
    has_no_controls,
)

# More mistakes are of no use to an author, and each takes jsonschema about half a millisecond.
_MOST_MISTAKES = 200
_MOST_WORDS = 20
# The steps of one explanation; jsonschema takes about 20 microseconds for each.
_MOST_STEPS = 30_000
_STOPPED = "the search for what is wrong with it was stopped: it is too large or too deep"
_STOPPED_HINT = (
    "there are more mistakes than shown; pull its schema again if it is not needed so deep"
)


class _Steps:
    """A counter of the work of one explanation."""

    def __init__(self) -> None:
        self.left = 0

    def take(self, steps: int) -> None:
        """Count steps; raise _StoppedError when they are used up."""
        self.left -= steps
        if self.left < 0:
            raise _StoppedError


class _StoppedError(Exception):
    """An explanation would take too many steps."""


def build_explainer(record: str, schema: Schema) -> Callable[[object], tuple[Mistake, ...]]:
    """Build the function that lists a body's mistakes: at most 200, with at most 20 different messages."""
    steps = _Steps()
    validator = _validator(schema, steps)

    def mistakes(body: object) -> tuple[Mistake, ...]:
        steps.left = _MOST_STEPS
        errors = chain.from_iterable(map(_intended_errors, validator.iter_errors(body)))
        found = (mistake for error in errors for mistake in explain_error(error, record))
        counted = islice(_until_stopped(found), _MOST_MISTAKES)
        first = sorted(counted, key=lambda mistake: _position(body, mistake))
        words = list(dict.fromkeys(mistake.message for mistake in first))[:_MOST_WORDS]
        return tuple(mistake for mistake in first if mistake.message in words)

    return mistakes


def _until_stopped(found: Iterator[Mistake]) -> Iterator[Mistake]:
    """Yield the mistakes, and one more that says so if the search had to stop."""
    try:
        yield from found
    except (_StoppedError, RecursionError):
        yield Mistake((), _STOPPED, _STOPPED_HINT)


def _validator(schema: Schema, steps: _Steps) -> Draft202012Validator:
    """Build jsonschema's validator, whose work is counted.

    The fast validator skips correct items, so 2,000 correct lines cost little.
    """

    @cache
    def acceptance_of(reference: str) -> Accepts:
        return build_acceptance({"$ref": reference, "$defs": schema.get("$defs", {})})

    def items(
        validator: Any, items: Schema, instance: object, _: Schema
    ) -> Iterator[ValidationError]:
        if not isinstance(instance, list):
            return
        accepts = acceptance_of(items["$ref"]) if "$ref" in items else lambda _: False
        for index, item in enumerate(instance):
            if not accepts(item):
                yield from validator.descend(item, items, path=index)

    counted = {
        keyword: _count_steps(keyword, steps) for keyword in ("$ref", "anyOf", "enum", "properties")
    }
    keywords = {**counted, "items": items, **_OUR_KEYWORDS}
    types = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: is_whole(value))
    extend: Any = validators.extend
    kind = extend(Draft202012Validator, keywords, type_checker=types)
    validator: Draft202012Validator = kind(dict(schema))
    return validator


def _build_keyword(accepts: Callable[[object, Any], bool]) -> Any:
    """Build a keyword of jsonschema from a function of the instance and the keyword's value."""

    def check(_: Any, wanted: Any, value: object, __: Schema) -> Iterator[ValidationError]:
        if not accepts(value, wanted):
            yield ValidationError("refused")

    return check


_OUR_KEYWORDS = {
    "maxBytes": _build_keyword(has_at_most_bytes),
    "noControls": _build_keyword(lambda value, _: has_no_controls(value)),
    "statesOf": _build_keyword(lambda value, states: find_unknown_state(value, states) is None),
}


def _count_steps(keyword: str, steps: _Steps) -> Any:
    """Return jsonschema's function for a keyword, counting a step for each part of the schema."""
    check = Draft202012Validator.VALIDATORS[keyword]

    def count(validator: Any, wanted: Any, value: object, schema: Schema) -> Any:
        steps.take(1 if isinstance(wanted, str) else 1 + len(wanted) // _PARTS_PER_STEP[keyword])
        return check(validator, wanted, value, schema)

    return count


_PARTS_PER_STEP = {"$ref": 1, "anyOf": 1, "enum": 200, "properties": 50}


def is_whole(value: object) -> bool:
    """Return whether a value is an integer of JSON Schema: 2.0 is one, true is not."""
    if isinstance(value, Decimal):
        return value.is_finite() and value == value.to_integral_value()
    is_integral = isinstance(value, float) and value.is_integer()
    return is_integral or (isinstance(value, int) and not isinstance(value, bool))


def _intended_errors(error: ValidationError) -> list[ValidationError]:
    """Return the errors within the intended alternative: the last one of the value's kind."""
    context = () if lacks_member(error) else error.context or ()
    for index in sorted({int(inner.schema_path[0]) for inner in context}, reverse=True):
        group = [inner for inner in context if inner.schema_path[0] == index]
        if not any(map(_is_wrong_kind, group)):
            return [error for inner in group for error in _intended_errors(inner)]
    return [error]


def _is_wrong_kind(error: ValidationError) -> bool:
    """Return whether the error is about the kind of the value as a whole."""
    if error.path:
        return False
    if error.validator == "anyOf" and not lacks_member(error):
        return _intended_errors(error) == [error]
    return error.validator == "type"


def _position(body: object, mistake: Mistake) -> list[int]:
    """Return the position of a mistake in the body, to sort mistakes in the order of writing."""
    position, at = [], body
    for step in mistake.path:
        if isinstance(at, dict) and step in at:
            position.append(list(at).index(step))
            at = at[step]
        elif isinstance(at, list) and isinstance(step, int):
            position.append(step)
            at = at[step]
    return position
