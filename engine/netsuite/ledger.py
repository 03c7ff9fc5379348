"""A NetSuite account as the ledger of deliveries (`run.ledger.Ledger`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from ..findings.errors import ExpressionError, LedgerError
from ..findings.health import CheckResult
from ..mapping.systems import RECORDS
from ..run import Payload
from ..run.ledger import (
    ClosedPeriod,
    Forecast,
    RecordWrite,
    StoppedRecord,
    WriteResult,
    WrittenRecord,
    answer_in,
)
from . import write as writes
from .auth import CertificateKey, TokenKey
from .certificate import check_certificate
from .client import PRIVATE, NetSuite
from .compare import find_foreign
from .external_ids import LONGEST_ID, safe_id
from .forecast import forecast

_WriteFunction = Callable[[NetSuite, RecordWrite], Awaitable[WriteResult]]


class NetSuiteLedger:
    """Writes each record once over a client of NetSuite's REST services."""

    def __init__(self, client: NetSuite, key: CertificateKey | TokenKey) -> None:
        self.client = client
        self._key = key

    @property
    def account(self) -> str:
        """The account's id: all tenants that share the account share its allowance."""
        return self.client.address.account

    @property
    def in_use(self) -> int:
        """The number of this client's open requests."""
        return self.client.in_use

    def stored_id(self, external_id: str) -> str:
        """Return an external id as NetSuite stores it."""
        return safe_id(external_id)

    def check_credentials(self, now: datetime) -> CheckResult:
        """Report how long the certificate stays valid. Raise CredentialError for an unusable key."""
        result = check_certificate(self._key, now)
        return replace(result, words=f"NetSuite's certificate: {result.words}")

    async def look_up(self, payload: Payload, closed_period: ClosedPeriod) -> Forecast:
        """Report what writing a payload would do now; read only."""
        return await forecast(self.client, payload, closed_period)

    async def create(self, write: RecordWrite) -> WriteResult:
        """POST a record, unless it exists."""
        return await self._write(writes.create, write)

    async def ensure(self, write: RecordWrite) -> WriteResult:
        """Find a record by the mapping's query, or create it."""
        return await self._write(writes.ensure, write)

    async def update(self, write: RecordWrite) -> WriteResult:
        """PATCH a record, its lines matched by a column."""
        return await self._write(writes.update, write)

    async def upsert(self, write: RecordWrite) -> WriteResult:
        """PUT a record by its external id, its sublists replaced."""
        return await self._write(writes.upsert, write)

    async def transform(self, write: RecordWrite) -> WriteResult:
        """Transform one record into another."""
        return await self._write(writes.transform, write)

    async def read_back(self, write: RecordWrite, written: WrittenRecord) -> WriteResult:
        """Read a record and compare it with the mapping's `confirm`."""
        return await writes.read_back(self.client, write, written)

    async def find_written(self, write: RecordWrite) -> WriteResult | None:
        """Find a record under its external id, by a search and by reading it."""
        try:
            return await writes.find_written(self.client, _with_stored_id(write))
        except LedgerError as error:
            return writes.stop_record(answer_in(error))

    async def exists(self, written: WrittenRecord) -> bool:
        """Whether a record with its external id can be read by its internal id. Raise LedgerError."""
        found = await self.client.read(written.record, written.id)
        if found is None or written.external_id is None:
            return found is not None
        return not find_foreign({}, safe_id(written.external_id), found)

    async def _write(self, function: _WriteFunction, write: RecordWrite) -> WriteResult:
        stored_id = safe_id(write.external_id)
        if len(stored_id) > LONGEST_ID:
            words = f"its external id has {len(stored_id):,} characters for NetSuite, more than {LONGEST_ID}"
            return StoppedRecord("refused", words)
        write = _with_stored_id(write)
        private = PRIVATE.set(write.private)
        try:
            result = await function(self.client, write)
        except LedgerError as error:  # a read failed; it wrote nothing
            result = writes.stop_record(answer_in(error))
        except ExpressionError as error:
            result = StoppedRecord("refused", error.message)
        finally:
            PRIVATE.reset(private)
        return (
            replace(result, is_unsure=write.is_unsure)
            if isinstance(result, StoppedRecord)
            else result
        )


def _with_stored_id(write: RecordWrite) -> RecordWrite:
    """Return the write with its external id in the body, as NetSuite stores it."""
    return replace(write, body={**write.body, RECORDS.external_id: safe_id(write.external_id)})
