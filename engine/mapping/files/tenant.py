"""A tenant.yaml as written: facts, mappings, settings; secrets remain references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ...findings.diagnostics import Finding, SourceText
from ...findings.quote import quoted
from ...wire.grant import UNRESTRICTED, Grant
from .nodes import ListNode, MapNode, Node, Scalar, as_data
from .own_refusals import OwnRefusal

_REFERENCE = re.compile(r"\$\{(?:env:[A-Za-z_][A-Za-z0-9_]*|file:[^${}]+)\}")
_SECRETS = frozenset(
    [
        "client_secret",
        "key",
        "keys",
        "consumer_secret",
        "token_secret",
        "consumer_key",
        "token_id",
        "webhook",
    ]
)
# The blocks of a tenant's file that hold secrets, and the keys in them that are not secret.
_SECRET_BLOCKS = frozenset(("newstore", "auth", "keys", "webhook"))
_OPEN = frozenset(("tenant", "id"))
_MASK = "•"


@dataclass(frozen=True, slots=True)
class Tenant:
    """The content of a tenant.yaml that other modules use; `settings` are nodes with places.

    `refusals` are those of the file that `netsuite.refusals` names. `grant` is what the operator lets the
    tenant use, whatever its file says.
    """

    name: str
    node: MapNode
    mappings: tuple[Scalar, ...]
    settings: MapNode | None
    refusals: tuple[OwnRefusal, ...] = ()
    grant: Grant = UNRESTRICTED

    def facts(self) -> dict[str, object]:
        """Return the facts that mappings may read as `tenant`: nothing secret."""
        return {
            "name": self.name,
            "newstore": {"tenant": _read_fact(self.node, "newstore", "tenant")},
            "netsuite": {"account": _read_fact(self.node, "netsuite", "account")},
        }

    @property
    def closed_period(self) -> str | None:
        """What the tenant allows where a transaction's accounting period is closed, if it says so."""
        allowed = _read_fact(self.node, "netsuite", "closed_period")
        return None if allowed is None else str(allowed)

    @property
    def precision(self) -> dict[str, int]:
        """The decimal places of currencies in the tenant's account, as far as the tenant says them."""
        found = _read_fact(self.node, "netsuite", "precision")
        return dict(found) if isinstance(found, dict) else {}


def read_tenant(node: Node, folder_name: str) -> tuple[Tenant | None, tuple[Finding, ...]]:
    """Return the tenant of a node that matches the schema, and the findings beyond the schema."""
    if not isinstance(node, MapNode):
        return None, ()
    findings = [*_name_findings(node, folder_name), *_secret_findings(node)]
    mappings = node.get("mappings")
    named = mappings.items if isinstance(mappings, ListNode) else ()
    settings = node.get("settings")
    tenant = Tenant(
        name=folder_name,
        node=node,
        mappings=tuple(name for name in named if isinstance(name, Scalar)),
        settings=settings if isinstance(settings, MapNode) else None,
    )
    return tenant, tuple(findings)


def mask_secrets(node: Node, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings about a tenant's file, with places in a copy in which secrets are masked."""
    spans = [scalar.span for scalar in _secret_scalars(node)]
    if not spans:
        return tuple(findings)
    text = node.place.text
    content = text.content
    for start, end in spans:
        content = content[:start] + _MASK * (end - start) + content[end:]
    masked = SourceText(text.name, content)
    return tuple(_move_place(finding, text, masked) for finding in findings)


def is_masked_copy(copy: SourceText, text: SourceText) -> bool:
    """Whether `copy` is the text, or the text with secrets masked: then offsets mean the same in both."""
    return len(copy.content) == len(text.content) and all(
        one in (other, _MASK) for one, other in zip(copy.content, text.content, strict=True)
    )


def _move_place(finding: Finding, old: SourceText, new: SourceText) -> Finding:
    place, fix = finding.place, finding.fix
    if place is None or place.text is not old:
        return finding
    if fix is not None:
        fix = replace(fix, edits=tuple(replace(edit, text=new) for edit in fix.edits))
    return replace(finding, place=replace(place, text=new), fix=fix)


def _secret_scalars(node: Node, *, inside: bool = False) -> Iterator[Scalar]:
    """Yield the texts in places of secrets, also under a misspelt key, that are not references."""
    if isinstance(node, MapNode):
        for entry in node.entries:
            here = (inside or entry.name in _SECRET_BLOCKS) and entry.name not in _OPEN
            yield from _secret_scalars(entry.value, inside=here)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _secret_scalars(item, inside=inside)
    elif inside and isinstance(node.value, str) and not _REFERENCE.fullmatch(node.value):
        yield node


def _name_findings(node: MapNode, folder_name: str) -> Iterator[Finding]:
    for key, value in (("tenant", folder_name), ("mappings", "[sales_order, cash_sale]")):
        if node.get(key) is None:
            hint = f"as in `{key}: {value}`"
            yield Finding("E0203", f"the tenant has no `{key}`", place=node.place, hint=hint)
    name = node.get("tenant")
    if isinstance(name, Scalar) and name.value != folder_name:
        message = (
            f"the tenant is called {quoted(str(name.value))}, its folder {quoted(folder_name)}"
        )
        yield Finding("E0212", message, place=name.place, hint="give both the same name")


def _secret_findings(node: Node, key: str = "") -> Iterator[Finding]:
    """Find malformed references, and secrets that are written in the file."""
    if isinstance(node, MapNode):
        for entry in node.entries:
            yield from _secret_findings(entry.value, entry.name)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _secret_findings(item, key)
    elif isinstance(node.value, str) and _REFERENCE.fullmatch(node.value) is None:
        if "${" in node.value:
            hint = "write ${env:NAME} or ${file:PATH}, and nothing around it"
            yield Finding(
                "E0215", f"{quoted(key)} is a malformed reference", place=node.place, hint=hint
            )
        elif key in _SECRETS:
            hint = "keep it in the environment: ${env:NAME}, or in a file: ${file:PATH}"
            yield Finding(
                "E0216",
                f"{quoted(key)} is a secret and is written in the file",
                place=node.place.shifted(0, 1),
                hint=hint,
            )


def _read_fact(node: MapNode, block: str, key: str) -> object:
    inner = node.get(block)
    found = inner.get(key) if isinstance(inner, MapNode) else None
    return None if found is None else as_data(found)
