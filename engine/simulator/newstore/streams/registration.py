"""The registration of an integration, checked against NewStore's API description. Pure.

All mistakes are reported at once. Events may be sent to this machine only: a simulator never posts
to another host.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import replace

import httpx

from ..moments import parse_moment
from .stream import IntegrationTerms

_ID = re.compile(r"[a-z0-9-]{1,50}")
_API_KEY = re.compile(r"[\x21-\x7e]{1,1024}")
_KINDS = ("permanent", "temporary")
_CHANGEABLE = frozenset(("callback_parameters", "s3_parameters", "filter_conditions"))
_KNOWN = _CHANGEABLE | {"id", "integration_type", "starts_at", "ends_at"}
_LONGEST_URL = 2_000

Body = Mapping[str, object]


def parse_registration(body: Body, now: float) -> tuple[IntegrationTerms | None, list[str]]:
    """Return the terms of a new integration, or None and its mistakes."""
    mistakes = [f"{name} is not known" for name in sorted(body.keys() - _KNOWN)]
    name, kind = body.get("id"), body.get("integration_type")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        mistakes.append("id must be 1 to 50 characters of a-z, 0-9 and -")
    if kind not in _KINDS:
        mistakes.append("integration_type must be permanent or temporary")
    if "callback_parameters" not in body and "s3_parameters" not in body:
        mistakes.append("callback_parameters or s3_parameters is missing")
    starts, ends = _read_window(body, now, mistakes)
    terms = IntegrationTerms(
        id=str(name), kind=str(kind), callback_url="", starts=starts, ends=ends
    )
    terms = _read_terms(terms, body, mistakes)
    return (None if mistakes else terms), mistakes


def parse_change(terms: IntegrationTerms, body: Body) -> tuple[IntegrationTerms | None, list[str]]:
    """Return the changed terms, or None and the mistakes."""
    mistakes = [f"{name} cannot be changed" for name in sorted(body.keys() - _CHANGEABLE)]
    terms = _read_terms(terms, body, mistakes)
    return (None if mistakes else terms), mistakes


def is_loopback(url: object) -> bool:
    """Return whether a URL is http or https and leads to this machine under any parser."""
    if not isinstance(url, str) or len(url) > _LONGEST_URL:
        return False
    try:
        parsed = httpx.URL(url)
        port = parsed.port
    except (httpx.InvalidURL, ValueError):
        return False
    if parsed.scheme not in ("http", "https") or parsed.userinfo:
        return False
    if port is not None and not 0 < port < 65_536:
        return False
    if parsed.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(parsed.host).is_loopback
    except ValueError:
        return False


def _read_window(body: Body, now: float, mistakes: list[str]) -> tuple[float | None, float | None]:
    is_temporary = body.get("integration_type") == "temporary"
    starts, ends = (
        _read_moment(body, "starts_at", mistakes),
        _read_moment(body, "ends_at", mistakes),
    )
    if starts is not None and starts > now:
        mistakes.append("starts_at must not be in the future")
    if is_temporary and "starts_at" not in body:
        mistakes.append("starts_at is missing; a temporary integration needs it")
    if not is_temporary and "ends_at" in body:
        mistakes.append("ends_at is only allowed for a temporary integration")
    if starts is not None and ends is not None and ends < starts:
        mistakes.append("ends_at must not be before starts_at")
    if is_temporary and ends is None:
        ends = now
    return starts, ends


def _read_moment(body: Body, name: str, mistakes: list[str]) -> float | None:
    value = body.get(name)
    moment = parse_moment(value)
    if name in body and moment is None:
        mistakes.append(f"{name} must be a date and time in UTC")
    return moment


def _read_terms(terms: IntegrationTerms, body: Body, mistakes: list[str]) -> IntegrationTerms:
    """Return the terms with the callback and the filters of the body."""
    if "s3_parameters" in body:
        mistakes.append("s3_parameters are not supported: the simulator does not export to S3")
    if "callback_parameters" in body:
        terms = _read_callback(terms, body["callback_parameters"], mistakes)
    if "filter_conditions" in body:
        terms = _read_filters(terms, body["filter_conditions"], mistakes)
    return terms


def _read_callback(
    terms: IntegrationTerms, parameters: object, mistakes: list[str]
) -> IntegrationTerms:
    if not isinstance(parameters, Mapping):
        mistakes.append("callback_parameters must be an object")
        return terms
    url, key = parameters.get("callback_url"), parameters.get("api_key")
    if not is_loopback(url):
        mistakes.append(
            "callback_url must be an http address on this machine: the simulator sends nowhere else"
        )
    if key is not None and not (isinstance(key, str) and _API_KEY.fullmatch(key)):
        mistakes.append("api_key must be a text of at most 1024 visible characters")
    return replace(terms, callback_url=str(url), api_key=None if key is None else str(key))


def _read_filters(
    terms: IntegrationTerms, conditions: object, mistakes: list[str]
) -> IntegrationTerms:
    if not isinstance(conditions, Mapping) or not conditions.keys() & _FILTERS:
        mistakes.append("filter_conditions needs event_filter or entity_filter")
        return terms
    for name in sorted(conditions):
        names = conditions[name]
        if name not in _FILTERS:
            mistakes.append(f"filter_conditions.{name} is not known")
        elif not isinstance(names, list) or not all(isinstance(entry, str) for entry in names):
            mistakes.append(f"{name} must be a list of names")
    if mistakes:
        return terms
    events, entities = (
        None if conditions.get(name) is None else tuple(conditions[name])
        for name in ("event_filter", "entity_filter")
    )
    return replace(terms, event_filter=events, entity_filter=entities)


_FILTERS = frozenset(("event_filter", "entity_filter"))
