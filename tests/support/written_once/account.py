"""NetSuite's record service as the writing sees it: it commits or not, its search lags, its ids are unique."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from engine.findings.errors import LedgerError
from engine.run.ledger import Answer, Verdict, error_of

from .tape import Tape

Json = dict[str, Any]
_EXTERNAL_ID = re.compile(r"externalid = '([^']*)'")
_LAG = 5
_LAGS = (("seen late", "read late"), ("read late",))
_EXISTS = (
    Answer(Verdict.DUPLICATE, "4xx", 400, ("RECORD_EXISTS", "USER_ERROR"), "it exists"),
    Answer(Verdict.REFUSED, "4xx", 400, ("USER_ERROR",), "Dieser Datensatz ist vorhanden."),
)
_LOST = Answer(Verdict.UNKNOWN, "timeout", words="no answer")


_NEIGHBOUR = "8"


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Row:
    """A record that stands: from which request on a search shows it, and its external id can be read."""

    record: str
    external_id: str
    body: Json
    seen_from: int
    read_from: int = 0


@dataclass
class PlayedAccount:
    """The account.

    `requests` counts all. `may_stand` says that a transaction was ever carried out or lost, `is_repeated`
    that the last post was refused because its record exists.
    """

    tape: Tape
    rows_by_id: dict[str, Row] = field(default_factory=lambda: {_NEIGHBOUR: _neighbour()})
    late: list[tuple[int, str, Json]] = field(default_factory=list)
    requests: int = 0
    may_stand: bool = False
    is_repeated: bool = False
    ids: Callable[[], int] = field(default_factory=lambda: count(100).__next__)

    def records(self, record: str) -> list[tuple[str, Row]]:
        """The records of a type, without another order that stands beside ours."""
        found = self.rows_by_id.items()
        return [(id_, row) for id_, row in found if row.record == record and id_ != _NEIGHBOUR]

    def arrive(self, *, everything: bool = False) -> None:
        """Carry out the requests that arrive late."""
        due = [one for one in self.late if everything or one[0] <= self.requests]
        self.late = [one for one in self.late if one not in due]
        for _, record, body in due:
            self._commit(record, body)

    def settle(self) -> None:
        """Time passes: searches show everything."""
        self.requests += 2 * _LAG

    def _begin(self) -> None:
        self.requests += 1
        self.arrive()
        if self.tape.pick("lives", "killed before", of=30) != "lives":
            raise Killed

    def _holder(self, record: str, external_id: str) -> Row | None:
        group = {"customer"} if record == "customer" else {"salesOrder", "customerDeposit"}
        found = (row for row in self.rows_by_id.values() if row.record in group)
        return next((row for row in found if row.external_id == external_id), None)

    def _commit(self, record: str, body: Mapping[str, Any]) -> str | None:
        if self._holder(record, body["externalId"]) is not None:
            return None
        lag = self.tape.pick("seen", "seen late", "read late", of=1)
        seen, read = (self.requests + _LAG * (lag in ways) for ways in _LAGS)
        id_ = str(self.ids())
        self.rows_by_id[id_] = Row(record, body["externalId"], dict(body), seen, read)
        return id_

    async def create(self, record: str, body: Mapping[str, Any]) -> Answer:
        self.is_repeated = False
        self._begin()
        way = self.tape.pick(
            "answered", "lost before", "lost after", "late", "throttled", "unreached", "refused",
            "killed after", "another's id",
        )  # fmt: skip
        if way == "throttled":
            return Answer(Verdict.THROTTLED, "4xx", 429)
        if way == "unreached":
            return Answer(Verdict.UNAVAILABLE, "connect")
        if way == "refused":
            return Answer(Verdict.REFUSED, "4xx", 400, ("VALUE_MISSING", "USER_ERROR"), "a value")
        self.may_stand = self.may_stand or record != "customer"
        if way == "lost before":
            return _LOST
        if way == "late":
            self.late.append((self.requests + 4, record, dict(body)))
            return _LOST
        id_ = self._commit(record, body)
        if way == "killed after":
            raise Killed
        if way == "lost after":
            return _LOST
        if id_ is None:
            self.is_repeated = True
            return _EXISTS[self.tape.pick("in code", "in words", of=1) == "in words"]
        # A broken gateway repeats the answer to another request.
        is_repeated = way == "another's id" and record == "salesOrder"
        return Answer(Verdict.DELIVERED, "2xx", 204, id=_NEIGHBOUR if is_repeated else id_)

    def _read(self) -> None:
        self._begin()
        if self.tape.pick("read", "read fails", of=8) != "read":
            raise _unread()

    async def read(self, record: str, id_: str) -> Json | None:
        self._read()
        row = self.rows_by_id.get(id_)
        return None if row is None or row.record != record else _document(id_, row)

    async def read_external(self, record: str, external_id: str) -> Json | None:
        self._read()
        for id_, row in self.records(record):
            if row.external_id == external_id and row.read_from <= self.requests:
                return _document(id_, row)
        return None

    async def rows(self, query: str, _compared: object = None) -> list[Json]:
        self._read()
        shown = [
            (id_, row) for id_, row in self.rows_by_id.items() if row.seen_from <= self.requests
        ]
        if "FROM customer" in query:
            return [{"id": id_} for id_, row in shown if row.record == "customer"]
        match = _EXTERNAL_ID.search(query)
        assert match is not None, query
        return [
            {"id": id_, "recordtype": row.record.lower()}
            for id_, row in shown
            if row.external_id == match[1] and row.record != "customer"
        ]


def _neighbour() -> Row:
    """Another order, of the same amount."""
    line = {"item": {"id": "9"}, "quantity": 1, "rate": Decimal("15.00")}
    body = {"externalId": "SO-OTHER", "entity": {"id": "5"}, "item": {"items": [line]}}
    return Row("salesOrder", "SO-OTHER", body, 0)


def _unread() -> LedgerError:
    return error_of(Answer(Verdict.UNAVAILABLE, "5xx", 503, words="away"))


def _document(id_: str, row: Row) -> Json:
    lines = row.body.get("item", {}).get("items", [])
    total = sum(line["rate"] * line["quantity"] for line in lines)
    return {**row.body, "id": id_, "total": total}
