"""Reads an answer's body as JSON with exact numbers, and describes an answer in words. Pure."""

from __future__ import annotations

import re

import httpx

from ..documents import read_json_bytes
from ..findings.errors import NoAnswerError, ReadError

_JSON = re.compile(r"(?i)application/(?:[\w.+-]*\+)?json\b")


def is_json(response: httpx.Response) -> bool:
    """Whether the content type is JSON (`application/json`, `…+json`)."""
    return bool(_JSON.match(response.headers.get("content-type", "")))


def document_in(response: httpx.Response, *, about: str) -> object:
    """The body as JSON, numbers as int or Decimal. Raise NoAnswerError when it is not JSON.

    `about` names the answer in the message: `the answer of the token endpoint`. The message never
    contains the body, which may hold customer data.
    """
    try:
        return read_json_bytes(about, response.content)
    except ReadError as error:
        code = error.findings[0].code if error.findings else "E0502"
    # Raised outside `except`: its context would hold the body, in the findings of ReadError.
    raise NoAnswerError("malformed", f"{about} is not JSON ({code})", sent=True)


def words_of(response: httpx.Response) -> str:
    """Status, content type and size, without any of the content: `503, text/html, 5,120 bytes`."""
    kind = response.headers.get("content-type", "no content type").split(";")[0].strip()[:60]
    shown = kind if re.fullmatch(r"[\w.+/ -]*", kind) else "odd content type"
    return f"{response.status_code}, {shown}, {len(response.content):,} bytes"
