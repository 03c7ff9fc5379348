"""Field names: NetSuite's REST services take them in any case, and drop unknown ones.

Pure. Sources: Oracle's own samples write names in several cases (section_159793606645,
article_0830072110); section_156570709583 on unknown names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .account import Account
from .kinds import RecordGroup, RecordKind
from .refusals import invalid_content
from .schemas import Node, follow_references, require_schema

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Walk:
    """The walk of one body along its schema; `unknown` collects the trails of dropped names."""

    root: Node
    account: Account
    unknown: list[str] = field(default_factory=list)

    def normalize_value(self, value: Any, node: Node, trail: str, custom: str) -> Any:
        """Return the value with canonical names; `custom` is the kind of custom fields that it may hold."""
        node = _select_object(follow_references(self.root, node))
        if isinstance(value, dict) and "properties" in node:
            return self.normalize_members(value, node, trail, custom)
        if isinstance(value, list) and "items" in node:
            inner = "column" if trail == "item.items" else ""
            return [
                self.normalize_value(entry, node["items"], f"{trail}[{index}]", inner)
                for index, entry in enumerate(value)
            ]
        return value

    def normalize_members(self, value: Body, node: Node, trail: str, custom: str) -> Body:
        known = {name.lower(): name for name in node["properties"]}
        found: Body = {}
        for key, inner in value.items():
            here = f"{trail}.{key}".strip(".")
            name = known.get(key.lower()) or self._find_custom(key.lower(), custom)
            if name is None and node.get("additionalProperties", True):
                name = key
            if name is None:
                self._record_unknown(key, here)
            elif name in found:
                raise invalid_content([(f"The field {name} is given twice.", here)])
            else:
                at = f"{trail}.{name}".strip(".")
                deeper = "" if name != "items" else custom
                found[name] = self.normalize_value(
                    inner, node["properties"].get(name, {}), at, deeper
                )
        return found

    def _find_custom(self, name: str, kind: str) -> str | None:
        return name if name in self.account.custom_fields.get(kind, {}) else None

    def _record_unknown(self, key: str, trail: str) -> None:
        # Clients send a record back as they read it, with links; NetSuite ignores these.
        if key != "links":
            self.unknown.append(trail)


def normalize_names(kind: RecordKind, body: Body, account: Account) -> tuple[Body, tuple[str, ...]]:
    """Return the body with names as the schema writes them, and the trails of unknown names.

    A custom field is known when the account has it. Raise RefusalError for a field that is given
    twice, in different case.
    """
    root = require_schema(kind.record).schema
    walk = _Walk(root, account)
    custom = "body" if kind.group is RecordGroup.TRANSACTION else "entity"
    found = walk.normalize_value(body, root, "", custom)
    return found, tuple(walk.unknown)


def drop_nulls(value: Any) -> Any:
    """Return the value without its null members; clients send null to empty a field."""
    if isinstance(value, Mapping):
        return {key: drop_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [drop_nulls(inner) for inner in value if inner is not None]
    return value


def list_members(value: Any, trail: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every member of a body with its trail, as in `item.items[0].rate`."""
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = ((f"{trail}.{key}".strip("."), inner) for key, inner in value.items())
    elif isinstance(value, list):
        pairs = ((f"{trail}[{index}]", inner) for index, inner in enumerate(value))
    for here, inner in pairs:
        yield here, inner
        yield from list_members(inner, here)


def _select_object(node: Node) -> Node:
    """Return the alternative that is a map; references and choices have one."""
    maps = (option for option in node.get("anyOf", ()) if "properties" in option)
    return node if "properties" in node else next(maps, node)
