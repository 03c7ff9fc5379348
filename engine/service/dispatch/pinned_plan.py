"""The mapping of then: made again of what was kept, for a delivery that may have written already.

An unsure attempt looks for the very record that an earlier one may have made. So it is repeated by a
mapping that makes, of what that one was given, what it sent, byte for byte: the mapping of then,
whatever the tenant's files say by now. Where there is none any more, nothing is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...delivery import inputs_from_document
from ...documents import write_json_bytes
from ...findings.diagnostics import SourceText
from ...journal.claim import Claim
from ...journal.mapping_versions import StoredVersion, VersionTexts, read_texts
from ...journal.pack import unpack, unpack_text
from ...journal.writer import Writer
from ...mapping.files.source_texts import KeptFolder
from ...mapping.load import load_tenant
from ...mapping.plan import Plan
from ...run import Inputs
from ...run.compiled import get_program

# Each holds a tenant's mapping; a change of the files leaves deliveries of one version behind, or two.
_KEPT = 8


def plan_of(texts: VersionTexts, one: StoredVersion) -> Plan | None:
    """The mapping made of these texts; None where it does not come out as it was.

    Takes as long as loading a tenant: not for the event loop.
    """
    folder = KeptFolder({path: SourceText(*named) for path, named in texts.items()})
    # The list of orders that were posted before is not kept: it is no part of a mapping.
    plans = load_tenant(folder, one.tenant, with_posted=False).plans
    return next(
        (plan for plan in plans if (plan.name, plan.version) == (one.mapping, one.version)), None
    )


@dataclass(slots=True)
class PinnedPlans:
    """Plans of then, each made when it is first asked for."""

    _kept: dict[StoredVersion, Plan | None] = field(default_factory=dict)
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def repeating(
        self, journal: Writer, now: Plan, taken: Claim
    ) -> tuple[Plan, Inputs] | None:
        """A mapping and the inputs of which it makes what was sent before; `now` is that of now.

        None when neither the mapping of then nor that of now does. Raise JournalError, and
        DamagedError where what was kept cannot be read.
        """
        given = taken.given
        assert given is not None
        document, sent = unpack(given.pinned), unpack_text(given.payloads)
        assert isinstance(document, Mapping)
        then = StoredVersion(now.tenant, now.name, given.version)
        old = now if now.version == then.version else await self._of(journal, then)
        for plan in (old, now):
            if plan is not None:
                inputs = inputs_from_document(plan, taken.event, document)
                if _sent_by(plan, inputs) == sent:
                    return plan, inputs
        return None

    async def _of(self, journal: Writer, one: StoredVersion) -> Plan | None:
        """The plan of a version; None when it is not kept, or does not come out as it was."""
        async with self._making:
            if one not in self._kept:
                texts = await journal.run(lambda c: read_texts(c, one))
                made = None if texts is None else await asyncio.to_thread(plan_of, texts, one)
                for old in list(self._kept)[: max(0, len(self._kept) - _KEPT + 1)]:
                    del self._kept[old]
                self._kept[one] = made
            return self._kept[one]


def _sent_by(plan: Plan, inputs: Inputs) -> bytes:
    outcome = get_program(plan).run(inputs)
    return write_json_bytes([payload.document() for payload in outcome.payloads])
