"""The record service: the endpoints of `/services/rest/record/v1/{type}…`.

Source: the operations of Oracle's REST API Browser 2026.1, and section_1545141395 (create),
section_156335203191 (upsert), section_1545297048 (replace), section_156334828635 (external ids).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response

from .bodies import parse_body
from .exposure import list_hidden
from .kinds import RecordGroup, RecordKind, find_kind
from .ledger import StoredRecord
from .list_conditions import parse_conditions
from .names import Body, normalize_names
from .record_view import (
    View,
    format_address,
    render_collection,
    render_line,
    render_member,
    render_record,
    render_sublist,
)
from .refusals import (
    RefusalDetail,
    RefusalError,
    invalid_content,
    invalid_parameter,
    record_not_found,
    transaction_type_incorrect,
)
from .responses import COLLECTION, respond_json, respond_stored
from .site import Site
from .transforms import split_lines, transform_record
from .write_record import create_record, update_record

_NAME_VALIDATION = "X-NetSuite-PropertyNameValidation"
_MODES = ("error", "warning", "ignore")
_EXTERNAL = "eid:"
_ADDRESSABLE = re.compile(r"[A-Za-z0-9_-]+")
_MAX_PAGE = 1000


@dataclass(frozen=True, slots=True)
class RecordCall:
    """One request to the record service; `path` holds the parameters of its path."""

    site: Site
    base: str
    path: dict[str, str]
    query: QueryParams
    headers: Headers
    data: bytes

    @property
    def kind(self) -> RecordKind:
        """The record type. Raise RefusalError for an unknown one."""
        return require_kind(self.path["type"])

    @property
    def view(self) -> View:
        """How records are rendered."""
        only = self.query.get("fields")
        return View(
            self.base,
            expand=self.query.get("expandSubResources", "").lower() == "true",
            simple=self.query.get("simpleEnumFormat", "").lower() == "true",
            only=None if only is None else frozenset(only.lower().split(",")),
        )

    @property
    def replaced(self) -> frozenset[str]:
        """The sublists whose lines are replaced, in lower case."""
        return frozenset(self.query.get("replace", "").lower().split(","))

    def read_body(self, kind: RecordKind) -> tuple[Body, dict[str, str]]:
        """Return the body with canonical names, and the headers that warn of dropped names.

        Raise RefusalError for a body that is not a JSON map, and for unknown names when those are errors.
        """
        return self.normalize_body(kind, parse_body(self.data))

    def normalize_body(self, kind: RecordKind, sent: Body) -> tuple[Body, dict[str, str]]:
        """Return the same for a body that is already parsed."""
        mode = self.headers.get(_NAME_VALIDATION, "warning").lower()
        if mode not in _MODES:
            raise invalid_parameter(f"{_NAME_VALIDATION} must be Error, Warning or Ignore")
        body, unknown = normalize_names(kind, sent, self.site.account)
        if unknown and mode == "error":
            raise invalid_content((f"Unknown field name {name}", name) for name in unknown)
        return body, build_warning(unknown) if mode == "warning" else {}


def require_kind(name: str) -> RecordKind:
    """Return the record type of a name. Raise RefusalError (404) for an unknown one."""
    kind = find_kind(name)
    if kind is None:
        words = f"Record type '{name}' does not exist"
        raise RefusalError(404, [RefusalDetail("INVALID_CONTENT", words)])
    return kind


def build_warning(unknown: tuple[str, ...]) -> dict[str, str]:
    """Build the header that lists the dropped names, in ASCII, at most 500 characters of them."""
    names = ", ".join(name.encode("ascii", "backslashreplace").decode() for name in unknown)
    safe = re.sub(r"[^ -~]", "?", names)[:500]
    return {"X-NetSuite-Warning": f"Unknown field names: {safe}"} if unknown else {}


def require_record(call: RecordCall) -> StoredRecord:
    """Return the record at an address, by its id or external id. Raise RefusalError (404)."""
    kind, key = call.kind, call.path["id"]
    record = (
        _find_by_external_id(call, kind)
        if _is_external(key)
        else call.site.ledger.find_by_id(key, kind)
    )
    if record is None:
        raise record_not_found()
    return record


def read_record(call: RecordCall) -> StoredRecord:
    """Return the record that GET reads, which may lag behind, or be refused, as the settings say."""
    settings, kind, key = call.site.settings, call.kind, call.path["id"]
    if _is_external(key):
        record = require_record(call)
        if settings.search_lag_by_external_id:
            call.site.search.refresh()
            found = call.site.search.find_by_id(record.id)
            if found is None:
                raise record_not_found()
            return found
        return record
    is_transaction = kind.group is RecordGroup.TRANSACTION
    is_missing = call.site.ledger.find_by_id(key, kind) is None
    if is_missing and is_transaction and settings.missing_transaction == "400":
        raise transaction_type_incorrect()
    return require_record(call)


def get_record(call: RecordCall) -> Response:
    """`GET /{type}/{id}`: return a record."""
    document = render_record(call.site, read_record(call), call.view)
    hidden = list_hidden(call.site.account, call.kind.record)
    return respond_json({name: document[name] for name in document if name.lower() not in hidden})


def list_records(call: RecordCall) -> Response:
    """`GET /{type}`: return the addresses of records that a search finds; `ids` is not simulated."""
    if "ids" in call.query:
        raise invalid_parameter("ids in a list is not simulated; use SuiteQL")
    matches = parse_conditions(call.query.get("q"))
    limit, offset = read_page(call.query)
    call.site.search.refresh()
    records = [record for record in call.site.search.list_records(call.kind) if matches(record)]
    members = [render_member(record, call.view) for record in records[offset : offset + limit]]
    here = f"{call.base}/{call.kind.record}"
    return respond_json(
        render_collection(members, here, total=len(records), offset=offset), COLLECTION
    )


def get_part(call: RecordCall) -> Response:
    """`GET /{type}/{id}/{part}`: return a sublist, or an inner map such as an address."""
    record, name = read_record(call), _find_part(call)
    if name in record.sublists:
        return respond_json(render_sublist(call.site, record, name, call.view), COLLECTION)
    value = record.fields.get(name)
    if not isinstance(value, dict):
        raise record_not_found()
    return respond_json(value)


def get_line(call: RecordCall) -> Response:
    """`GET /{type}/{id}/{sublist}/{line}`: return a line."""
    record, name = require_record(call), _find_part(call)
    for line in record.sublists.get(name, ()):
        if str(line.get("line")) == call.path["line"]:
            return respond_json(render_line(call.site, record, name, line, call.view))
    raise record_not_found()


def post_record(call: RecordCall) -> Response:
    """`POST /{type}`: create a record; 204 with its address."""
    body, warnings = call.read_body(call.kind)
    record = create_record(call.site, call.kind, body)
    return respond_stored(format_address(record, call.view), warnings)


def patch_record(call: RecordCall) -> Response:
    """`PATCH /{type}/{id}`: change a record."""
    record = require_record(call)
    body, warnings = call.read_body(record.kind)
    update_record(call.site, record, body, call.replaced)
    return respond_stored(None, warnings)


def put_record(call: RecordCall) -> Response:
    """`PUT /{type}/eid:{external id}`: create the record, or change the existing one."""
    key = call.path["id"]
    if not _is_external(key):
        raise invalid_parameter("PUT needs an external id in the address: eid:…")
    record = _find_by_external_id(call, call.kind)
    body, warnings = call.read_body(call.kind)
    body["externalId"] = key[len(_EXTERNAL) :]
    if record is not None:
        update_record(call.site, record, body, call.replaced)
        return respond_stored(None, warnings)
    record = create_record(call.site, call.kind, body)
    return respond_stored(format_address(record, call.view), warnings)


def post_transform(call: RecordCall) -> Response:
    """`POST /{type}/{id}/!transform/{target}`: 204 with the address of the new record."""
    source, target = require_record(call), require_kind(call.path["target"])
    rest, sent = split_lines(parse_body(call.data, may_be_empty=True))
    keys = list(sent)
    lines = {"item": {"items": [sent[key] for key in keys]}} if sent else {}
    body, warnings = call.normalize_body(target, rest | lines)
    canonical_lines = (body.pop("item", None) or {}).get("items", [])
    record = transform_record(
        call.site, source, target, body, dict(zip(keys, canonical_lines, strict=False))
    )
    return respond_stored(format_address(record, call.view), warnings)


def delete_record(call: RecordCall) -> Response:
    """`DELETE /{type}/{id}`: delete a record."""
    call.site.ledger.forget(require_record(call).id)
    return respond_stored(None, {})


def read_page(query: QueryParams) -> tuple[int, int]:
    """Return `limit` (1 to 1000) and `offset` of a query. Raise RefusalError for other values."""
    limit, offset = query.get("limit", str(_MAX_PAGE)), query.get("offset", "0")
    if not (_is_count(limit) and _is_count(offset)) or not 1 <= int(limit) <= _MAX_PAGE:
        raise invalid_parameter(f"limit must be 1 to {_MAX_PAGE}, offset 0 or more")
    return int(limit), int(offset)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def _is_external(key: str) -> bool:
    return key.lower().startswith(_EXTERNAL)


def _find_by_external_id(call: RecordCall, kind: RecordKind) -> StoredRecord | None:
    """Return the record of this type with the external id; a record of another type does not count."""
    external_id = call.path["id"][len(_EXTERNAL) :]
    if not _ADDRESSABLE.fullmatch(external_id):
        words = "An external id in an address may hold only letters, digits, _ and -"
        raise RefusalError(400, [RefusalDetail("INVALID_ID", words)])
    record = call.site.ledger.find_by_external_id(kind.group, external_id)
    return record if record and record.kind == kind else None


def _find_part(call: RecordCall) -> str:
    part = call.path["part"].lower()
    record = require_record(call)
    names: dict[str, Any] = {**record.fields, **record.sublists}
    return next((name for name in names if name.lower() == part), "")
