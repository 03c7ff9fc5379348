"""What a key or a value of a mapping is, by its path: a key of the language, a field's name, a JMESPath …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LANGUAGE_KEY = "key of the language"
FIELD = "field"
VALUE = "value"
LOOKUP = "lookup"
LINE_GROUP = "line group"
SETTING = "setting"
SETTING_GIVEN = "setting given"
RECORD_KEY = "key of a record"
LINE_KEY = "key of a line"
CELL = "cell"
OTHER_NAME = "another name"

PATH = "path"
TEMPLATE = "template"
EXPRESSION = "expression"
QUERY = "query"
SEARCH = "search"
RULE = "retry rule"
WORD = "word"
TYPE = "type"
LITERAL = "literal"
PLAIN = "plain"

# `**` stands for one or more parts at the end.
_KEYS = {
    "lookups/*/values/**": CELL,
    "lines/*/body/**": LINE_KEY,
    "lines/*/after/*/body/**": LINE_KEY,
    "records/*/body/**": RECORD_KEY,
    "records/*/confirm/**": RECORD_KEY,
    "settings/*": SETTING,
    "sources/*": OTHER_NAME,
    "sources/*/variables/*": OTHER_NAME,
    "ready/*": OTHER_NAME,
    "fields/*": FIELD,
    "fields/*/fields/*": FIELD,
    "fields/*/values/*": VALUE,
    "fields/*/join/*": OTHER_NAME,
    "values/*": VALUE,
    "lookups/*": LOOKUP,
    "lines/*": LINE_GROUP,
    "lines/*/after/*": LINE_GROUP,
    "records/*": OTHER_NAME,
    "checks/*": OTHER_NAME,
    "checks/*/terms/*": OTHER_NAME,
    "retry/*": OTHER_NAME,
}
_VALUES = {
    "on/when": PATH,
    "on/identity": PATH,
    "on/event": WORD,
    "settings/*/type": TYPE,
    "settings/*/default": LITERAL,
    "sources/*/graphql": QUERY,
    "sources/*/rest": TEMPLATE,
    "sources/*/variables/*": PATH,
    "sources/*/select": PATH,
    "sources/*/when": PATH,
    "sources/*/absent": RULE,
    "ready/*/check": PATH,
    "ready/*/otherwise": RULE,
    "fields/*": PATH,
    "fields/*/path": PATH,
    "fields/*/each": PATH,
    "fields/*/type": TYPE,
    "fields/*/default": LITERAL,
    "fields/*/optional": LITERAL,
    "fields/*/fields/*": PATH,
    "fields/*/fields/*/path": PATH,
    "fields/*/fields/*/type": TYPE,
    "fields/*/fields/*/default": LITERAL,
    "fields/*/fields/*/optional": LITERAL,
    "fields/*/join/*/from": PATH,
    "fields/*/join/*/on": PATH,
    "fields/*/values/*": TEMPLATE,
    "values/*": TEMPLATE,
    "values/*/is": TEMPLATE,
    "values/*/type": TYPE,
    "values/*/optional": LITERAL,
    "lookups/*/values/**": LITERAL,
    "lookups/*/keys": PATH,
    "lookups/*/ignore_case": LITERAL,
    "lines/*/for": EXPRESSION,
    "lines/*/if": EXPRESSION,
    "lines/*/after/*/if": EXPRESSION,
    "lines/*/body/**": TEMPLATE,
    "lines/*/after/*/body/**": TEMPLATE,
    "lines/*/stored": WORD,
    "records/*/record": WORD,
    "records/*/write": WORD,
    "records/*/if": EXPRESSION,
    "records/*/find": SEARCH,
    "records/*/external_id": TEMPLATE,
    "records/*/serialize": TEMPLATE,
    "records/*/body/**": TEMPLATE,
    "records/*/confirm/**": TEMPLATE,
    "checks/*/holds": EXPRESSION,
    "checks/*/terms/*": TEMPLATE,
    "checks/*/equal/*": TEMPLATE,
    "checks/*/sums_to": LITERAL,
    "retry/*/on/*": WORD,
    "retry/*/then": WORD,
    "retry/*/respond": LITERAL,
}
_TENANT_KEYS = {"settings/*": SETTING_GIVEN}
_TENANT_VALUES = {"settings/**": LITERAL, "netsuite/*": LITERAL, "events/*": LITERAL}


def name_key(path: Sequence[str], *, is_tenant: bool) -> str:
    """The role of the key at a path; `is_tenant`: of a tenant.yaml."""
    return _find(_TENANT_KEYS if is_tenant else _KEYS, path, LANGUAGE_KEY)


def name_value(path: Sequence[str], *, is_tenant: bool) -> str:
    """The role of the text, number or flag at a path."""
    return _find(_TENANT_VALUES if is_tenant else _VALUES, path, PLAIN)


def _find(roles: Mapping[str, str], path: Sequence[str], otherwise: str) -> str:
    return next((role for form, role in roles.items() if _fits(form.split("/"), path)), otherwise)


def _fits(form: Sequence[str], path: Sequence[str]) -> bool:
    if form[-1] == "**":
        form = [*form[:-1], *("*" for _ in path[len(form) - 1 :])] if len(path) >= len(form) else []
    pairs = zip(form, path, strict=False)
    return len(form) == len(path) and all(part in ("*", key) for part, key in pairs)
