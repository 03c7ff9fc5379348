"""The exceptions: each ends the work, and has its message, its exit code and perhaps findings.

ErpmapError                 1  anything that ends the work on purpose
├── FindingsError           1  the work ended with findings
│   ├── ReadError           1  a file or document cannot be read
│   ├── SpecError           1  a mapping or tenant cannot be used
│   └── NotReadyError       1  a tenant cannot be served as its files are now
├── AddressError            1  a host or address is not allowed as a destination
├── CredentialError         1  a secret is missing, unusable or refused
├── NoAnswerError           1  a system could not be reached, or sent no usable answer
├── LedgerError             1  the ledger did not do what a request asked for
├── ShopError               1  the shop answered, but not with what a request asked for
├── RefusedError            1  a request of the Event Stream is refused
├── JournalError            1  the journal cannot be opened, read or written
│   └── DamagedError        1  a document in the journal is damaged
├── QueueError              1  the queue of keys cannot be used
├── WorkerError             1  a worker process ended too early, or what it did failed
├── LimitError              1  work in another process took more time or memory than it may
├── ExpressionError         1  one expression failed; the caller knows the place
│   ├── AbsentError         1  a required value is absent
│   │   ├── LookupMissingError  1  a lookup has no row for the key
│   │   └── NothingError    1  the same in a compiled mapping, without a message
│   └── BudgetError         1  the work allowed for one order is used up
├── HeavyOrderError         1  an order needs more steps than a light order may
├── DoubtError              1  a compiled mapping is not sure; the interpreter renders the order
└── NotCompiledError        1  a mapping is too large to compile, and is interpreted
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .diagnostics import Finding, Place
from .quote import Suggestion

Hint = str | Callable[[], str | None] | None


class ErpmapError(Exception):
    """The root: every exception that erpmap raises on purpose."""

    exit_code = 1


class FindingsError(ErpmapError):
    """The work ended; `findings` hold every reason."""

    def __init__(self, message: str, findings: Iterable[Finding]) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class ReadError(FindingsError):
    """A file or document cannot be read."""


class SpecError(FindingsError):
    """A mapping or tenant cannot be used."""


class AddressError(ErpmapError):
    """A host or address is not allowed as a destination."""


class CredentialError(ErpmapError):
    """A secret is missing, unusable or refused; the message names the secret and never shows it.

    `missing` has a sentence for each missing secret: its key, and the searched location.
    """

    def __init__(self, words: str, *, missing: tuple[str, ...] = ()) -> None:
        super().__init__("\n  ".join((words, *missing)))
        self.words = words
        self.missing = missing


class NoAnswerError(ErpmapError):
    """A system could not be reached, or sent no usable answer.

    `kind` is `connect`, `timeout`, `broken`, `oversized`, `malformed` or `unavailable`. `sent` is true when
    the request may have arrived and taken effect. The message holds nothing secret.
    """

    def __init__(self, kind: str, words: str, *, sent: bool) -> None:
        super().__init__(words)
        self.kind = kind
        self.sent = sent


class LedgerError(ErpmapError):
    """The ledger did not do what a request asked for.

    `verdict` is what the answer means, as in the ledger's `Verdict`; `class_` is `4xx`, `5xx`,
    `connect` or `timeout`; `codes` are the answer's error codes; `retry_after` is the number of
    seconds to wait, if the answer has one. The message holds nothing secret.
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
    """The shop, or its token endpoint, answered, but not with what a request asked for.

    `kind` is `unauthorized` (401), `forbidden` (403), `blocked` (a 403 without JSON: the source IP
    is blocked), `throttled` (429), `unavailable` (5xx, or temporary errors within a GraphQL
    answer), `refused` (another 4xx) or `malformed` (any other status, or an unusable token).
    `status` is the HTTP status, `retry_after` the number of seconds to wait, if the answer has one.
    The message holds nothing of the answer's body.
    """

    def __init__(
        self, kind: str, words: str, *, status: int, retry_after: float | None = None
    ) -> None:
        super().__init__(words)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after


class NotReadyError(FindingsError):
    """A tenant cannot be served as its files are now.

    `tenant` is the part of it that could be read; `run` is the command that shows more.
    """

    def __init__(
        self,
        message: str,
        findings: Iterable[Finding],
        tenant: object = None,
        run: str = "",
    ) -> None:
        super().__init__(message, findings)
        self.tenant = tenant
        self.run = run


class RefusedError(ErpmapError):
    """A request of the Event Stream is refused: the HTTP status, and the message for the sender.

    `log_message` is the message for the log, without content of the request; by default the sender's message.
    """

    def __init__(self, status: int, words: str, log_message: str | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.log_message = words if log_message is None else log_message


class JournalError(ErpmapError):
    """The journal cannot be opened, read or written; the message holds nothing of its rows."""


class QueueError(ErpmapError):
    """The queue of keys cannot be used.

    `is_away` is true when the queue did not answer: it may be available later without any change.
    """

    def __init__(self, words: str, *, is_away: bool = False) -> None:
        super().__init__(words)
        self.is_away = is_away


class DamagedError(JournalError):
    """A document in the journal is damaged: a retry does not help."""


class WorkerError(ErpmapError):
    """A worker process ended too early, or what it did failed."""


class LimitError(ErpmapError):
    """Work in another process took more time or memory than it may; the words say what of."""


class ExpressionError(ErpmapError):
    """One expression failed, while compiling or while evaluating.

    `offset` and `length` count characters within the expression's own text; the
    caller, which knows the file, turns the error into a finding with a place. A `hint` that takes a
    search is a function: most errors about absent values are caught, and their hints never read.
    `suggestion` is about a misspelled word there.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: Hint = None,
        offset: int = 0,
        length: int = 1,
        suggestion: Suggestion | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.suggestion = suggestion
        self.message = message
        self.offset = offset
        self.length = length
        self._hint = hint

    @property
    def hint(self) -> str | None:
        """The hint, searched for when it is first read."""
        if self._hint is not None and not isinstance(self._hint, str):
            self._hint = self._hint()
        return self._hint

    @hint.setter
    def hint(self, hint: str | None) -> None:
        self._hint = hint


class AbsentError(ExpressionError):
    """A required value is absent; `default` and `omit` catch exactly this error."""


class LookupMissingError(AbsentError):
    """The lookup has no row for the key; the lookup's own default and `default` catch this error.

    `table` is the place of the table, if it is written in a file.
    """

    def __init__(
        self, lookup: str, message: str, *, hint: Hint = None, table: Place | None = None
    ) -> None:
        super().__init__("E0601", message, hint=hint)
        self.lookup = lookup
        self.table = table


class BudgetError(ExpressionError):
    """The work allowed for one order is used up; nothing in a mapping catches this error."""


class HeavyOrderError(ErpmapError):
    """An order needs more steps than the share that was allowed, which is less than that of an order."""


class NothingError(AbsentError):
    """A value that a compiled mapping requires is absent or null; uncaught, it becomes a DoubtError."""

    def __init__(self) -> None:
        super().__init__("E0411", "")


class DoubtError(ErpmapError):
    """The compiled mapping is not sure of the result; the interpreter decides."""


class NotCompiledError(ErpmapError):
    """The mapping is too large or too deep for one Python function, and is interpreted."""
