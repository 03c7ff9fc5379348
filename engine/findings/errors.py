"""Exceptions end the work and carry findings; they know their words and exit code.

ErpmapError                 1  anything erpmap refuses to go on with
├── FindingsError           1  the work ended with findings
│   ├── ReadError           1  a file or document cannot be read
│   ├── SpecError           1  a mapping or tenant cannot be used
│   └── NotReadyError       1  a tenant cannot be served as its files are now
├── AddressError            1  a host or address is none that may be spoken to
├── CredentialError         1  a secret is missing, unusable or refused
├── NoAnswerError           1  a system could not be reached, or gave no answer that can be used
├── LedgerError             1  the ledger did not give what it was asked for
├── ShopError             1  the shop answered, and not with what it was asked for
├── RefusedError            1  a request of the Event Stream is not taken
├── JournalError            1  the journal cannot be opened, read or written
│   └── DamagedError        1  a document in the journal is none any more
├── QueueError              1  the queue of keys cannot be used
├── WorkerError             1  a process that renders orders for another one has ended too early
├── ExpressionError         1  one expression failed; its caller knows the place
│   ├── AbsentError         1  a value that was needed is absent
│   │   ├── LookupMissingError  1  a lookup has no row for the key
│   │   └── NothingError    1  the same in a compiled mapping, which has no words for it
│   └── BudgetError         1  the work allowed for one order is used up
├── DoubtError              1  a compiled mapping is not sure, and leaves an order to the interpreter
└── NotCompiledError        1  a mapping is not worth compiling, and is interpreted
"""

from __future__ import annotations

from collections.abc import Iterable

from .diagnostics import Finding


class ErpmapError(Exception):
    """The root: every exception that erpmap raises on purpose."""

    exit_code = 1


class FindingsError(ErpmapError):
    """The work ended; `findings` say why, all of them at once."""

    def __init__(self, message: str, findings: Iterable[Finding]) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class ReadError(FindingsError):
    """A file or document cannot be read."""


class SpecError(FindingsError):
    """A mapping or tenant cannot be used."""


class AddressError(ErpmapError):
    """A host or address is none that may be spoken to."""


class CredentialError(ErpmapError):
    """A secret is missing, unusable or refused; the words name it and never show it.

    `missing` has a sentence for each secret that is not there: its key, and where it was looked for.
    """

    def __init__(self, words: str, *, missing: tuple[str, ...] = ()) -> None:
        super().__init__("\n  ".join((words, *missing)))
        self.words = words
        self.missing = missing


class NoAnswerError(ErpmapError):
    """A system could not be reached, or gave no answer that can be used.

    `kind` is `connect`, `timeout`, `broken`, `oversized`, `malformed` or `unavailable`. `sent` says whether the
    request may have arrived, and have done what it asked for. The words hold nothing secret.
    """

    def __init__(self, kind: str, words: str, *, sent: bool) -> None:
        super().__init__(words)
        self.kind = kind
        self.sent = sent


class LedgerError(ErpmapError):
    """The ledger did not give what it was asked for.

    `verdict` is what its answer means, a value of `run.ledger.Verdict`; `class_` is `4xx`,
    `5xx`, `connect` or `timeout`; `codes` are its error codes; `retry_after` are the seconds to
    wait, where it says so. The words hold nothing secret.
    """

    def __init__(
        self,
        words: str,
        *,
        verdict: str,
        class_: str,
        status: int | None = None,
        codes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(words)
        self.verdict = verdict
        self.class_ = class_
        self.status = status
        self.codes = codes
        self.retry_after: float | None = None


class ShopError(ErpmapError):
    """The shop, or its token endpoint, answered, and not with what it was asked for.

    `kind` is `unauthorized` (401), `forbidden` (403), `blocked` (a 403 without JSON: the source IP
    is shut out), `throttled` (429), `unavailable` (5xx, or errors
    within a GraphQL answer that may pass), `refused` (another 4xx) or `malformed`
    (any other status, or a token that is none). `status` is the HTTP status, `retry_after` the
    seconds to wait, where the answer says so. The words hold nothing of the answer's body.
    """

    def __init__(
        self, kind: str, words: str, *, status: int, retry_after: float | None = None
    ) -> None:
        super().__init__(words)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after


class NotReadyError(FindingsError):
    """A tenant cannot be served as its files are now; `tenant` is what could be read of it.

    `run` is the command that shows more.
    """

    def __init__(
        self, message: str, findings: Iterable[Finding], tenant: object = None, run: str = ""
    ) -> None:
        super().__init__(message, findings)
        self.tenant = tenant
        self.run = run


class RefusedError(ErpmapError):
    """A request of the Event Stream is not taken: the status to answer with, and words for its sender.

    `told` are words without its content, for the log; those for the sender where they are just that.
    """

    def __init__(self, status: int, words: str, told: str | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.told = words if told is None else told


class JournalError(ErpmapError):
    """The journal cannot be opened, read or written; the words hold nothing of its rows."""


class QueueError(ErpmapError):
    """The queue of keys cannot be used.

    `is_away` says that nobody answered, or not now: it may be there later, without a change of ours.
    """

    def __init__(self, words: str, *, is_away: bool = False) -> None:
        super().__init__(words)
        self.is_away = is_away


class DamagedError(JournalError):
    """A document in the journal is none any more: trying again does not help."""


class WorkerError(ErpmapError):
    """A process that renders orders for another one has ended too early."""


class ExpressionError(ErpmapError):
    """One expression failed, while compiling or while evaluating.

    `offset` and `length` count characters within the expression's own text; the
    boundary that knows the file turns the error into a finding with its place.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str | None = None,
        offset: int = 0,
        length: int = 1,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.offset = offset
        self.length = length


class AbsentError(ExpressionError):
    """A value that was needed is absent; `default` and `omit` catch exactly this."""


class LookupMissingError(AbsentError):
    """The lookup of that name has no row for the key; its own default and `default` catch it."""

    def __init__(self, lookup: str, message: str, *, hint: str | None = None) -> None:
        super().__init__("E0601", message, hint=hint)
        self.lookup = lookup


class BudgetError(ExpressionError):
    """The work allowed for one order is used up; nothing catches this but the end of the order."""


class NothingError(AbsentError):
    """A value that a compiled mapping needed is absent or null; it is caught, or a matter of doubt."""

    def __init__(self) -> None:
        super().__init__("E0411", "")


class DoubtError(ErpmapError):
    """The compiled mapping is not sure; the interpreter decides."""


class NotCompiledError(ErpmapError):
    """The mapping is too large or too deep for one Python function, and is interpreted."""
