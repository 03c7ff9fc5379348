"""Recognises answers that belong to an earlier request: a gateway repeated them on a kept connection.

HTTP/1.1 numbers no answers, so only what an answer holds tells: NetSuite's id of the operation
(`X-N-OperationId`, which its support asks for), the id of a new record, for a read the id or external id
of the document, and for a query the columns that it compares. An answer that fails counts as none, and
its connection is closed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b

import httpx

from ..findings.errors import NoAnswerError
from ..wire.exchange import distrust

_OPERATION = "x-n-operationid"
_REMEMBERED = 4_096
_WORDS = "the answer belongs to another request"


class AnswerHistory:
    """Remembers the last 4,096 operations and new records of a client: each is answered once."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._operations: dict[str, str] = {}
        self._has_common_id = False

    def check(self, response: httpx.Response, *, makes: str | None) -> None:
        """Raise NoAnswerError for an answer that was given before; remember it otherwise."""
        keys = []
        operation = response.headers.get(_OPERATION)
        if operation and response.is_success and not self._is_common(operation, response):
            keys.append((operation, _digest(response)))
        if makes and response.is_success and (location := response.headers.get("location")):
            keys.append(("", location))
        if any(key in self._seen for key in keys):
            raise _belongs_elsewhere(response)
        self._seen.update(dict.fromkeys(keys))
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    def _is_common(self, operation: str, response: httpx.Response) -> bool:
        """Whether a gateway sets one id for all answers: it has come with two different contents."""
        digest = _digest(response)
        self._has_common_id |= self._operations.setdefault(operation, digest) != digest
        if len(self._operations) > _REMEMBERED:
            self._operations.clear()
        return self._has_common_id


def check_document(
    response: httpx.Response, document: Mapping[str, object], expected: Mapping[str, str]
) -> None:
    """Raise NoAnswerError for a document or page that holds other values than those asked for.

    `expected` are values by column, in lower case: those that every row of a page, or the document, has
    if it has the column. Texts are compared without regard to case, as NetSuite's own search may do.
    """
    items = document.get("items")
    rows = [document] if not isinstance(items, list) else items
    for row in rows:
        if isinstance(row, Mapping) and _differs(row, expected):
            raise _belongs_elsewhere(response)


def _differs(row: Mapping[str, object], expected: Mapping[str, str]) -> bool:
    found = {name.lower(): value for name, value in row.items()}
    return any(
        isinstance(found.get(column), str | int)
        and str(found[column]).strip().casefold() != value.strip().casefold()
        for column, value in expected.items()
    )


def _belongs_elsewhere(response: httpx.Response) -> NoAnswerError:
    distrust(response)
    return NoAnswerError("malformed", _WORDS, sent=True)


def _digest(response: httpx.Response) -> str:
    location = response.headers.get("location", "").encode()
    return blake2b(location + b"\0" + response.content, digest_size=16).hexdigest()
