"""The words of the mistakes that types show, and what an editor observes of a walk. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from ...findings.diagnostics import Place
from ...findings.quote import Suggestion, is_one_slip, quoted, shortened, suggest
from .value_type import NULL, Knowledge, ValueType

Related = tuple[tuple[Place, str], ...]


@dataclass(frozen=True, slots=True)
class TypeMistake:
    """A mistake at a stretch of an expression's text.

    `related` are further places that have to do with it. `missing` has the type that lacks a member,
    `suggestion` the member that may be meant.
    """

    code: str
    message: str
    hint: str | None = None
    offset: int = 0
    length: int = 1
    related: Related = ()
    missing: tuple[ValueType, str] | None = None
    suggestion: Suggestion | None = None


# Receives the offset and length of a part of an expression, its type, and the type that it is read on.
Observer = Callable[[int, int, ValueType, ValueType], None]

_ALIKE = 0.75
# Of a map that may have other members, only a name so near to a known one is taken for it.
_NEARLY = 0.78
_SHORT, _ALIKE_IF_SHORT = 4, 0.65
ROW = "the lookup"
BODY = "body"


def find_no_member(here: ValueType, name: str, offset: int, length: int) -> TypeMistake | None:
    """Return the mistake of a member that is not among the known ones: E0204 or E0208.

    Where others than the known ones may exist, only a name that resembles one of them is a mistake (W0310).
    """
    if not here.is_known or here.known is Knowledge.NOTHING:
        return None
    if here.source == BODY and name.casefold() in map(str.casefold, here.members):
        return None  # the key in other letters is what is wrong, and reported
    if here.known is Knowledge.SOME:
        near = {*get_close_matches(name, here.members, 3, _NEARLY), *_find_slips(name, here)}
        suggestion = suggest(name, sorted(near))
        message = f"{here.source} has no {quoted(name)} in {here.name}, as far as it is documented"
        if here.source.startswith(ROW):
            message = f"{here.source} has no column {quoted(name)}"
        elif here.source == BODY:
            message = f"the body has no {quoted(name)}"
        code = "W0310" if suggestion.hint else None
    else:
        code, message, otherwise = _explain_member(here, name)
        suggestion = suggest(name, here.members, otherwise=otherwise)
    if code is None:
        return None
    return TypeMistake(
        code=code,
        message=message,
        hint=suggestion.hint,
        offset=offset,
        length=length,
        related=find_related(here),
        missing=(here, name),
        suggestion=suggestion,
    )


def _find_slips(name: str, here: ValueType) -> Iterable[str]:
    """Return the members that are one slip from a name; of short ones, only with other letters."""
    slips = [member for member in here.members if is_one_slip(name, member)]
    return [each for each in slips if len(each) > _SHORT or len(each) != len(name)]


def describe_kinds(found: ValueType) -> str:
    """Return the kinds of a type in words, with an article: `a text or number`, `true or false`."""
    kinds = sorted(found.kinds - NULL.kinds)
    first = kinds[0] if kinds else "value"
    article = "" if first in ("lines", "true or false") else "a "
    return article + " or ".join(kinds or [first])


def describe_value(found: ValueType) -> str:
    """Return the kinds of a type in words, with the name of the value."""
    return describe_kinds(found) + (f" ({found.name})" if found.name else "")


def may_lack(here: ValueType) -> ValueType:
    """Return the type of a row or body where a key may be missing: others than the known ones are thinkable."""
    is_open = here.known is Knowledge.ALL and (here.source.startswith(ROW) or here.source == BODY)
    return replace(here, known=Knowledge.SOME) if is_open else here


def find_related(*types: ValueType) -> Related:
    """Return the places where the types of values were decided."""
    places = [
        (found.at, f"{found.name or 'it'} is {found.label or 'decided'} here")
        for found in types
        if found.at is not None
    ]
    places += [
        (found.members_at, "its columns are named here")
        for found in types
        if found.members_at is not None
    ]
    places += [
        (found.empty_at, "this cell is empty") for found in types if found.empty_at is not None
    ]
    return tuple(places)


def _explain_member(here: ValueType, name: str) -> tuple[str, str, str]:
    """Return the code, the message, and the hint for a name that resembles none."""
    listed = shortened(", ".join(here.members), 200) or "nothing before this entry"
    if here.source == "the query":
        hint = f"add it to the query; selected in {here.name or 'the query'}: {listed}"
        return "E0204", f"{name} is not selected by the query", hint
    if here.source.startswith(ROW):
        return "E0208", f"{here.source} has no column {quoted(name)}", f"its columns are: {listed}"
    called = f"{here.name}.{name}" if here.name else name
    hint = f"{here.name or here.source} has: {listed}"
    return "E0208", f"there is no {shortened(called, 80)}", hint


def check_words(
    texts: Iterable[str], other: ValueType, offset: int, length: int
) -> TypeMistake | None:
    """Return the mistake of a text that is nearly, but not quite, one that a value is known to have (W0311).

    Among several texts, one beside the right spelling is another spelling and no mistake.
    """
    if not other.words:
        return None
    given = tuple(texts)
    known = {word.casefold() for word in other.words}
    for text in given:
        if text.casefold() in known:
            continue
        alike = _ALIKE_IF_SHORT if len(text) <= _SHORT else _ALIKE
        near = get_close_matches(text.casefold(), known, 1, alike)
        is_beside = near and any(each.casefold() == near[0] for each in given)
        if (near and not is_beside) or other.are_all_words:
            called = other.name or "the value"
            message = f"{called} is not known to be {quoted(text)}"
            listed = shortened(", ".join(sorted(other.words)), 200)
            hint = f"did you mean {near[0]}?" if near else f"it is one of: {listed}"
            return TypeMistake(
                code="W0311", message=message, hint=hint, offset=offset, length=length
            )
    return None
