"""Decides what an answer of NetSuite means: by error code (the catalogue of refusals), else by status. Pure.

A mapping's retry rules extend it: they name the same codes, statuses and classes, and how long to wait.
Facts: netsuite.md §2. Titles and types are not read: a 429 comes as "Bad Request".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, unquote, urlsplit

import httpx

from ..findings.errors import LedgerError, NoAnswerError
from ..run.ledger import Answer, Verdict
from ..wire.json_body import document_in, is_json, words_of
from ..wire.retry_after import seconds_to_wait
from .address import RECORDS
from .error_details import ErrorDetail, read_detail
from .masked_words import NOTHING_SENT, SentWords
from .refusals import Catalogue, build_catalogue


@dataclass(frozen=True, slots=True)
class SentRequest:
    """The request that an answer belongs to.

    `writes` means that it changes something; `makes` is the record type that it creates, if any: then a
    success without the id of a new record is unknown. `values` are the words of the values that were
    sent: no message repeats one.
    """

    writes: bool = False
    makes: str | None = None
    values: SentWords = NOTHING_SENT


# 202 only promises to execute the request; no request here asks for that.
BY_STATUS: Mapping[int, Verdict] = {
    202: Verdict.UNKNOWN,
    408: Verdict.UNKNOWN,
    429: Verdict.THROTTLED,
}
# NetSuite does not redirect: a gateway that does may have passed the request on.
BY_CLASS: Mapping[str, Verdict] = {
    "2xx": Verdict.DELIVERED,
    "3xx": Verdict.UNKNOWN,
    "4xx": Verdict.REFUSED,
    "5xx": Verdict.UNKNOWN,
}
# Of several error codes, the first of these verdicts decides.
_URGENCY = (
    Verdict.THROTTLED,
    Verdict.UNKNOWN,
    Verdict.UNAVAILABLE,
    Verdict.REFUSED,
    Verdict.DUPLICATE,
)
_MOST_DETAILS = 50
_MISSING_CODES = frozenset(("NONEXISTENT_ID", "RCRD_DSNT_EXIST"))
# A read of a transaction that does not exist is answered so, with 400 instead of 404 (public reports).
_WRONG_TYPE = frozenset(("INVALID_TRANS_TYP", "TRANSACTION_MISSING"))
# Codes that stand for many errors, and so for a missing transaction, too.
_GENERAL_CODES = frozenset(
    (code,)
    for code in ("USER_ERROR", "INVALID_CONTENT", "INVALID_REQUEST", "INVALID_ID", "NONEXISTENT_ID")
)


def read_answer(
    response: httpx.Response,
    *,
    base_url: str,
    sent: SentRequest = SentRequest(),
    catalogue: Catalogue | None = None,
) -> Answer:
    """Return the answer that a response means. An unknown read changed nothing: it is unavailable.

    Without a `catalogue` of refusals it is the shipped one.
    """
    known = catalogue or build_catalogue()
    status = response.status_code
    details = (
        tuple(_read_details(response, sent.values, known))
        if status >= httpx.codes.BAD_REQUEST
        else ()
    )
    codes = tuple(dict.fromkeys(code for detail in details for code in detail.codes))
    verdict = find_verdict(status, codes, known)
    if verdict is Verdict.UNKNOWN and not sent.writes:
        verdict = Verdict.UNAVAILABLE
    class_ = f"{status // 100}xx"
    if verdict is Verdict.DELIVERED:
        answer = Answer(verdict=verdict, class_=class_, status=status, codes=codes)
        return _read_written_id(answer, response, base_url, sent.makes) if sent.writes else answer
    words = "; ".join(detail.words for detail in details[:3]) or words_of(response)
    wait = seconds_to_wait(response.headers)
    return Answer(
        verdict=verdict,
        class_=class_,
        status=status,
        codes=codes,
        words=words,
        retry_after=wait,
    )


def find_verdict(status: int, codes: tuple[str, ...], catalogue: Catalogue) -> Verdict:
    """Return the verdict of a status and error codes."""
    known = catalogue.verdicts
    decided = {known[code] for code in codes if code in known}
    for verdict in _URGENCY:
        if verdict in decided:
            return verdict
    return BY_STATUS.get(status) or BY_CLASS.get(f"{status // 100}xx", Verdict.UNKNOWN)


def is_missing(error: LedgerError) -> bool:
    """Whether NetSuite itself reports that the record to read does not exist."""
    if error.status == httpx.codes.NOT_FOUND:
        return not _MISSING_CODES.isdisjoint(error.codes)
    return error.status == httpx.codes.BAD_REQUEST and not _WRONG_TYPE.isdisjoint(error.codes)


def may_be_missing(error: LedgerError) -> bool:
    """Whether a refused read may mean that the record does not exist: its words are unknown."""
    return error.status == httpx.codes.BAD_REQUEST and error.codes[:1] in _GENERAL_CODES


def answer_without_response(error: NoAnswerError, *, writes: bool = False) -> Answer:
    """Return the answer for a request without response: unknown if a write may have arrived."""
    verdict = Verdict.UNKNOWN if writes and error.sent else Verdict.UNAVAILABLE
    class_ = "connect" if error.kind == "connect" else "timeout"
    return Answer(verdict, class_, words=f"NetSuite gave no answer: {error}")


def _read_written_id(
    answer: Answer, response: httpx.Response, base_url: str, makes: str | None
) -> Answer:
    """Return the answer with the id of the written record; unknown if it is not an answer of NetSuite."""
    location = response.headers.get("location")
    id_ = None if location is None else read_id(location, base_url, makes)
    is_empty = not response.content
    if id_ is None and (makes or location is not None or not is_empty):
        words = f"the answer does not come from NetSuite ({words_of(response)})"
        return replace(answer, verdict=Verdict.UNKNOWN, words=words)
    return replace(answer, id=id_)


def _read_details(
    response: httpx.Response, values: SentWords, catalogue: Catalogue
) -> Iterator[ErrorDetail]:
    """Read the error details; none in an answer that is not JSON."""
    if not is_json(response):
        return
    try:
        document = document_in(response, about="NetSuite's answer")
    except NoAnswerError:
        return
    found = document.get("o:errorDetails") if isinstance(document, Mapping) else None
    for entry in found[:_MOST_DETAILS] if isinstance(found, list) else ():
        if isinstance(entry, Mapping):
            yield read_detail(entry, values, catalogue)


_ID = re.compile(r"[0-9]{1,20}")
_PORTS = {"http": 80, "https": 443}


def read_id(location: str, base_url: str, record: str | None = None) -> str | None:
    """Return the internal id at the end of a Location header; None when it leads elsewhere.

    Elsewhere means another host, a path outside the record service, or another record type than
    `record`, if given.
    """
    try:
        base = urlsplit(base_url)
        target = urlsplit(base_url + location if location.startswith("/") else location)
        same_site = _read_site(base) == _read_site(target)
    except ValueError:
        return None
    path = unquote(target.path)
    match = re.fullmatch(rf"{re.escape(base.path + RECORDS)}/([^/]+)/([^/]+)", path)
    if not same_site or match is None or not _ID.fullmatch(match[2]):
        return None
    return match[2] if record is None or match[1].lower() == record.lower() else None


def _read_site(parts: SplitResult) -> tuple[str, str | None, int | None, bool]:
    """Return scheme, host and port of an address, and whether it holds a user name."""
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme), "@" in parts.netloc
