"""What stands in an answer: JSON with exact numbers, or something else. Pure."""

from __future__ import annotations

import re

import httpx

from ..documents import read_json_bytes
from ..findings.errors import NoAnswerError, ReadError

_JSON = re.compile(r"(?i)application/(?:[\w.+-]*\+)?json\b")


def is_json(response: httpx.Response) -> bool:
    """Whether the answer says that its body is JSON (`application/json`, `…+json`)."""
    return bool(_JSON.match(response.headers.get("content-type", "")))


def document_in(response: httpx.Response, *, about: str) -> object:
    """The body as JSON, numbers int or Decimal. Raise NoAnswerError when it is none.

    `about` says whose answer it is, for people: `the answer of the token endpoint`. What the body
    holds is never in the message: it may be a customer's.
    """
    try:
        return read_json_bytes(about, response.content)
    except ReadError as error:
        code = error.findings[0].code if error.findings else "E0502"
    # Not within `except`: the error would be this one's context, with the body in its findings.
    raise NoAnswerError("malformed", f"{about} is not JSON ({code})", sent=True)


def words_of(response: httpx.Response) -> str:
    """What kind of answer it is, without anything it holds: `503, text/html, 5120 bytes`."""
    kind = response.headers.get("content-type", "no content type").split(";")[0].strip()[:60]
    shown = kind if re.fullmatch(r"[\w.+/ -]*", kind) else "odd content type"
    return f"{response.status_code}, {shown}, {len(response.content):,} bytes"
