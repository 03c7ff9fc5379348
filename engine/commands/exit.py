"""Exit codes, and errors that end a command: as text on stderr, or as JSON on stdout."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Iterable
from typing import NoReturn, TypeVar

import click

from ..findings.diagnostics import Finding
from ..findings.errors import (
    AddressError,
    CredentialError,
    ErpmapError,
    FindingsError,
    LedgerError,
    NoAnswerError,
    ShopError,
)
from ..orders.report.findings import as_document
from .output.terminal import print_findings, print_json

T = TypeVar("T")

FINDINGS, NOT_READY = 1, 3
# The `kind` of an error in JSON; all others are `refused`.
_KINDS: dict[type[ErpmapError], str] = {
    AddressError: "address",
    CredentialError: "credentials",
    LedgerError: "netsuite",
    ShopError: "newstore",
    NoAnswerError: "no_answer",
}


def run_or_exit(work: Awaitable[T], form: str) -> T:
    """Run the work and return its result; print an ErpmapError and exit with 1."""

    async def result() -> T:
        return await work

    try:
        return asyncio.run(result())
    except ErpmapError as error:
        exit_with_error(error, form)


def exit_with_findings(findings: Iterable[Finding], form: str) -> NoReturn:
    """Print findings, on stderr or as JSON on stdout, and exit with 1."""
    if form == "json":
        print_json({"findings": [as_document(finding) for finding in findings]})
    else:
        print_findings(findings, stderr=True)
    sys.exit(FINDINGS)


def exit_with_error(error: ErpmapError, form: str) -> NoReturn:
    """Print an error, its findings if it has any, and exit with 1; as JSON on stdout."""
    if isinstance(error, FindingsError):
        exit_with_findings(error.findings, form)
    if form == "json":
        print_json({"findings": [], "error": error_document(error)})
    else:
        click.echo(f"Error: {error}", err=True)
    sys.exit(FINDINGS)


def error_document(error: ErpmapError) -> dict[str, object]:
    """Return an error as a JSON object: its kind, its message, and each missing secret."""
    words, missing = str(error), list[str]()
    if isinstance(error, CredentialError):
        words, missing = error.words, list(error.missing)
    return {
        "kind": _KINDS.get(type(error), "refused"),
        "words": words,
        "missing": missing,
    }
