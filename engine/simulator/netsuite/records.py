"""The record service: what `/services/rest/record/v1/{type}…` does with each method.

Source: the operations of Oracle's REST API Browser 2026.1, and section_1545141395 (create),
section_156335203191 (upsert), section_1545297048 (replace), section_156334828635 (external ids).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response

from .bodies import body_in
from .kinds import RecordKind, kind_named
from .ledger import StoredRecord
from .names import Body, canonical
from .record_view import View, address, collection, line_shown, member, shown, sublist
from .refusals import RefusalDetail, RefusalError, bad_parameter, invalid_content, not_there
from .responses import COLLECTION, json_answer, stored
from .site import Site
from .transforms import quantities_in, transform
from .write_record import create, update

_NAMES = "X-NetSuite-PropertyNameValidation"
_MODES = ("error", "warning", "ignore")
_EXTERNAL = "eid:"
_SPEAKABLE = re.compile(r"[A-Za-z0-9_-]+")
_MOST = 1000


@dataclass(frozen=True, slots=True)
class RecordCall:
    """One request to the record service; `path` holds the parts of its address behind the base."""

    site: Site
    base: str
    path: dict[str, str]
    query: QueryParams
    headers: Headers
    data: bytes

    @property
    def kind(self) -> RecordKind:
        """The type of record. Raise RefusalError for one there is not."""
        return named(self.path["type"])

    @property
    def view(self) -> View:
        """How records are to be shown."""
        only = self.query.get("fields")
        return View(
            self.base,
            expand=self.query.get("expandSubResources", "").lower() == "true",
            simple=self.query.get("simpleEnumFormat", "").lower() == "true",
            only=None if only is None else frozenset(only.lower().split(",")),
        )

    @property
    def replaced(self) -> frozenset[str]:
        """The sublists whose lines are exchanged, in small letters."""
        return frozenset(self.query.get("replace", "").lower().split(","))

    def body(self, kind: RecordKind) -> tuple[Body, dict[str, str]]:
        """The body with canonical names, and the headers that warn of dropped ones.

        Raise RefusalError for a body that is none, and for unknown names when those are errors.
        """
        return self.named(kind, body_in(self.data))

    def named(self, kind: RecordKind, sent: Body) -> tuple[Body, dict[str, str]]:
        """The same for a body that was read."""
        mode = self.headers.get(_NAMES, "warning").lower()
        if mode not in _MODES:
            raise bad_parameter(f"{_NAMES} is Error, Warning or Ignore")
        body, unknown = canonical(kind, sent, self.site.account)
        if unknown and mode == "error":
            raise invalid_content((f"Unknown field name {name}", name) for name in unknown)
        return body, warning_of(unknown) if mode == "warning" else {}


def named(name: str) -> RecordKind:
    """The type of record of that name. Raise RefusalError for one there is not."""
    kind = kind_named(name)
    if kind is None:
        words = f"Record type '{name}' does not exist"
        raise RefusalError(404, [RefusalDetail("INVALID_CONTENT", words)])
    return kind


def warning_of(unknown: tuple[str, ...]) -> dict[str, str]:
    """The header that says which names were dropped, in ASCII and not too long."""
    names = ", ".join(name.encode("ascii", "backslashreplace").decode() for name in unknown)
    safe = re.sub(r"[^ -~]", "?", names)[:500]
    return {"X-NetSuite-Warning": f"Unknown field names: {safe}"} if unknown else {}


def found(call: RecordCall) -> StoredRecord:
    """The record that an address names, by its id or external id. Raise RefusalError (404)."""
    kind, key = call.kind, call.path["id"]
    record = (
        _by_external_id(call, kind) if _is_external(key) else call.site.ledger.with_id(key, kind)
    )
    if record is None:
        raise not_there()
    return record


def read_one(call: RecordCall) -> Response:
    """`GET /{type}/{id}`."""
    return json_answer(shown(call.site, found(call), call.view))


def read_list(call: RecordCall) -> Response:
    """`GET /{type}`: addresses only; `q` is not among what is played."""
    if "q" in call.query or "ids" in call.query:
        raise bad_parameter("q and ids are not simulated; use SuiteQL")
    limit, offset = page(call.query)
    records = list(call.site.ledger.of(call.kind))
    part = [member(record, call.view) for record in records[offset : offset + limit]]
    here = f"{call.base}/{call.kind.record}"
    return json_answer(collection(part, here, total=len(records), offset=offset), COLLECTION)


def read_part(call: RecordCall) -> Response:
    """`GET /{type}/{id}/{part}`: a sublist, or an inner map such as an address."""
    record, name = found(call), _part_of(call)
    if name in record.sublists:
        return json_answer(sublist(call.site, record, name, call.view), COLLECTION)
    value = record.fields.get(name)
    if not isinstance(value, dict):
        raise not_there()
    return json_answer(value)


def read_line(call: RecordCall) -> Response:
    """`GET /{type}/{id}/{sublist}/{line}`."""
    record, name = found(call), _part_of(call)
    for line in record.sublists.get(name, ()):
        if str(line.get("line")) == call.path["line"]:
            return json_answer(line_shown(call.site, record, name, line, call.view))
    raise not_there()


def create_one(call: RecordCall) -> Response:
    """`POST /{type}`: 204 with the address of the new record."""
    body, warnings = call.body(call.kind)
    record = create(call.site, call.kind, body)
    return stored(address(record, call.view), warnings)


def change_one(call: RecordCall) -> Response:
    """`PATCH /{type}/{id}`."""
    record = found(call)
    body, warnings = call.body(record.kind)
    update(call.site, record, body, call.replaced)
    return stored(None, warnings)


def put_one(call: RecordCall) -> Response:
    """`PUT /{type}/eid:{external id}`: create it, or change the one there is."""
    key = call.path["id"]
    if not _is_external(key):
        raise bad_parameter("PUT takes an external id: eid:…")
    record = _by_external_id(call, call.kind)
    body, warnings = call.body(call.kind)
    body["externalId"] = key[len(_EXTERNAL) :]
    if record is not None:
        update(call.site, record, body, call.replaced)
        return stored(None, warnings)
    record = create(call.site, call.kind, body)
    return stored(address(record, call.view), warnings)


def transform_one(call: RecordCall) -> Response:
    """`POST /{type}/{id}/!transform/{target}`: 204 with the address of what was made."""
    source, target = found(call), named(call.path["target"])
    rest, sent = quantities_in(body_in(call.data, may_be_empty=True))
    keys = list(sent)
    lines = {"item": {"items": [sent[key] for key in keys]}} if sent else {}
    body, warnings = call.named(target, rest | lines)
    named_lines = (body.pop("item", None) or {}).get("items", [])
    record = transform(call.site, source, target, body, dict(zip(keys, named_lines, strict=False)))
    return stored(address(record, call.view), warnings)


def remove_one(call: RecordCall) -> Response:
    """`DELETE /{type}/{id}`."""
    call.site.ledger.forget(found(call).id)
    return stored(None, {})


def page(query: QueryParams) -> tuple[int, int]:
    """`limit` (1 to 1000) and `offset` of a query. Raise RefusalError for what is none."""
    limit, offset = query.get("limit", str(_MOST)), query.get("offset", "0")
    if not (_is_count(limit) and _is_count(offset)) or not 1 <= int(limit) <= _MOST:
        raise bad_parameter(f"limit is 1 to {_MOST}, offset 0 or more")
    return int(limit), int(offset)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def _is_external(key: str) -> bool:
    return key.lower().startswith(_EXTERNAL)


def _by_external_id(call: RecordCall, kind: RecordKind) -> StoredRecord | None:
    """The record of this type with the external id; the same id of another type is not found."""
    external_id = call.path["id"][len(_EXTERNAL) :]
    if not _SPEAKABLE.fullmatch(external_id):
        words = "An external id in an address holds letters, digits, _ and -"
        raise RefusalError(400, [RefusalDetail("INVALID_ID", words)])
    record = call.site.ledger.with_external_id(kind.group, external_id)
    return record if record and record.kind == kind else None


def _part_of(call: RecordCall) -> str:
    wanted = call.path["part"].lower()
    record = found(call)
    names: dict[str, Any] = {**record.fields, **record.sublists}
    return next((name for name in names if name.lower() == wanted), "")
