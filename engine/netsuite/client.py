"""One account's REST services: every request signed when it is sent, every answer understood.

No request is ever sent twice here, but for the one that a stale token failed: whether a record may
be written again is the delivery's business, which looks first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode

import httpx

from ..documents import write_json_bytes
from ..findings.errors import AddressError, CredentialError, LedgerError, NoAnswerError
from ..run.ledger import Answer, Verdict, error_of
from ..wire import SEND_BY, ExchangeBounds, document_in, open_client, whole_url
from ..wire.allowance import Allowance, FixedAllowance
from .address import RECORDS, SUITEQL, NetSuiteAddress
from .auth import CertificateKey, Clocks, TokenKey, build_auth
from .error_details import collect_literal_words, collect_words
from .external_ids import safe_id
from .verdicts import SentRequest, answer_without_response, is_missing, read_answer

# NetSuite ends a request after 15 minutes; a record of an order takes seconds.
BOUNDS = ExchangeBounds(deadline=60.0, received=16 * 1024 * 1024, inflated=32 * 1024 * 1024)
PAGE, _MOST_ROWS = 1_000, 100_000
# All pages of a query together may take so many deadlines of one exchange.
_DEADLINES_OF_ALL_PAGES = 3
_HEADERS = {
    "Content-Type": "application/json",
    "X-NetSuite-PropertyNameValidation": "Error",
}
_QUERY_HEADERS = {"Content-Type": "application/json", "Prefer": "transient"}
# Servers commonly take 8,000 characters, and httpx raises an error of its own at 65,536.
_LONGEST_PATH = 8_000
_EXPANDED = "?expandSubResources=true&simpleEnumFormat=true"


class NetSuite:
    """The record service and SuiteQL of an account; use as `async with`.

    At most `allowance` requests are open at once, those of others among them where it is shared; a
    request is signed after it has waited for its turn, because a signature grows old; `in_use` says
    how many of its own are open now. Writes return an Answer and raise nothing for what
    NetSuite or the network do; reads raise LedgerError.
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
        self._client = open_client(address.base_url, bounds, trust_env=address.trusts_environment)
        self._auth = build_auth(address, key, clocks, self._post_form)

    async def __aenter__(self) -> Self:
        """Connections are opened when they are needed."""
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
        """PUT a record by its external id, created or changed; the sublists named are replaced.

        Without `replace`, lines that have no `line` would be added each time (netsuite.md §1.4).
        """
        return await self._write(
            "PUT", _build_path(record, eid=external_id) + _build_replace_query(replace), body
        )

    async def update(self, record: str, id_: str, body: Mapping[str, object]) -> Answer:
        """PATCH a record: what is sent changes, lines are told by `line`."""
        return await self._write("PATCH", _build_path(record, id_=id_), body)

    async def transform(
        self, origin: str, id_: str, record: str, body: Mapping[str, object]
    ) -> Answer:
        """Make a record of another one, such as a cash refund of a return; `body` overrides."""
        path = f"{_build_path(origin, id_=id_)}/!transform/{_quote_part(record)}"
        return await self._write("POST", path, body, makes=record)

    async def read(self, record: str, id_: str) -> dict[str, object] | None:
        """A record with its lines, None when there is none of this type. Raise LedgerError."""
        return await self._read(_build_path(record, id_=id_) + _EXPANDED)

    async def read_external(self, record: str, external_id: str) -> dict[str, object] | None:
        """The same by external id."""
        return await self._read(_build_path(record, eid=external_id) + _EXPANDED)

    async def rows(self, query: str) -> list[dict[str, object]]:
        """All rows of a SuiteQL query, page by page. Raise LedgerError.

        Column names are lower case; most values are texts, and null ones are left out. Pages that
        come too slowly, are too many or too large together are no answer.
        """
        try:
            async with asyncio.timeout(self._deadline * _DEADLINES_OF_ALL_PAGES):
                return await self._all_rows(query)
        except TimeoutError:
            words = "the pages of a query do not end in time"
            raise error_of(Answer(Verdict.UNAVAILABLE, "timeout", words=words)) from None

    async def _all_rows(self, query: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        while True:
            path = f"{SUITEQL}?{urlencode({'limit': PAGE, 'offset': len(found)})}"
            page, has_more = _read_page(await self._ask("POST", path, {"q": query}, _QUERY_HEADERS))
            found += page
            if not has_more:
                return found
            if len(found) >= _MOST_ROWS:
                words = f"a query has more than {_MOST_ROWS:,} rows"
                raise error_of(Answer(Verdict.REFUSED, "4xx", words=words))
            if len(page) < PAGE:  # NetSuite fills its pages: whoever does not will never end
                words = "a page of a query is not full, and says that more follow"
                raise error_of(Answer(Verdict.UNAVAILABLE, "5xx", words=words))

    async def document(self, path: str, accept: str) -> dict[str, object]:
        """A JSON document of these services, such as the metadata catalog. Raise LedgerError."""
        return await self._ask("GET", path, None, {"Accept": accept})

    async def _write(
        self, method: str, path: str, body: Mapping[str, object], *, makes: str | None = None
    ) -> Answer:
        try:
            response = await self._send(method, path, body, _HEADERS)
        except NoAnswerError as error:
            return answer_without_response(error, writes=True)
        except CredentialError as error:
            return _credential_answer(error)
        except AddressError as error:
            return _unsent_answer(error)
        values = collect_words(body) if response.is_error else frozenset[str]()
        return self._understood(response, SentRequest(writes=True, makes=makes, values=values))

    async def _read(self, path: str) -> dict[str, object] | None:
        try:
            return await self._ask("GET", path, None, {})
        except LedgerError as error:
            if is_missing(error):
                return None
            raise

    async def _ask(
        self, method: str, path: str, body: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> dict[str, object]:
        try:
            response = await self._send(method, path, body, headers)
            sent = SentRequest(values=collect_literal_words((body or {}).get("q", "")))
            answer = self._understood(response, sent)
            if answer.verdict is not Verdict.DELIVERED:
                raise error_of(answer)
            return _read_map(document_in(response, about="NetSuite's answer"))
        except NoAnswerError as error:
            raise error_of(answer_without_response(error)) from error
        except CredentialError as error:
            raise error_of(_credential_answer(error)) from error
        except AddressError as error:
            raise error_of(_unsent_answer(error)) from error

    def _understood(self, response: httpx.Response, sent: SentRequest) -> Answer:
        answer = read_answer(response, base_url=self.address.base_url, sent=sent)
        if answer.verdict is Verdict.THROTTLED:
            self._allowance.throttled()
        return answer

    async def _send(
        self, method: str, path: str, body: Mapping[str, object] | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        if len(path) > _LONGEST_PATH:
            raise AddressError(f"the address would have {len(path):,} characters")
        content = None if body is None else write_json_bytes(body)
        url = whole_url(self.address.base_url, path)
        async with self._allowance.request() as send_by:
            self.in_use += 1
            try:
                request = self._client.build_request(
                    method,
                    url,
                    content=content,
                    headers=dict(headers),
                    extensions={SEND_BY: send_by},
                )
                return await self._client.send(request, auth=self._auth)
            finally:
                self.in_use -= 1

    async def _post_form(self, url: str, form: dict[str, str]) -> httpx.Response:
        """The token endpoint: whatever fails here, the request itself has not been sent."""
        try:
            return await self._client.post(url, data=form)
        except NoAnswerError as error:
            words = f"no token: {error}"
            raise NoAnswerError(error.kind, words, sent=False) from error


def _build_path(record: str, *, id_: str | None = None, eid: str | None = None) -> str:
    """The path of a type of record, or of one record; ids cannot lead out of it."""
    collection = f"{RECORDS}/{_quote_part(record)}"
    if eid is not None:
        return f"{collection}/eid:{safe_id(eid)}"
    return collection if id_ is None else f"{collection}/{_quote_part(id_)}"


def _quote_part(text: str) -> str:
    """One part of a path: neither a slash nor dots in it lead anywhere."""
    return quote(text, safe="").replace(".", "%2E")


def _build_replace_query(sublists: Sequence[str]) -> str:
    return f"?{urlencode({'replace': ','.join(sublists)})}" if sublists else ""


def _read_page(document: dict[str, object]) -> tuple[list[dict[str, object]], bool]:
    """The rows of a page, and whether there are more. Raise LedgerError for what is no page.

    A page that cannot be read is no empty one: that would say that something is not there.
    """
    items, has_more = document.get("items"), document.get("hasMore") is True
    rows = [row for row in items if isinstance(row, dict)] if isinstance(items, list) else []
    if not isinstance(items, list) or len(rows) != len(items) or (has_more and not rows):
        words = "NetSuite's answer to a query is no page of rows"
        raise error_of(Answer(Verdict.UNAVAILABLE, "5xx", words=words))
    return _normalize_columns(rows), has_more


def _normalize_columns(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The columns, named in lower case, without NetSuite's links."""
    # NetSuite writes lower case itself; to look at all names at once is cheap.
    if any(name != name.lower() for name in set().union(*rows)):
        return [{k.lower(): v for k, v in row.items() if k != "links"} for row in rows]
    for row in rows:
        row.pop("links", None)
    return rows


def _read_map(document: object) -> dict[str, object]:
    if not isinstance(document, dict):
        raise NoAnswerError("malformed", "NetSuite's answer is not a JSON map", sent=True)
    return document


def _credential_answer(error: CredentialError) -> Answer:
    return Answer(Verdict.REFUSED, "4xx", 401, ("INVALID_LOGIN",), str(error))


def _unsent_answer(error: AddressError) -> Answer:
    return Answer(Verdict.REFUSED, "4xx", words=f"nothing was sent to NetSuite: {error}")
