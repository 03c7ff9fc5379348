"""What an answer of NetSuite means: one of six verdicts, by error code and status.

The one table. A mapping's retry rules extend it: they say how long to wait for what, and name the
same codes, statuses and classes. Facts: netsuite.md §2. Titles and types are never looked at: a
429 comes as "Bad Request". Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, unquote, urlsplit

import httpx

from ..findings.errors import LedgerError, NoAnswerError
from ..run.ledger import Answer, Verdict
from ..wire import document_in, is_json, seconds_to_wait, words_of
from .address import RECORDS
from .error_details import ErrorDetail, read_detail


@dataclass(frozen=True, slots=True)
class SentRequest:
    """What an answer is about.

    `writes` when the request changes something; `makes` is the type of record it is to make, if
    any: after that, a success that does not say what it made is unknown. `values` are the words of
    the values that were sent, folded (see `wordings.words_in`): no message repeats one.
    """

    writes: bool = False
    makes: str | None = None
    values: Collection[str] = frozenset()


# Error codes that decide, whatever the status. REST's own come first; the others are those of
# SOAP and RESTlets, which gateways and scripts have been seen to pass on.
BY_CODE: Mapping[str, Verdict] = {
    "CONCURRENCY_LIMIT_EXCEEDED": Verdict.THROTTLED,
    "SSS_REQUEST_LIMIT_EXCEEDED": Verdict.THROTTLED,
    "WS_CONCUR_SESSION_DISALLWD": Verdict.THROTTLED,
    "WS_REQUEST_BLOCKED": Verdict.THROTTLED,
    "RECORD_EXISTS": Verdict.DUPLICATE,
    "DUP_RCRD": Verdict.DUPLICATE,
    "UNEXPECTED_ERROR": Verdict.UNKNOWN,
    "INVALID_LOGIN": Verdict.REFUSED,
    "INSUFFICIENT_PERMISSION": Verdict.REFUSED,
    "NONEXISTENT_ID": Verdict.REFUSED,
}
# 202 only promises to do it; nothing here asks for that.
BY_STATUS: Mapping[int, Verdict] = {
    202: Verdict.UNKNOWN,
    408: Verdict.UNKNOWN,
    429: Verdict.THROTTLED,
}
# NetSuite redirects nobody: whoever does, stands between, and may have passed the request on.
BY_CLASS: Mapping[str, Verdict] = {
    "2xx": Verdict.DELIVERED,
    "3xx": Verdict.UNKNOWN,
    "4xx": Verdict.REFUSED,
    "5xx": Verdict.UNKNOWN,
}
# Of several error codes, the one that says most about what to do.
_URGENCY = (Verdict.THROTTLED, Verdict.UNKNOWN, Verdict.REFUSED, Verdict.DUPLICATE)
_MOST_DETAILS = 50
_MISSING_CODES = frozenset(("NONEXISTENT_ID", "RCRD_DSNT_EXIST"))


def read_answer(
    response: httpx.Response, *, base_url: str, sent: SentRequest = SentRequest()
) -> Answer:
    """What an answer means. A read that was not answered has changed nothing, and is unavailable."""
    status = response.status_code
    details = (
        tuple(_read_details(response, sent.values)) if status >= httpx.codes.BAD_REQUEST else ()
    )
    codes = tuple(dict.fromkeys(code for detail in details for code in detail.codes))
    verdict = find_verdict(status, codes)
    if verdict is Verdict.UNKNOWN and not sent.writes:
        verdict = Verdict.UNAVAILABLE
    class_ = f"{status // 100}xx"
    if verdict is Verdict.DELIVERED:
        answer = Answer(verdict, class_, status, codes)
        return _read_written_id(answer, response, base_url, sent.makes) if sent.writes else answer
    words = "; ".join(detail.words for detail in details[:3]) or words_of(response)
    wait = seconds_to_wait(response.headers)
    return Answer(verdict, class_, status, codes, words, retry_after=wait)


def find_verdict(status: int, codes: tuple[str, ...]) -> Verdict:
    """The verdict of a status and error codes, by the table above."""
    decided = {BY_CODE[code] for code in codes if code in BY_CODE}
    for verdict in _URGENCY:
        if verdict in decided:
            return verdict
    return BY_STATUS.get(status) or BY_CLASS.get(f"{status // 100}xx", Verdict.UNKNOWN)


def is_missing(error: LedgerError) -> bool:
    """Whether NetSuite itself says that there is no such record: 404, and its code for it."""
    return error.status == httpx.codes.NOT_FOUND and not _MISSING_CODES.isdisjoint(error.codes)


def answer_without_response(error: NoAnswerError, *, writes: bool = False) -> Answer:
    """What it means that there was no answer: unknown if the write may have arrived."""
    verdict = Verdict.UNKNOWN if writes and error.sent else Verdict.UNAVAILABLE
    class_ = "connect" if error.kind == "connect" else "timeout"
    return Answer(verdict, class_, words=f"NetSuite gave no answer: {error}")


def _read_written_id(
    answer: Answer, response: httpx.Response, base_url: str, makes: str | None
) -> Answer:
    """The answer with the id of what was written, if it says so as NetSuite does."""
    location = response.headers.get("location")
    id_ = None if location is None else read_id(location, base_url, makes)
    is_empty = not response.content
    if id_ is None and (makes or location is not None or not is_empty):
        words = f"the answer is none of NetSuite's ({words_of(response)})"
        return replace(answer, verdict=Verdict.UNKNOWN, words=words)
    return replace(answer, id=id_)


def _read_details(response: httpx.Response, values: Collection[str]) -> Iterator[ErrorDetail]:
    """The error details that can be read; none of an answer that is no JSON."""
    if not is_json(response):
        return
    try:
        document = document_in(response, about="NetSuite's answer")
    except NoAnswerError:
        return
    found = document.get("o:errorDetails") if isinstance(document, Mapping) else None
    for entry in found[:_MOST_DETAILS] if isinstance(found, list) else ():
        if isinstance(entry, Mapping):
            yield read_detail(entry, values)


_ID = re.compile(r"[0-9]{1,20}")
_PORTS = {"http": 80, "https": 443}


def read_id(location: str, base_url: str, record: str | None = None) -> str | None:
    """The internal id at the end of a Location; None when it leads elsewhere.

    Elsewhere is another host, another path than the record service's, and another type than
    `record`, if one is named.
    """
    try:
        here = urlsplit(base_url)
        there = urlsplit(base_url + location if location.startswith("/") else location)
        same_site = _read_site(here) == _read_site(there)
    except ValueError:
        return None
    path = unquote(there.path)
    match = re.fullmatch(rf"{re.escape(here.path + RECORDS)}/([^/]+)/([^/]+)", path)
    if not same_site or match is None or not _ID.fullmatch(match[2]):
        return None
    return match[2] if record is None or match[1].lower() == record.lower() else None


def _read_site(parts: SplitResult) -> tuple[str, str | None, int | None, bool]:
    """Scheme, host and port of an address, and whether it names somebody to sign in as."""
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme), "@" in parts.netloc
