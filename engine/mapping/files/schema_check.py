"""The check of a mapping or tenant against its JSON Schema; the differences become findings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012Validator as QuickValidator

from ...findings.diagnostics import Finding, Place
from ...findings.fixes import fix_word
from ...findings.quote import Suggestion, quoted, shortened, suggest
from ...language.synonyms import TYPE_SYNONYMS
from .grammar import Schema
from .nodes import ListNode, MapNode, Node, Scalar, as_data, entries_of
from .placements import PLACEMENT_KEYS

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_KINDS = {
    "object": "a map",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_HINTS = {
    "object": "write it as `key: value` lines",
    "array": "write it as a list: [a, b]",
    "boolean": "write true or false; yes, no, on and off are texts",
}
_BOUNDS = {
    "uniqueItems": "has an entry twice",
    "format": "is not a {}, as in 2026-12-01",
    "minimum": "is less than {}",
    "maximum": "is more than {}",
    "minItems": "is too short: at least {}",
    "maxItems": "is too long: at most {}",
}
# Hints by a part of the pattern that does not match.
_PATTERNS = {
    "s|m|h|d": "units are s, m, h and d, as in 15m",
    "[A-Za-z0-9_]{1,63}": "it is one word, as in salesOrder or customrecord_log",
}


def check_shape(node: Node, schema: Schema) -> tuple[Finding, ...]:
    """Return a finding for every difference between `node` and the schema."""
    data = as_data(node)
    if _fast_check(json.dumps(schema))(data):
        return ()
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to import, and only mistakes need it

    checker = Draft202012Validator.FORMAT_CHECKER
    validator = Draft202012Validator(schema, format_checker=checker)
    found = validator.iter_errors(data)
    return tuple(finding for error in found for finding in _explain(error, node))


@lru_cache(maxsize=4)
def _fast_check(schema: str) -> Callable[[object], bool]:
    """Return a fast yes-or-no check; what it refuses is checked again to explain why."""
    is_valid = QuickValidator(json.loads(schema), validate_formats=True).is_valid

    def accepts(data: object) -> bool:
        try:
            return is_valid(data)
        except ValueError:  # half of a character, or a value that JSON does not have
            return False

    return accepts


def _explain(error: ValidationError, root: Node) -> Iterator[Finding]:
    node, trail = _find_node(root, list(error.absolute_path))
    explain = _WORDS.get(str(error.validator), _not_allowed)
    yield from explain(error, node, trail)


def _find_node(root: Node, path: list[str | int]) -> tuple[Node, str]:
    """Return the node at a path, and the path in words."""
    node, trail = root, ""
    for step in path:
        if isinstance(node, ListNode) and isinstance(step, int):
            node, trail = node.items[step], f"{trail}[{step}]"
        elif isinstance(node, MapNode):
            child = node.get(str(step))
            if child is None:
                break
            node, trail = child, f"{trail}.{step}" if trail else str(step)
    return node, shortened(trail, 80)


def _unknown_keys(error: ValidationError, node: Node, trail: str) -> Iterator[Finding]:
    known = list(_schema(error).get("properties", {}))
    for entry in entries_of(node):
        if entry.name not in known:
            where = f" in {trail}" if trail else ""
            message = f"{quoted(entry.name)} is not a key of the language{where}"
            yield _misspelled("E0201", message, entry.key.place, _suggest(entry.name, known))


def _wrong_type(error: ValidationError, node: Node, trail: str) -> Iterator[Finding]:
    kinds = _wanted(error)
    wanted = [kinds] if isinstance(kinds, str) else list(kinds)
    words = " or ".join(_KINDS.get(kind, kind) for kind in wanted)
    message = f"{trail or 'the file'} is {_kind_of(node)}, not {words}"
    textual = "string" in wanted and "number" not in wanted and isinstance(node, Scalar)
    hint = "put quotes around it" if textual else _HINTS.get(wanted[-1])
    yield Finding("E0202", message, place=node.place, hint=hint)


def _missing(error: ValidationError, node: Node, trail: str) -> Iterator[Finding]:
    assert isinstance(node, MapNode)
    missing = next(key for key in _wanted(error) if node.get(key) is None)
    if missing in error.message:
        about = _schema(error).get("properties", {}).get(missing, {}).get("description")
        hint = f"`{missing}` is {about}" if about else None
        message = f"{trail or 'the file'} has no `{missing}`"
        yield Finding("E0203", message, place=node.place, hint=hint)


def _not_one_of(error: ValidationError, node: Node, trail: str) -> Iterator[Finding]:
    allowed = [str(value) for value in _wanted(error)]
    shown, message, place = _show(node), f"{trail} cannot be {quoted(_show(node))}", node.place
    key = next((each.key for each in entries_of(node) if each.name == error.instance), None)
    if key is not None:  # a name of an entry, not the value
        shown, place = str(error.instance), key.place
        message = f"{trail} cannot have the key {quoted(shown)}"
    synonyms = {word: name for word, name in TYPE_SYNONYMS.items() if name in allowed}
    listed = ", ".join(allowed)
    otherwise = f"allowed: {shortened(listed, 200)}"
    suggestion = suggest(shown, allowed, otherwise=otherwise, synonyms=synonyms)
    yield _misspelled("E0205", message, place, suggestion)


def _wrong_version(error: ValidationError, node: Node, trail: str) -> Iterator[Finding]:
    message = f"{trail} {quoted(_show(node))} is not a version this erpmap can read"
    yield Finding("E0205", message, place=node.place, hint=f"write `{trail}: {_wanted(error)}`")


def _bad_name(error: ValidationError, node: Node, _trail: str) -> Iterator[Finding]:
    name = str(error.instance)
    place: Place = node.place
    if isinstance(node, MapNode):
        place = next((entry.key.place for entry in node.entries if entry.name == name), place)
    message = f"{quoted(name)} is not a name"
    otherwise = "a name has only a-z, 0-9 and _, and begins with a letter"
    placements = PLACEMENT_KEYS if name.startswith("$") else ()
    yield _misspelled("E0205", message, place, suggest(name, placements, otherwise=otherwise))


def _not_allowed(error: ValidationError, node: Node, trail: str) -> Iterator[Finding]:
    if isinstance(_wanted(error), str) and error.validator == "pattern":
        if not error.absolute_path or error.parent is not None or _is_name_pattern(error):
            yield from _bad_name(error, node, trail)
            return
        description = _schema(error).get("description")
        about = f"it is {description}" if description else None
        hint = next((hint for part, hint in _PATTERNS.items() if part in _wanted(error)), about)
        message = f"{trail} cannot be {quoted(_show(node))}"
        yield Finding("E0205", message, place=node.place, hint=hint)
        return
    problem = _BOUNDS.get(str(error.validator), "is not allowed").format(_wanted(error))
    yield Finding("E0205", f"{trail} {problem}", place=node.place)


def _schema(error: ValidationError) -> Schema:
    """Return the part of the schema that does not match."""
    return error.schema if isinstance(error.schema, dict) else {}


def _wanted(error: ValidationError) -> Any:
    """Return the value of the schema's keyword; its type depends on the keyword."""
    return error.validator_value


def _is_name_pattern(error: ValidationError) -> bool:
    return "propertyNames" in error.absolute_schema_path


def _suggest(name: str, known: list[str]) -> Suggestion:
    candidates = [*known, *PLACEMENT_KEYS] if name.startswith("$") else known
    return suggest(name, candidates, otherwise=f"allowed: {', '.join(known)}")


def _misspelled(code: str, message: str, place: Place, suggestion: Suggestion) -> Finding:
    """Return a finding about a word that is not known; with a fix if only one is near."""
    fix = fix_word(place, suggestion)
    return Finding(code, message, place=place, hint=suggestion.hint, fix=fix)


def _kind_of(node: Node) -> str:
    if isinstance(node, MapNode):
        return "a map"
    if isinstance(node, ListNode):
        return "a list"
    return {bool: node.text, str: "a text", type(None): "empty"}.get(type(node.value), "a number")


def _show(node: Node) -> str:
    return node.text if isinstance(node, Scalar) else _kind_of(node)


Explain = Callable[[Any, Node, str], Iterator[Finding]]
_WORDS: dict[str, Explain] = {
    "additionalProperties": _unknown_keys,
    "type": _wrong_type,
    "required": _missing,
    "enum": _not_one_of,
    "const": _wrong_version,
}
