"""The results of cases as JUnit XML, as build servers read it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from ...orders.cases import CaseResult
from .causes import FailureCause

# What XML 1.0 cannot hold, not even as a reference.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST = 200_000


def write_junit(results: Sequence[tuple[str, CaseResult]], causes: Sequence[FailureCause]) -> str:
    """Return the XML: a suite for each tenant, a failure with its cause and difference for each failed case."""
    known = {id(result): cause for cause in causes for _, result in cause.cases}
    by_tenant: dict[str, list[CaseResult]] = {}
    for tenant, result in results:
        by_tenant.setdefault(tenant, []).append(result)
    failures = sum(not result.passed for _, result in results)
    suites = "".join(_write_suite(name, cases, known) for name, cases in by_tenant.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="erpmap" tests="{len(results)}" failures="{failures}" errors="0">\n'
        f"{suites}</testsuites>\n"
    )


def _write_suite(
    tenant: str, cases: Sequence[CaseResult], causes: Mapping[int, FailureCause]
) -> str:
    failures = sum(not case.passed for case in cases)
    body = "".join(_write_case(tenant, case, causes.get(id(case))) for case in cases)
    head = f'tests="{len(cases)}" failures="{failures}" errors="0"'
    return f"  <testsuite name={write_attribute(tenant)} {head}>\n{body}  </testsuite>\n"


def _write_case(tenant: str, case: CaseResult, cause: FailureCause | None) -> str:
    file = (case.folder / case.file).as_posix()
    head = f"<testcase classname={write_attribute(tenant)} name={write_attribute(case.name)} file={write_attribute(file)}"
    if case.passed:
        return f"    {head}/>\n"
    words = "the outcome is not as expected" if cause is None else cause.words
    at = "" if cause is None or cause.at is None else f" at {cause.at}"
    text = escape(_clean(case.difference()[:_LONGEST]))
    failure = f"<failure message={write_attribute(words + at)}>{text}</failure>"
    return f"    {head}>\n      {failure}\n    </testcase>\n"


def write_attribute(text: str) -> str:
    """Return a text as the value of an attribute, in quotes, without what XML cannot hold."""
    return quoteattr(_clean(text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
