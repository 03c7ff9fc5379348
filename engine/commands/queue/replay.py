"""What `queue replay` does: a delivery rendered again from what it was given; nothing is posted."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import click

from ...delivery import unpinned
from ...documents import write_json_bytes
from ...findings.diagnostics import Finding
from ...findings.errors import SpecError
from ...journal.deliveries import DeliveryHistory, read_history
from ...journal.mapping_versions import StoredVersion, read_texts
from ...journal.pack import unpack, unpack_text
from ...journal.writer import Writer
from ...mapping.load import LoadedTenant, load_tenant, open_folder
from ...mapping.plan import Plan
from ...orders.report.findings import as_document
from ...run import Outcome
from ...run.compiled import get_program
from ...service.dispatch.pinned_plan import compile_version
from ..output.terminal import print_findings, print_json
from ..selection import FINDINGS, stop_with
from .compare_documents import DocumentDifference, differences, print_differences
from .open_journal import journal_at, one_of
from .stored_documents import moved_words, moves_in, why_absent

THEN, NOW = "then", "now"


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """An attempt rendered again by a mapping, held against what was rendered then.

    `is_same` says that the payloads are the same to the last byte. `moved` are the days that were sent
    in place of theirs.
    """

    delivery: int
    attempt: int
    version: str
    outcome: Outcome
    payloads: list[dict[str, object]]
    is_same: bool
    differences: tuple[DocumentDifference, ...]
    moved: list[dict[str, str]]

    def document(self) -> dict[str, object]:
        """As a JSON object."""
        return {
            "delivery": self.delivery,
            "attempt": self.attempt,
            "version": self.version,
            "state": self.outcome.state.value,
            "same": self.is_same,
            "moved": self.moved,
            "payloads": self.payloads,
            "differences": [one.document() for one in self.differences],
            "findings": [as_document(finding) for finding in self.outcome.findings],
        }


@dataclass(frozen=True, slots=True)
class _Given:
    """What an attempt was given and what it sent, as it is kept."""

    one: DeliveryHistory
    attempt: Mapping[str, Any]

    @property
    def version(self) -> StoredVersion:
        listed = self.one.listed
        return StoredVersion(listed.tenant, listed.mapping, self.attempt["version"])


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """Which delivery, by its id or order, of which attempt, and with the mapping of `then` or `now`."""

    name: str
    mapping: str
    attempt: int | None


def replay(url: str, root: Path, asked: ReplayRequest, form: str) -> NoReturn:
    """Render a delivery again, show how it differs, and exit: 0 when it is what was sent.

    With the mapping of then, what the mapping of now makes of it is shown too.
    """
    try:
        with journal_at(url) as journal:
            given = _given(journal, one_of(journal, asked.name, form), asked.attempt)
            plans = {NOW: _plan_of_now(root, given)}
            if asked.mapping == THEN:
                plans[THEN] = _plan_of_then(journal, given)
        if plans[asked.mapping] is None:
            words = "its mapping is not there now, or has findings"
            raise _unable(given.one, words, "name its folder: --mappings DIR")
    except SpecError as error:
        stop_with(error.findings, form)
    rendered = {key: _replayed(given, plan) for key, plan in plans.items() if plan is not None}
    _show(rendered, asked.mapping, form)
    sys.exit(0 if rendered[asked.mapping].is_same else FINDINGS)


def _given(journal: Writer, id_: int, number: int | None) -> _Given:
    one = journal.run_blocking(lambda c: read_history(c, id_))
    assert one is not None
    kept = [
        at for at in one.attempts if at["pinned"] is not None and number in (None, at["number"])
    ]
    if not kept or one.event["document"] is None:
        words = "nothing is kept of what it was given"
        raise _unable(one, words, why_absent(one))
    return _Given(one, kept[-1])


def _plan_of_then(journal: Writer, given: _Given) -> Plan:
    """The mapping as it was, made again of the texts it was made of. Raise SpecError (E1104)."""
    version = given.version
    texts = journal.run_blocking(lambda c: read_texts(c, version))
    if texts is None:
        raise _unable(given.one, "the mapping it was made with is not kept", "try --mapping now")
    plan = compile_version(texts, version)
    if plan is None:
        words = "this erpmap makes another mapping of the files of then"
        raise _unable(given.one, words, "use the erpmap of then, or try --mapping now")
    return plan


def _plan_of_now(root: Path, given: _Given) -> Plan | None:
    listed = given.one.listed
    return _plan_in(load_tenant(open_folder(root), listed.tenant), listed.mapping)


def _plan_in(loaded: LoadedTenant, mapping: str) -> Plan | None:
    return next((plan for plan in loaded.plans if plan.name == mapping), None)


def _replayed(given: _Given, plan: Plan) -> ReplayResult:
    """What a mapping makes of the very inputs that the attempt was given."""
    event, pinned = unpack(given.one.event["document"]), unpack(given.attempt["pinned"])
    assert isinstance(pinned, Mapping)
    outcome = get_program(plan).run(unpinned(plan, event, pinned))
    payloads = [payload.document() for payload in outcome.payloads]
    sent = given.attempt["payloads"]
    return ReplayResult(
        given.one.listed.id,
        given.attempt["number"],
        plan.version,
        outcome,
        payloads,
        write_json_bytes(payloads) == unpack_text(sent),
        tuple(differences(unpack(sent), payloads)),
        moves_in(given.attempt),
    )


def _unable(one: DeliveryHistory, words: str, hint: str) -> SpecError:
    message = f"delivery {one.listed.id} cannot be rendered again: {words}"
    return SpecError(message, [Finding("E1104", message, hint=hint)])


def _show(rendered: Mapping[str, ReplayResult], mapping: str, form: str) -> None:
    asked, now = rendered[mapping], rendered.get(NOW)
    if form == "json":
        more = {} if mapping == NOW else {"now": None if now is None else now.document()}
        print_json({"mapping": mapping, **asked.document(), **more})
        return
    print_json(asked.payloads)
    _say(f"attempt {asked.attempt}, mapping of {mapping}: {_verdict(asked)}")
    print_findings(asked.outcome.findings, stderr=True)
    if mapping == NOW:
        print_differences(asked.differences)
    elif now is None:
        _say("the mapping is not there now, or has findings")
    elif now.version != asked.version:
        _say(f"mapping of now: {_verdict(now)}")
        print_differences(now.differences)
        print_findings(now.outcome.findings, stderr=True)
    else:
        _say("the mapping is the same now")


def _verdict(one: ReplayResult) -> str:
    if one.is_same and one.moved:
        return f"the same as was rendered, byte for byte; {moved_words(one.moved)}"
    if one.is_same:
        return "the same as was sent, byte for byte"
    if not one.payloads:
        return f"the order is {one.outcome.state.value}"
    return f"differs from what was sent in {len(one.differences):,} places"


def _say(words: str) -> None:
    click.echo(words, err=True)
