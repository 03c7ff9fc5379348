"""The service's settings in a tenant.yaml: events, stream, webhook, closed accounting periods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..findings.errors import CredentialError
from ..mapping.files.nodes import as_data
from ..mapping.files.tenant import Tenant
from ..run.ledger import ClosedPeriod
from ..wire.grant import check_url
from ..wire.notices import KINDS, Webhook
from ..wire.secret_references import References
from ..wire.urls import webhook
from .event_keys import HOW_TO_MAKE, find_weakness

_LONGEST_ID = 50


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """The Event Stream's integration of a tenant, and whether the service may start it again.

    `url` is where the shop finds the service, None if it is not set.
    """

    integration: str
    url: str | None
    restarts: bool


def read_stream_settings(
    tenant: Tenant, folder: Path, environ: Mapping[str, str]
) -> StreamSettings:
    """Return the settings of the stream in `events`. Raise CredentialError, AddressError."""
    events = _block(tenant, "events")
    url = events.get("url")
    resolved = None if url is None else _resolve(tenant, url, "events.url", (folder, environ))
    if resolved is not None:
        check_url(tenant.grant, resolved, "events.url")
    integration = events.get("stream") or default_integration(tenant.name)
    return StreamSettings(str(integration), resolved, events.get("restart") is True)


def default_integration(tenant: str) -> str:
    """Return `erpmap-TENANT`, in the letters that the shop accepts."""
    return f"erpmap-{re.sub('[^a-z0-9-]', '-', tenant)}"[:_LONGEST_ID]


def read_event_key(tenant: Tenant, folder: Path, environ: Mapping[str, str]) -> str:
    """Return the first of `events.keys`, which the shop is given. Raise CredentialError.

    A key that can be guessed is refused. The other keys are accepted too, so that keys can be changed.
    """
    keys = _block(tenant, "events").get("keys")
    if not isinstance(keys, list | tuple) or not keys:
        raise CredentialError(
            "tenant.yaml has no `events.keys`, so no event is admitted: add a key"
        )
    key = _resolve(tenant, keys[0], "events.keys[0]", (folder, environ))
    weakness = find_weakness(key)
    if weakness is not None:
        raise CredentialError(_describe_weak_key(0, weakness))
    return key


@dataclass(frozen=True, slots=True)
class EventKeys:
    """The keys that events may have, and a sentence for each key that is missing or can be guessed."""

    keys: tuple[str, ...] = field(repr=False)
    missing: tuple[str, ...] = ()


def has_event_keys(tenant: Tenant) -> bool:
    """Whether a tenant.yaml has keys for its events."""
    return "keys" in _block(tenant, "events")


def read_event_keys(tenant: Tenant, folder: Path, environ: Mapping[str, str]) -> EventKeys:
    """Return all keys of a tenant's events that cannot be guessed.

    One of two is enough: while keys are changed, one may not exist yet, or no longer.
    """
    listed = _block(tenant, "events").get("keys")
    references = References(folder, environ, tenant.grant)
    texts = listed if isinstance(listed, list | tuple) else ()
    keys = [references.resolve(str(key), f"events.keys[{at}]") for at, key in enumerate(texts)]
    found = [(at, key, find_weakness(key)) for at, key in enumerate(keys) if key]
    weak = [_describe_weak_key(at, words) for at, _, words in found if words is not None]
    accepted = tuple(key for _, key, words in found if words is None)
    return EventKeys(accepted, (*references.missing, *weak))


def _describe_weak_key(at: int, weakness: str) -> str:
    return f"events.keys[{at}] is not accepted: {weakness}; {HOW_TO_MAKE}"


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """The webhook that is notified, and the kinds of trouble that it is sent."""

    hook: Webhook = field(repr=False)
    on: frozenset[str] = frozenset()


def has_webhook(tenant: Tenant) -> bool:
    """Whether a tenant.yaml has a webhook."""
    return "webhook" in _block(tenant, "notify")


def read_webhook_settings(
    tenant: Tenant, folder: Path, environ: Mapping[str, str], *, simulated: bool = False
) -> WebhookSettings | None:
    """Return the `notify` of a tenant.yaml, with all kinds if it names none; None if there is none.

    Raise CredentialError for a missing secret, and AddressError for an address that is not https, or
    that the operator's file does not grant; with a simulator, loopback is allowed as well.
    """
    notify = _block(tenant, "notify")
    if "webhook" not in notify:
        return None
    address = _resolve(tenant, notify["webhook"], "notify.webhook", (folder, environ))
    network = _block(tenant, "network")
    trust_env = network.get("environment") is True and not simulated
    webhook(address, simulated=simulated)
    checked = check_url(tenant.grant, address, "notify.webhook")
    hook = Webhook(checked, trust_env=trust_env)
    on = notify.get("on")
    kinds = [str(kind) for kind in on] if isinstance(on, list | tuple) else KINDS
    return WebhookSettings(hook, frozenset(kinds))


def read_closed_period(tenant: Tenant) -> ClosedPeriod:
    """Return what a tenant allows where a transaction's accounting period is closed."""
    return ClosedPeriod(tenant.closed_period or ClosedPeriod.PARK)


def _resolve(tenant: Tenant, text: object, about: str, at: tuple[Path, Mapping[str, str]]) -> str:
    references = References(*at, tenant.grant)
    value = references.resolve(str(text), about)
    if references.missing:
        raise CredentialError("a secret is missing", missing=tuple(references.missing))
    return value


def _block(tenant: Tenant, name: str) -> Mapping[str, object]:
    document = as_data(tenant.node)
    block = document.get(name) if isinstance(document, Mapping) else None
    return block if isinstance(block, Mapping) else {}
