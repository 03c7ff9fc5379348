"""A client of one account's REST services: signs each request when it is sent, reads each answer.

The client sends a request a second time only after a token expired, or when NetSuite refused it for not
naming the company's language. Whether a record may be written
again is decided in `write`, which looks it up first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from types import TracebackType
from typing import Self
from urllib.parse import quote, unquote, urlencode

import httpx

from ..documents import write_json_bytes
from ..findings.errors import AddressError, CredentialError, LedgerError, NoAnswerError
from ..run.ledger import Answer, Verdict, error_of
from ..wire.allowance import Allowance, FixedAllowance
from ..wire.exchange import SEND_BY, ExchangeBounds, distrust
from ..wire.json_body import document_in
from ..wire.open_client import open_client
from ..wire.urls import whole_url
from .address import RECORDS, SUITEQL, NetSuiteAddress
from .auth import CertificateKey, Clocks, TokenKey, build_auth
from .external_ids import safe_id
from .languages import language_headers, read_company_language
from .masked_words import NOTHING_SENT, collect_words, list_literals
from .record_groups import is_transaction
from .refusals import build_catalogue
from .repeated_answers import AnswerHistory, check_document
from .suiteql import fill_query
from .verdicts import (
    SentRequest,
    answer_without_response,
    is_missing,
    may_be_missing,
    read_answer,
)

# NetSuite ends a request after 15 minutes; the record of an order takes seconds.
BOUNDS = ExchangeBounds(deadline=60.0, received=16 * 1024 * 1024, inflated=32 * 1024 * 1024)
# All that the present delivery sends: an answer to one request may repeat what another one sent.
PRIVATE: ContextVar[object] = ContextVar("PRIVATE", default=None)
PAGE, _MOST_ROWS = 1_000, 100_000
# All pages of a query together may take this many deadlines of one exchange.
_DEADLINES_OF_ALL_PAGES = 3
_HEADERS = {
    "Content-Type": "application/json",
    "X-NetSuite-PropertyNameValidation": "Error",
}
_QUERY_HEADERS = {"Content-Type": "application/json", "Prefer": "transient"}
# Servers commonly accept 8,000 characters; httpx raises its own error at 65,536.
_LONGEST_PATH = 8_000
_EXPANDED = "?expandSubResources=true&simpleEnumFormat=true"


class NetSuite:
    """The record service and SuiteQL of an account; use as `async with`.

    `allowance` is the maximum of concurrent requests, those of other clients included if it is shared.
    A request is signed after it has waited for a free slot, because signatures expire. `in_use` is the
    number of this client's open requests. `catalogue` are the refusals it understands. Writes return an Answer and raise nothing for what NetSuite
    or the network do; reads raise LedgerError.
    """

    def __init__(
        self,
        address: NetSuiteAddress,
        key: CertificateKey | TokenKey,
        clocks: Clocks,
        *,
        allowance: int | Allowance,
        bounds: ExchangeBounds = BOUNDS,
    ) -> None:
        self.address = address
        self._deadline = bounds.deadline
        self._allowance = FixedAllowance(allowance) if isinstance(allowance, int) else allowance
        self.in_use = 0
        self.catalogue = build_catalogue()
        self._history = AnswerHistory()
        # The company's language, known after NetSuite refused a request that did not name it.
        self._language: str | None = None
        self._client = open_client(address.base_url, bounds, trust_env=address.trusts_environment)
        self._auth = build_auth(address, key, clocks, self._post_form)

    async def __aenter__(self) -> Self:
        """Return the client; it opens connections when it needs them."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def create(self, record: str, body: Mapping[str, object]) -> Answer:
        """POST a record."""
        return await self._write("POST", _build_path(record), body, makes=record)

    async def upsert(
        self, record: str, external_id: str, body: Mapping[str, object], replace: Sequence[str]
    ) -> Answer:
        """PUT a record by its external id: create or change it, and replace the sublists of `replace`.

        Without `replace`, lines without `line` would be added each time (netsuite.md §1.4).
        """
        return await self._write(
            "PUT", _build_path(record, eid=external_id) + _build_replace_query(replace), body
        )

    async def update(self, record: str, id_: str, body: Mapping[str, object]) -> Answer:
        """PATCH a record: change the values in `body`; `line` identifies a line."""
        return await self._write("PATCH", _build_path(record, id_=id_), body)

    async def transform(
        self, origin: str, id_: str, record: str, body: Mapping[str, object]
    ) -> Answer:
        """Create a record from another one, such as a cash refund from a return; `body` overrides values."""
        path = f"{_build_path(origin, id_=id_)}/!transform/{_quote_part(record)}"
        return await self._write("POST", path, body, makes=record)

    async def read(self, record: str, id_: str) -> dict[str, object] | None:
        """Return a record with its lines; None when none of this type exists. Raise LedgerError."""
        return await self._read(record, _build_path(record, id_=id_), "id", id_)

    async def read_external(self, record: str, external_id: str) -> dict[str, object] | None:
        """Return a record by its external id, as `read` does."""
        path = _build_path(record, eid=external_id)
        return await self._read(record, path, "externalid", safe_id(external_id))

    async def rows(
        self, query: str, expected: Mapping[str, str] | None = None
    ) -> list[dict[str, object]]:
        """Return all rows of a SuiteQL query, read page by page. Raise LedgerError.

        Column names are in lower case; most values are texts, and nulls are left out. Pages that
        together are too slow, too many or too large count as no answer, and so does a row with another
        value than `expected` has for a column: it is the answer to another query.
        """
        try:
            async with asyncio.timeout(self._deadline * _DEADLINES_OF_ALL_PAGES):
                return await self._all_rows(query, expected or {})
        except TimeoutError:
            words = "the pages of a query did not end in time"
            raise error_of(Answer(Verdict.UNAVAILABLE, "timeout", words=words)) from None

    async def _all_rows(self, query: str, expected: Mapping[str, str]) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        while True:
            path = f"{SUITEQL}?{urlencode({'limit': PAGE, 'offset': len(found)})}"
            page, has_more = _read_page(
                await self._fetch("POST", path, {"q": query}, _QUERY_HEADERS, expected)
            )
            found += page
            if not has_more:
                return found
            if len(found) >= _MOST_ROWS:
                words = f"a query has more than {_MOST_ROWS:,} rows"
                raise error_of(Answer(Verdict.REFUSED, "4xx", words=words))
            if len(page) < PAGE:  # NetSuite fills its pages: this might never end
                words = "a page of a query is not full, but reports that more follow"
                raise error_of(Answer(Verdict.UNAVAILABLE, "5xx", words=words))

    async def document(self, path: str, accept: str) -> dict[str, object]:
        """Return a JSON document of these services, such as the metadata catalog. Raise LedgerError."""
        return await self._fetch("GET", path, None, {"Accept": accept})

    async def _write(
        self, method: str, path: str, body: Mapping[str, object], *, makes: str | None = None
    ) -> Answer:
        try:
            response = await self._send(method, path, body, _HEADERS)
            self._history.check(response, makes=makes)
        except NoAnswerError as error:
            return answer_without_response(error, writes=True)
        except CredentialError as error:
            return _credential_answer(error)
        except AddressError as error:
            return _unsent_answer(error)
        is_refused = response.is_error
        sent = [body, _list_sent_ids(path), PRIVATE.get()]
        values = collect_words(sent) if is_refused else NOTHING_SENT
        answer = self._read_answer(response, SentRequest(writes=True, makes=makes, values=values))
        if answer.verdict is Verdict.UNKNOWN and response.is_success:
            distrust(response)
        return answer

    async def _read(
        self, record: str, path: str, column: str, value: str
    ) -> dict[str, object] | None:
        try:
            return await self._fetch("GET", path + _EXPANDED, None, {}, {column: value})
        except LedgerError as error:
            if is_missing(error) or (
                may_be_missing(error)
                and is_transaction(record)
                and not await self._has_transaction(record, column, value)
            ):
                return None
            raise

    async def _has_transaction(self, record: str, column: str, value: str) -> bool:
        """Whether SuiteQL shows a transaction of this type; a read may be refused for a missing one."""
        query = f"SELECT id, externalid, recordtype FROM transaction WHERE {column} = {{value}} ORDER BY id ASC"  # noqa: S608 - the value becomes a literal
        rows = await self.rows(fill_query(query, {"value": value}), {column: value})
        return any(str(row.get("recordtype", "")).lower() == record.lower() for row in rows)

    async def _fetch(
        self,
        method: str,
        path: str,
        body: Mapping[str, str] | None,
        headers: Mapping[str, str],
        expected: Mapping[str, str] | None = None,
    ) -> dict[str, object]:
        try:
            response = await self._send(method, path, body, headers)
            self._history.check(response, makes=None)
            query = (body or {}).get("q")
            literals = list_literals(query) if query else _list_sent_ids(path)
            is_refused = response.is_error
            values = collect_words([literals, PRIVATE.get()]) if is_refused else NOTHING_SENT
            sent = SentRequest(values=values)
            answer = self._read_answer(response, sent)
            if answer.verdict is not Verdict.DELIVERED:
                raise error_of(answer)
            return _read_document(response, expected or {})
        except NoAnswerError as error:
            raise error_of(answer_without_response(error)) from error
        except CredentialError as error:
            raise error_of(_credential_answer(error)) from error
        except AddressError as error:
            raise error_of(_unsent_answer(error)) from error

    def _read_answer(self, response: httpx.Response, sent: SentRequest) -> Answer:
        answer = read_answer(
            response, base_url=self.address.base_url, sent=sent, catalogue=self.catalogue
        )
        if answer.verdict is Verdict.THROTTLED:
            self._allowance.throttled()
        return answer

    async def _send(
        self, method: str, path: str, body: Mapping[str, object] | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        if len(path) > _LONGEST_PATH:
            raise AddressError(f"the address would have {len(path):,} characters")
        content = None if body is None else write_json_bytes(body)
        response = await self._exchange(method, path, content, headers)
        language = read_company_language(response)
        if language is None or language == self._language:
            return response
        self._language = language
        return await self._exchange(method, path, content, headers)

    async def _exchange(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        """Send a request when a slot is free, with the company's language if it is known."""
        url = whole_url(self.address.base_url, path)
        named = language_headers(self._language) if self._language else {}
        async with self._allowance.request() as send_by:
            self.in_use += 1
            try:
                request = self._client.build_request(
                    method,
                    url,
                    content=content,
                    headers=dict(headers) | named,
                    extensions={SEND_BY: send_by},
                )
                return await self._client.send(request, auth=self._auth)
            finally:
                self.in_use -= 1

    async def _post_form(self, url: str, form: dict[str, str]) -> httpx.Response:
        """POST a form to the token endpoint. When this fails, the request itself was not sent."""
        try:
            return await self._client.post(url, data=form)
        except NoAnswerError as error:
            words = f"no token: {error}"
            raise NoAnswerError(error.kind, words, sent=False) from error


def _build_path(record: str, *, id_: str | None = None, eid: str | None = None) -> str:
    """Return the path of a record type, or of one record; no id can lead out of it."""
    collection = f"{RECORDS}/{_quote_part(record)}"
    if eid is not None:
        return f"{collection}/eid:{safe_id(eid)}"
    return collection if id_ is None else f"{collection}/{_quote_part(id_)}"


def _list_sent_ids(path: str) -> list[str]:
    """Return the id or external id that a path of the record service holds."""
    parts = path.removeprefix(RECORDS).partition("?")[0].split("/")
    return [unquote(part).removeprefix("eid:") for part in parts[2:3]]


def _quote_part(text: str) -> str:
    """Return one part of a path, with slashes and dots encoded."""
    return quote(text, safe="").replace(".", "%2E")


def _build_replace_query(sublists: Sequence[str]) -> str:
    return f"?{urlencode({'replace': ','.join(sublists)})}" if sublists else ""


def _read_page(document: dict[str, object]) -> tuple[list[dict[str, object]], bool]:
    """Return the rows of a page, and whether more follow. Raise LedgerError for an invalid page.

    An invalid page does not count as empty: that would mean that a record does not exist.
    """
    items, has_more = document.get("items"), document.get("hasMore") is True
    rows = [row for row in items if isinstance(row, dict)] if isinstance(items, list) else []
    if not isinstance(items, list) or len(rows) != len(items) or (has_more and not rows):
        words = "NetSuite's answer to a query is not a page of rows"
        raise error_of(Answer(Verdict.UNAVAILABLE, "5xx", words=words))
    return _normalize_columns(rows), has_more


def _normalize_columns(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the rows with column names in lower case, without NetSuite's links."""
    # NetSuite writes lower case itself; checking all names at once is cheap.
    if any(name != name.lower() for name in set().union(*rows)):
        return [{k.lower(): v for k, v in row.items() if k != "links"} for row in rows]
    for row in rows:
        row.pop("links", None)
    return rows


def _read_document(response: httpx.Response, expected: Mapping[str, str]) -> dict[str, object]:
    """Return the JSON map of an answer. Raise NoAnswerError when it is none, or another request's."""
    try:
        document = document_in(response, about="NetSuite's answer")
    except NoAnswerError:
        distrust(response)
        raise
    if not isinstance(document, dict):
        raise NoAnswerError("malformed", "NetSuite's answer is not a JSON map", sent=True)
    check_document(response, document, expected)
    return document


def _credential_answer(error: CredentialError) -> Answer:
    return Answer(
        verdict=Verdict.REFUSED,
        class_="4xx",
        status=401,
        codes=("INVALID_LOGIN",),
        words=str(error),
    )


def _unsent_answer(error: AddressError) -> Answer:
    return Answer(Verdict.REFUSED, "4xx", words=f"nothing was sent to NetSuite: {error}")
