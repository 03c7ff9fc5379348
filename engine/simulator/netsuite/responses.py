"""Responses in NetSuite's form: JSON with exact numbers, and its error documents. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from starlette.responses import Response

from ...documents import write_json_bytes
from .refusals import RefusalDetail, RefusalError
from .translate import ENGLISH, translate_text

RECORD = "application/vnd.oracle.resource+json; type=singular"
COLLECTION = "application/vnd.oracle.resource+json; type=collection"
ERROR = "application/vnd.oracle.resource+json; type=error"
_TYPE = "https://www.rfc-editor.org/rfc/rfc9110.html#section-{}"
_TITLES: Mapping[int, tuple[str, str]] = {
    400: ("Bad Request", "15.5.1"),
    401: ("Unauthorized", "15.5.2"),
    403: ("Forbidden", "15.5.4"),
    404: ("Not Found", "15.5.5"),
    405: ("Method Not Allowed", "15.5.6"),
    429: ("Bad Request", "15.5.1"),  # NetSuite's own title; there is no Retry-After
    500: ("Internal Server Error", "15.6.1"),
}


def respond_json(document: object, kind: str = RECORD, *, status: int = 200) -> Response:
    """Return a document as JSON; numbers keep every digit."""
    return Response(write_json_bytes(document), status, media_type=kind)


def respond_stored(location: str | None, headers: Mapping[str, str]) -> Response:
    """Return 204 without a body; `Location` is the absolute address of the created record."""
    where = {"Location": location} if location else {}
    return Response(status_code=204, headers={**headers, **where})


def respond_refused(
    refusal: RefusalError, headers: Mapping[str, str] | None = None, *, language: str = ENGLISH
) -> Response:
    """Return the response to a refused request."""
    return _respond_error(
        refusal.status, refusal.details, refusal.members, headers=headers, language=language
    )


def respond_failed(language: str = ENGLISH) -> Response:
    """Return 500: an unexpected error, without its cause."""
    words = f"An unexpected error occurred. Error ID: {uuid4().hex[:20]}"
    return _respond_error(500, [RefusalDetail("UNEXPECTED_ERROR", words)], {}, language=language)


def _respond_error(
    status: int,
    details: list[RefusalDetail] | tuple[RefusalDetail, ...],
    members: Mapping[str, str],
    *,
    headers: Mapping[str, str] | None = None,
    language: str,
) -> Response:
    title, section = _TITLES.get(status, _TITLES[400])
    document = {
        "type": _TYPE.format(section),
        "title": title,
        "status": status,
        **members,
        "o:errorDetails": [_render_detail(detail, language) for detail in details],
    }
    return Response(write_json_bytes(document), status, headers, ERROR)


def _render_detail(detail: RefusalDetail, language: str) -> dict[str, str]:
    text = detail.text if detail.is_literal else translate_text(detail.text, language)
    document = {"detail": text, "o:errorCode": detail.code}
    return document if detail.path is None else document | {"o:errorPath": detail.path}
