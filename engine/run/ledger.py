"""The ledger, as deliveries use it: one protocol, and the data that passes through it.

The runtime names no ledger. A room that speaks to one (`netsuite`) implements `Ledger`; the commands
hand it to the service and to deliveries. Nothing here has a clock, a network or a file.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from ..findings.diagnostics import Finding
from ..findings.errors import LedgerError
from ..findings.health import CheckResult
from ..mapping.lookups import Table
from ..mapping.plan import LiveLookup, Plan
from .inputs import Inputs
from .outcome import Payload

CREATED, TRANSFORMED = "created", "transformed"
ALREADY_THERE, EARLIER, FOUND = "already there", "posted earlier", "found"


class Verdict(StrEnum):
    """What became of a request."""

    DELIVERED = "delivered"
    DUPLICATE = "duplicate"  # the external id is in use; a look-up shows by which record
    REFUSED = "refused"  # not carried out, and will not be carried out as it stands
    THROTTLED = "throttled"  # not carried out: too many concurrent requests
    UNAVAILABLE = "unavailable"  # not carried out: the ledger was not reached
    UNKNOWN = "unknown"  # it may have been carried out: look before sending again
    # Refused, though an earlier request may have written the record, and no look-up shows it yet.
    UNSETTLED = "unsettled"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the ledger, understood.

    `codes` are the ledger's error codes, and ours where only the wording tells; `class_` is `2xx` to
    `5xx`, `connect` or `timeout`. `words` are for people and hold no value of the request. `id` is the
    record's internal id. `retry_after` is in seconds.
    """

    verdict: Verdict
    class_: str
    status: int | None = None
    codes: tuple[str, ...] = ()
    words: str = ""
    id: str | None = None
    retry_after: float | None = None


class ClosedPeriod(StrEnum):
    """What happens to a transaction whose accounting period is closed."""

    PARK = "park"
    FIRST_OPEN_DAY = "first_open_day"


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A transaction date that differs from the mapping's: the day it was, and the day it is."""

    before: date
    after: date

    @classmethod
    def of(cls, document: Mapping[str, str]) -> MovedDate:
        """Read the date back from its JSON object."""
        return cls(date.fromisoformat(document["from"]), date.fromisoformat(document["to"]))

    def document(self) -> dict[str, object]:
        """Return the move as a JSON object."""
        return {"from": self.before.isoformat(), "to": self.after.isoformat()}

    @property
    def words(self) -> str:
        """The move in words: `dated 2026-12-01 instead of 2026-11-30`."""
        return f"dated {self.after} instead of {self.before}"


@dataclass(frozen=True, slots=True)
class WrittenRecord:
    """A record that exists in the ledger.

    `how` is `created`, `found` (by `ensure`), `already there` (an earlier attempt wrote it),
    `updated`, `upserted`, `transformed` or `posted earlier` (an earlier integration wrote it, under the
    external id given here). `moved` is set when its date is not the mapping's, whose period was closed.
    `is_confirmed` is false once it could not be read back as the mapping expects it.
    """

    name: str
    record: str
    external_id: str | None
    id: str
    how: str
    moved: MovedDate | None = None
    is_confirmed: bool = True

    def document(self) -> dict[str, object]:
        """Return the record as a JSON object."""
        return {
            "name": self.name,
            "record": self.record,
            "external_id": self.external_id,
            "id": self.id,
            "how": self.how,
            "moved": self.moved and self.moved.document(),
        } | ({} if self.is_confirmed else {"is_confirmed": False})

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> WrittenRecord:
        """Read a record of an earlier attempt back from its JSON object."""
        moved = document.get("moved")
        return cls(
            name=document["name"],
            record=document["record"],
            external_id=document["external_id"],
            id=document["id"],
            how=ALREADY_THERE,
            moved=None if moved is None else MovedDate.of(moved),
            is_confirmed=document.get("is_confirmed", True),
        )


@dataclass(frozen=True, slots=True)
class StoppedRecord:
    """A record that was not written, or whose state is unknown.

    `reason` is `id_taken`, `not_confirmed`, `line_not_found`, `record_missing`, `period_closed`, or the
    verdict of the ledger's `answer`. `is_unsure` means that a request was sent that may have written this
    record: look before sending again. A read that fails is never a reason for it. `written` is the record
    that certainly stands and was not confirmed.
    """

    reason: str
    words: str
    answer: Answer | None = None
    is_unsure: bool = False
    written: WrittenRecord | None = None


WriteResult = WrittenRecord | StoppedRecord


# After these answers the record may stand.
_CARRIED_OUT = (Verdict.UNKNOWN, Verdict.DELIVERED)


# Whether a record that was found in the ledger already holds an update.
HasLanded = Callable[[Mapping[str, object]], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class RecordWrite:
    """One record about to be written.

    `external_id` is the payload's, as the mapping gives it: every way of writing needs one. `body` and
    `details` are the payload's, with the ids of records written before. `look_first` means that an
    earlier attempt may have written it. `has_landed` reports, for an update, whether a record that was
    found already holds the change. `origin` is the id of the record that a transform starts from.
    `may_move` allows a new record to be dated on the first open day when its period is closed.
    `private` is all that the delivery sends: no message may repeat any of it. `answers` collects the
    answers to requests that write, `moves` each date that replaced the payload's.
    """

    payload: Payload
    external_id: str
    body: Mapping[str, object]
    details: Mapping[str, object]
    look_first: bool
    has_landed: HasLanded
    origin: str | None = None
    may_move: bool = False
    private: object = None
    answers: list[Answer] = field(default_factory=list)
    moves: list[MovedDate] = field(default_factory=list)

    def written(self, id_: str, how: str) -> WrittenRecord:
        """Return the record as it exists in the ledger."""
        payload = self.payload
        return WrittenRecord(
            name=payload.name,
            record=payload.record,
            external_id=payload.external_id,
            id=id_,
            how=how,
            moved=self.moved,
        )

    @property
    def moved(self) -> MovedDate | None:
        """The last move of its date, if any."""
        return self.moves[-1] if self.moves else None

    @property
    def is_unsure(self) -> bool:
        """Whether a request of this or an earlier attempt may have written the record.

        One that was reported as written counts until its id is known.
        """
        return self.look_first or any(a.verdict in _CARRIED_OUT for a in self.answers)

    def keep(self, answer: Answer) -> Answer:
        """Keep an answer, and return it."""
        self.answers.append(answer)
        return answer

    def explain(self, words: str) -> Answer:
        """Add words to the answer kept last, and return it."""
        last = self.answers[-1]
        self.answers[-1] = replace(last, words=f"{last.words}, {words}")
        return self.answers[-1]


class ForecastKind(StrEnum):
    """What would become of a record.

    `CREATED`, `CHANGED` and `STANDS` (it exists already) are good; `OPEN` is known only after the record
    it refers to is written. `TAKEN` (another record has its external id), `MISSING` (the record to change
    or transform does not exist), `CLOSED` (its accounting period, where the tenant moves no date) and
    `UNKNOWN` (the ledger does not tell) would stop a delivery.
    """

    CREATED = "created"
    CHANGED = "changed"
    STANDS = "stands"
    OPEN = "open"
    TAKEN = "taken"
    MISSING = "missing"
    CLOSED = "closed"
    UNKNOWN = "unknown"


_STOPS = (ForecastKind.TAKEN, ForecastKind.MISSING, ForecastKind.CLOSED, ForecastKind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would become of a payload; `words` are for people: `would be created`."""

    payload: Payload
    kind: ForecastKind
    words: str

    @property
    def is_trouble(self) -> bool:
        """Whether a delivery would stop at this record."""
        return self.kind in _STOPS

    def document(self) -> dict[str, object]:
        """Return the forecast as a JSON object."""
        return {
            "name": self.payload.name,
            "record": self.payload.record,
            "external_id": self.payload.external_id,
            "fate": self.kind.value,
            "is_trouble": self.is_trouble,
            "words": self.words,
        }


class Ledger(Protocol):
    """An account of the ledger: each record is looked up, written once, and read back.

    No method raises for what the ledger or the network does: the result says it. A write that was not
    answered is unknown, never failed; the ledger looks the external id up before it sends again.
    """

    @property
    def account(self) -> str:
        """The account, as all tenants that share it name it."""
        ...

    @property
    def in_use(self) -> int:
        """The number of this client's open requests."""
        ...

    def stored_id(self, external_id: str) -> str:
        """Return an external id as the ledger stores it."""
        ...

    def check_credentials(self, now: datetime) -> CheckResult:
        """Report how long the credentials stay valid. Raise CredentialError when they are unusable."""
        ...

    async def look_up(self, payload: Payload, closed_period: ClosedPeriod) -> Forecast:
        """Report what writing a payload would do now; read only."""
        ...

    async def create(self, write: RecordWrite) -> WriteResult:
        """Create a record, unless an earlier attempt or an earlier integration did."""
        ...

    async def ensure(self, write: RecordWrite) -> WriteResult:
        """Find a record by the mapping's `find`, or create it; change nothing that exists."""
        ...

    async def update(self, write: RecordWrite) -> WriteResult:
        """Change a record that exists, unless it holds the change already."""
        ...

    async def upsert(self, write: RecordWrite) -> WriteResult:
        """Create or replace a record by its external id."""
        ...

    async def transform(self, write: RecordWrite) -> WriteResult:
        """Create a record from another one."""
        ...

    async def read_back(self, write: RecordWrite, written: WrittenRecord) -> WriteResult:
        """Compare a written record with what the mapping's `confirm` expects."""
        ...

    async def find_written(self, write: RecordWrite) -> WriteResult | None:
        """Find the record that an earlier request may have written; None where there is none.

        Write nothing. The result is a stop where a different record has the external id.
        """
        ...

    async def exists(self, written: WrittenRecord) -> bool:
        """Whether a record that was written is still there. Raise LedgerError."""
        ...


class Lookups(Protocol):
    """The live lookups of an account."""

    async def tables(
        self, plan: Plan, inputs: Inputs
    ) -> tuple[dict[str, Table], tuple[Finding, ...]]:
        """Return the tables that an order needs, and the findings that prevent them.

        Raise LedgerError when the ledger does not answer.
        """
        ...

    def forget(self, live: LiveLookup) -> None:
        """Forget which keys a lookup did not find: a record that was just created must be found."""
        ...


def error_of(answer: Answer) -> LedgerError:
    """Return the exception that ends a read with this answer."""
    error = LedgerError(
        answer.words,
        verdict=answer.verdict.value,
        class_=answer.class_,
        status=answer.status,
        codes=answer.codes,
    )
    error.retry_after = answer.retry_after
    return error


def answer_in(error: LedgerError) -> Answer:
    """Return the answer that an exception was made of."""
    return Answer(
        verdict=Verdict(error.verdict),
        class_=error.class_,
        status=error.status,
        codes=error.codes,
        words=str(error),
        retry_after=error.retry_after,
    )
