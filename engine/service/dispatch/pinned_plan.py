"""The mapping version of an earlier attempt, compiled again for a pinned delivery.

As soon as a record other than one of `ensure` stands or may stand, a delivery runs a mapping that makes
the same payloads of the recorded inputs, byte for byte: the version of the attempt that sent them,
whatever the tenant's files contain now. Without such a mapping nothing is written.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...delivery import AttemptHistory, inputs_from_document, is_pinned, ways_of
from ...documents import write_json_bytes
from ...findings.diagnostics import SourceText
from ...findings.errors import HeavyOrderError, LimitError
from ...journal.claim import Claim, WrittenAttempt
from ...journal.mapping_versions import StoredVersion, VersionTexts, read_texts
from ...journal.pack import unpack, unpack_text
from ...journal.writer import Writer
from ...mapping.files.source_texts import KeptFolder
from ...mapping.load import load_accepted
from ...mapping.plan import Plan
from ...run import Inputs, Payload
from ...run.compiled import render
from ...run.evaluator import Evaluator
from ...run.outcome import payload_of

# Each plan holds a tenant's mapping; a change of the files leaves deliveries of one or two versions.
_MAX_PLANS = 8


def is_claim_pinned(claim: Claim) -> bool:
    """Whether a claimed delivery repeats with its inputs and its mapping. Raise DamagedError."""
    standing = [record["name"] for record in json.loads(claim.posted)]
    return claim.given is not None and is_pinned_by(read_sent(claim.given), claim.doubts, standing)


def is_pinned_by(sent: Sequence[Payload], doubts: Collection[str], standing: Iterable[str]) -> bool:
    """Whether a delivery that sent these payloads repeats with its inputs and its mapping."""
    return is_pinned(ways_of(sent), doubts, standing)


def with_sent(history: AttemptHistory, claim: Claim) -> AttemptHistory:
    """Return the history of a delivery whose operator requested new inputs. Raise DamagedError."""
    return history if claim.given is None else replace(history, sent=read_sent(claim.given))


def read_sent(written: WrittenAttempt) -> tuple[Payload, ...]:
    """Return the payloads of an attempt that was about to write. Raise DamagedError."""
    documents = unpack(written.payloads)
    assert isinstance(documents, list)
    return tuple(map(payload_of, documents))


def compile_version(texts: VersionTexts, version: StoredVersion) -> Plan | None:
    """Compile a version of a mapping from its texts; None if the result has another version.

    Takes as long as loading a tenant: do not call it on the event loop.
    """
    folder = KeptFolder({path: SourceText(*named) for path, named in texts.items()})
    plans = load_accepted(folder, version.tenant).plans
    return next(
        (plan for plan in plans if (plan.name, plan.version) == (version.mapping, version.version)),
        None,
    )


@dataclass(slots=True)
class PinnedPlans:
    """Plans of earlier versions, each compiled at its first use."""

    _plans: dict[StoredVersion, Plan | None] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def find_repeatable(
        self, journal: Writer, now: Plan, claim: Claim, evaluator: Evaluator
    ) -> tuple[Plan, Inputs] | None:
        """Return a plan and inputs that make the recorded payloads; `now` is the current plan.

        None when neither the recorded version nor the current version makes them. Raise JournalError, and
        DamagedError for a record that cannot be read.
        """
        given = claim.given
        assert given is not None
        document, sent = unpack(given.pinned), unpack_text(given.payloads)
        assert isinstance(document, Mapping)
        recorded = StoredVersion(now.tenant, now.name, given.version)
        old = (
            now
            if now.version == recorded.version
            else await self._get_plan(journal, recorded, evaluator)
        )
        for plan in (old, now):
            if plan is not None:
                inputs = inputs_from_document(plan, claim.event, document)
                if await _render_payloads(plan, inputs, evaluator) == sent:
                    return plan, inputs
        return None

    async def _get_plan(
        self, journal: Writer, version: StoredVersion, evaluator: Evaluator
    ) -> Plan | None:
        """Return the plan of a version; None when it is not stored, or compiles to another version."""
        async with self._locks[version.tenant]:
            if version not in self._plans:
                plan = await _compile(journal, version, evaluator)
                for old in list(self._plans)[: max(0, len(self._plans) - _MAX_PLANS + 1)]:
                    del self._plans[old]
                self._plans[version] = plan
            return self._plans[version]


async def _compile(journal: Writer, version: StoredVersion, evaluator: Evaluator) -> Plan | None:
    texts = await journal.run(read_texts, version)
    if texts is None:
        return None
    try:
        return await evaluator.work(version.tenant, compile_version, texts, version)
    except LimitError:
        return None


async def _render_payloads(plan: Plan, inputs: Inputs, evaluator: Evaluator) -> bytes:
    try:
        outcome = await evaluator.evaluate(render, plan, inputs)
    except HeavyOrderError:
        return b""
    return write_json_bytes([payload.document() for payload in outcome.payloads])
