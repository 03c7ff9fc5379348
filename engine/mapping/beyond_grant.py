"""What a tenant's files name beyond its grant. Pure, but for links on the way to secrets' files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..findings.diagnostics import Finding
from ..findings.quote import quoted
from ..wire.grant import Grant
from .files.nodes import ListNode, MapNode, Node, Scalar, entries_of
from .files.tenant import Tenant

_REFERENCE = re.compile(r"\$\{(env|file):([^${}]+)\}")


def find_beyond(tenant: Tenant, folder: Path) -> Iterator[Finding]:
    """Yield a finding for each secret, account, host and allowance of a tenant.yaml beyond its grant.

    `folder` is the tenant's. E1202 to E1204.
    """
    grant = tenant.grant
    if grant.is_unrestricted:
        return
    for scalar in _scalars(tenant.node):
        match = _REFERENCE.fullmatch(str(scalar.value))
        if match is not None:
            yield from _find_secret(grant, scalar, match, folder)
    yield from _find_account(grant, tenant.node)
    yield from _find_hosts(grant, tenant.node)


def list_secret_files(tenant: Tenant) -> Iterator[str]:
    """Yield the paths of the secrets' files that a tenant.yaml names, granted or not."""
    for scalar in _scalars(tenant.node):
        match = _REFERENCE.fullmatch(str(scalar.value))
        if match is not None and match[1] == "file" and "\0" not in match[2]:
            yield match[2]


def find_parameters_beyond(grant: Grant, mapping: MapNode) -> Iterator[Finding]:
    """Yield a finding (E1205) for each parameter of AWS that a mapping's lookups may not read."""
    for entry in entries_of(mapping.get("lookups")):
        named = entry.value.get("parameter") if isinstance(entry.value, MapNode) else None
        if isinstance(named, Scalar) and not grant.allows_parameter(str(named.value)):
            message = f"the parameter {quoted(str(named.value), 80)} is not granted to this tenant"
            yield Finding("E1205", message, named.place, hint=_hint("parameters"))


def _find_secret(
    grant: Grant, scalar: Scalar, match: re.Match[str], folder: Path
) -> Iterator[Finding]:
    kind, name = match[1], match[2]
    if kind == "env" and not grant.allows_variable(name):
        message = f"the variable {quoted(name)} is not granted to this tenant"
        yield Finding("E1202", message, scalar.place, hint=_hint("environment"))
    if kind == "file" and not grant.allows_file(str(folder.absolute()), name):
        message = f"the file {quoted(name)} is not granted to this tenant"
        yield Finding("E1202", message, scalar.place, hint=_hint("files"))


def _find_account(grant: Grant, node: MapNode) -> Iterator[Finding]:
    account, allowance = _value(node, "netsuite", "account"), _value(node, "netsuite", "allowance")
    if account is not None and not grant.allows_account(account.text or str(account.value)):
        message = f"the account {quoted(account.text)} is not granted to this tenant"
        yield Finding("E1203", message, account.place, hint=_hint("accounts"))
    most, wanted = grant.allowance, allowance.value if allowance is not None else None
    if allowance is not None and most is not None and isinstance(wanted, int) and wanted > most:
        message = f"the operator grants an allowance of at most {most}"
        yield Finding("E1203", message, allowance.place, hint=_hint("allowance"))


def _find_hosts(grant: Grant, node: MapNode) -> Iterator[Finding]:
    newstore, url = _value(node, "newstore", "tenant"), _value(node, "events", "url")
    if newstore is not None and not grant.allows_newstore(str(newstore.value)):
        message = f"the NewStore tenant {quoted(str(newstore.value))} is not granted to this tenant"
        yield Finding("E1204", message, newstore.place, hint=_hint("newstore"))
    is_written = url is not None and _REFERENCE.fullmatch(str(url.value)) is None
    if url is not None and is_written and not grant.allows_url(str(url.value)):
        message = "the host of the address is not granted to this tenant"
        yield Finding("E1204", message, url.place, hint=_hint("hosts"))


def _hint(key: str) -> str:
    return f"the operator's file may grant it: `{key}`"


def _value(node: MapNode, block: str, key: str) -> Scalar | None:
    inner = node.get(block)
    found = inner.get(key) if isinstance(inner, MapNode) else None
    return found if isinstance(found, Scalar) and found.value is not None else None


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, MapNode):
        for entry in node.entries:
            yield from _scalars(entry.value)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _scalars(item)
    else:
        yield node
