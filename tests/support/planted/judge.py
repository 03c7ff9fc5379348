"""Judges a slip: does a shipped case fail with it, and does validation find it, at the right line?"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.files.beneath import Root
from engine.findings.diagnostics import Finding, select_errors, sort_findings
from engine.mapping.load import LoadedTenant, load_tenant, open_folder
from engine.orders.cases import find_cases, run_case
from engine.orders.order import LOOKUPS, read_recorded_tables

from .kinds import MAPPINGS
from .slip import Slip

TENANTS = ("dodici", "nordhus")
_SHOWN_AS = "mappings"
_CODE = re.compile(r"\[([EW]\d{4})\]")


class Found(StrEnum):
    """Where validation finds a slip."""

    AT_LINE = "at the line"
    ELSEWHERE = "elsewhere"
    NOT = "not found"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a slip.

    `failure` names the first case that fails, or the tenant that does not load; `code` is its finding.
    `findings` are those of validation, the nearest first.
    """

    slip: Slip
    found: Found
    findings: tuple[str, ...] = ()
    failure: str | None = None
    code: str | None = None

    @property
    def is_missed(self) -> bool:
        """Whether a case fails, and validation does not name the line."""
        return self.failure is not None and self.found is not Found.AT_LINE

    def __str__(self) -> str:
        seen = f" · {self.findings[0]}" if self.findings else ""
        return f"{self.slip}\n    {self.found}{seen} · fails: {self.failure} {self.code or ''}".rstrip()


class Bench:
    """A copy of the shipped mappings without their cases, in which one slip at a time is planted."""

    def __init__(self, folder: Path) -> None:
        """Copy the mappings into a folder that does not exist yet."""
        self._folder = folder
        shutil.copytree(MAPPINGS, folder, ignore=shutil.ignore_patterns("cases"))
        self._roots = (Root(str(MAPPINGS.resolve())),)
        self._cases = {name: find_cases(MAPPINGS / name / "cases", self._roots) for name in TENANTS}
        self._tables = {
            name: read_recorded_tables(MAPPINGS / name / "cases" / LOOKUPS, self._roots)
            for name in TENANTS
        }

    def judge(self, slip: Slip) -> Verdict:
        """Plant a slip, validate, run the cases until one fails, and take the slip away again."""
        path = self._folder / slip.file
        path.write_text(slip.text, encoding="utf-8", newline="")
        try:
            return self._judge(slip)
        except Exception as error:
            error.add_note(str(slip))
            raise
        finally:
            shutil.copyfile(MAPPINGS / slip.file, path)

    def load(self, file: str) -> Iterator[LoadedTenant]:
        """Load one after another the tenants that use a file, as validation does."""
        owner = file.partition("/")[0]
        for name in [owner] if owner in TENANTS else TENANTS:
            yield load_tenant(open_folder(self._folder, _SHOWN_AS), name)

    def run_cases(self, loaded: Sequence[LoadedTenant]) -> Iterator[tuple[str, str]]:
        """Yield each tenant that does not load and each case that fails, with the code of a finding."""
        for tenant in loaded:
            if not tenant.ok:
                yield f"{tenant.name} does not load", select_errors(tenant.findings)[0].code
        for tenant in loaded:
            for name, folder in self._cases[tenant.name] if tenant.ok else ():
                tables = self._tables[tenant.name]
                result = run_case(name, folder, tenant.plans, tables, self._roots)
                if not result.passed:
                    code = _CODE.search(result.actual)
                    yield f"{tenant.name}/{name}", code[1] if code else "differs"

    def _judge(self, slip: Slip) -> Verdict:
        loaded: list[LoadedTenant] = []
        near: list[Finding] = []
        for tenant in self.load(slip.file):
            loaded.append(tenant)
            near += [finding for finding in tenant.findings if names_line(finding, slip)]
            if near and not tenant.ok:
                break  # nothing else is asked of the other tenant
        findings = [finding for tenant in loaded for finding in tenant.findings]
        failure, code = next(self.run_cases(loaded), (None, None))
        found = Found.AT_LINE if near else Found.ELSEWHERE if findings else Found.NOT
        return Verdict(
            slip=slip,
            found=found,
            findings=tuple(_describe(one) for one in (*near, *sort_findings(findings))),
            failure=failure,
            code=code,
        )


def names_line(finding: Finding, slip: Slip) -> bool:
    """Whether a finding stands at the line of a slip, or names it as another place or in its words."""
    place = finding.place
    if place and place.text.name == f"{_SHOWN_AS}/{slip.file}" and place.line in slip.lines:
        return True
    for beside, _ in finding.related:
        if beside.text.name == f"{_SHOWN_AS}/{slip.file}" and beside.line in slip.lines:
            return True
    words = f"{finding.message} {finding.hint or ''}"
    named = re.findall(re.escape(slip.file) + r":(\d+)", words)
    return any(int(line) in slip.lines for line in named)


def _describe(finding: Finding) -> str:
    return f"{finding.place}: {finding.code}: {finding.message}"
