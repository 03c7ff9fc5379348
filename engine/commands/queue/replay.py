"""What `queue replay` does: render a delivery again from its stored documents; nothing is posted."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import click

from ...delivery import inputs_from_document
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
from ..exit import FINDINGS, exit_with_findings
from ..output.compare_documents import DocumentDifference, find_differences, print_differences
from ..output.terminal import print_findings, print_json
from .open_journal import find_delivery, open_existing_journal
from .stored_documents import describe_moved_dates, explain_absence, list_moved_dates

THEN, NOW = "then", "now"


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """An attempt rendered again by a mapping, compared with what was rendered then.

    `is_same`: the payloads are equal byte for byte. `moved` holds the days that were sent in place of
    the rendered ones.
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
        """Return the result as a JSON object."""
        return {
            "delivery": self.delivery,
            "attempt": self.attempt,
            "version": self.version,
            "state": self.outcome.state.value,
            "same": self.is_same,
            "moved": self.moved,
            "payloads": self.payloads,
            "differences": [difference.document() for difference in self.differences],
            "findings": [as_document(finding) for finding in self.outcome.findings],
        }


@dataclass(frozen=True, slots=True)
class _StoredAttempt:
    """The stored inputs and payloads of an attempt."""

    history: DeliveryHistory
    attempt: Mapping[str, Any]

    @property
    def version(self) -> StoredVersion:
        listed = self.history.listed
        return StoredVersion(listed.tenant, listed.mapping, self.attempt["version"])


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """What to replay: a delivery by id or order, an attempt, and the mapping of `then` or `now`."""

    name: str
    mapping: str
    attempt: int | None


def replay(url: str, root: Path, request: ReplayRequest, form: str) -> NoReturn:
    """Render a delivery again, print the differences, and exit: 0 when the payloads are those sent.

    With the mapping of then, also print the differences that the present mapping makes.
    """
    try:
        with open_existing_journal(url) as journal:
            stored = _read_attempt(
                journal, find_delivery(journal, request.name, form), request.attempt
            )
            plans = {NOW: _current_plan(root, stored)}
            if request.mapping == THEN:
                plans[THEN] = _stored_plan(journal, stored)
        if plans[request.mapping] is None:
            words = "its mapping no longer exists, or has findings"
            raise _not_renderable(
                stored.history, words, "name the folder of mappings with --mappings DIR"
            )
    except SpecError as error:
        exit_with_findings(error.findings, form)
    rendered = {key: _render_again(stored, plan) for key, plan in plans.items() if plan is not None}
    _show(rendered, request.mapping, form)
    sys.exit(0 if rendered[request.mapping].is_same else FINDINGS)


def _read_attempt(journal: Writer, id_: int, number: int | None) -> _StoredAttempt:
    history = journal.run_blocking(lambda c: read_history(c, id_))
    assert history is not None
    kept = [
        at for at in history.attempts if at["pinned"] is not None and number in (None, at["number"])
    ]
    if not kept or history.event["document"] is None:
        words = "the journal keeps no documents of the attempt"
        raise _not_renderable(history, words, explain_absence(history))
    return _StoredAttempt(history, kept[-1])


def _stored_plan(journal: Writer, stored: _StoredAttempt) -> Plan:
    """Compile the mapping of then from its stored texts. Raise SpecError (E1104)."""
    version = stored.version
    texts = journal.run_blocking(lambda c: read_texts(c, version))
    if texts is None:
        raise _not_renderable(
            stored.history, "the journal keeps no text of its mapping", "try --mapping now"
        )
    plan = compile_version(texts, version)
    if plan is None:
        words = "this version of erpmap compiles its files to another mapping"
        raise _not_renderable(
            stored.history, words, "use the erpmap version of that time, or try --mapping now"
        )
    return plan


def _current_plan(root: Path, stored: _StoredAttempt) -> Plan | None:
    listed = stored.history.listed
    return _plan_in(load_tenant(open_folder(root), listed.tenant), listed.mapping)


def _plan_in(loaded: LoadedTenant, mapping: str) -> Plan | None:
    return next((plan for plan in loaded.plans if plan.name == mapping), None)


def _render_again(stored: _StoredAttempt, plan: Plan) -> ReplayResult:
    """Render the stored inputs of an attempt with a mapping."""
    event, pinned = unpack(stored.history.event["document"]), unpack(stored.attempt["pinned"])
    assert isinstance(pinned, Mapping)
    outcome = get_program(plan).run(inputs_from_document(plan, event, pinned))
    payloads = [payload.document() for payload in outcome.payloads]
    sent = stored.attempt["payloads"]
    return ReplayResult(
        delivery=stored.history.listed.id,
        attempt=stored.attempt["number"],
        version=plan.version,
        outcome=outcome,
        payloads=payloads,
        is_same=write_json_bytes(payloads) == unpack_text(sent),
        differences=tuple(find_differences(unpack(sent), payloads)),
        moved=list_moved_dates(stored.attempt),
    )


def _not_renderable(history: DeliveryHistory, words: str, hint: str) -> SpecError:
    message = f"delivery {history.listed.id} cannot be rendered again: {words}"
    return SpecError(message, [Finding("E1104", message, hint=hint)])


def _show(rendered: Mapping[str, ReplayResult], mapping: str, form: str) -> None:
    result, now = rendered[mapping], rendered.get(NOW)
    if form == "json":
        more = {} if mapping == NOW else {"now": None if now is None else now.document()}
        print_json({"mapping": mapping, **result.document(), **more})
        return
    print_json(result.payloads)
    _print_note(f"attempt {result.attempt}, mapping of {mapping}: {_describe_result(result)}")
    print_findings(result.outcome.findings, stderr=True)
    if mapping == NOW:
        print_differences(result.differences)
    elif now is None:
        _print_note("the mapping no longer exists, or has findings")
    elif now.version != result.version:
        _print_note(f"mapping of now: {_describe_result(now)}")
        print_differences(now.differences)
        print_findings(now.outcome.findings, stderr=True)
    else:
        _print_note("the present mapping is the same")


def _describe_result(result: ReplayResult) -> str:
    if result.is_same and result.moved:
        return (
            f"the payloads that were rendered, byte for byte; {describe_moved_dates(result.moved)}"
        )
    if result.is_same:
        return "the payloads that were sent, byte for byte"
    if not result.payloads:
        return f"the order is {result.outcome.state.value}"
    places = "1 place" if len(result.differences) == 1 else f"{len(result.differences):,} places"
    return f"the payloads differ from those sent in {places}"


def _print_note(words: str) -> None:
    click.echo(words, err=True)
