"""The address of a journal, `sqlite:///FILE` or `postgresql://…`; what it holds besides is refused.

Pure. A part that is passed over would lead to another journal than its author means: SQLAlchemy cuts a
file's name at `?`, and drops options that have no value.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from ..findings.errors import JournalError
from ..findings.quote import did_you_mean, quoted
from .dialects import POSTGRESQL, SQLITE

_DRIVERS = {SQLITE: "sqlite+pysqlite", POSTGRESQL: "postgresql+psycopg"}
_FORM = "a journal is sqlite:///FILE or postgresql://USER@HOST/DATABASE"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Options of libpq that choose the server, or how it is reached and trusted.
_OPTIONS = (
    "application_name",
    "channel_binding",
    "gssencmode",
    "host",
    "hostaddr",
    "krbsrvname",
    "load_balance_hosts",
    "passfile",
    "port",
    "require_auth",
    "service",
    "sslcert",
    "sslcrl",
    "sslkey",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "target_session_attrs",
)


def parse_address(url: str) -> URL:
    """Return the parts of an address. Raise JournalError for one with parts that are not understood."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise JournalError(_FORM) from None
    is_known = backend in _DRIVERS and parsed.drivername in (backend, _DRIVERS[backend])
    if not is_known or not parsed.database or _CONTROL.search(url):
        raise JournalError(_FORM)
    (_check_file if backend == SQLITE else _check_server)(url, parsed)
    return parsed.set(drivername=_DRIVERS[backend])


def _check_file(url: str, parsed: URL) -> None:
    if parsed.database == ":memory:" or parsed.host or parsed.username or parsed.port:
        raise JournalError(_FORM)
    for mark in "?#":
        if mark in url:
            raise JournalError(
                f"the address of the journal has {mark!r} in its path, which names no file here: choose"
                " a path without it; sqlite:///FILE has no options"
            )


def _check_server(url: str, parsed: URL) -> None:
    if "#" in url.rpartition("@")[2] or "?" in str(parsed.database):
        raise JournalError("the address of the journal has '#' behind its host: write %23")
    names = [name for name, _ in parse_qsl(url.partition("?")[2], keep_blank_values=True)]
    for name in names:
        if name not in _OPTIONS or not parsed.query.get(name):
            hint = did_you_mean(name, _OPTIONS, otherwise=f"known are {', '.join(_OPTIONS)}")
            raise JournalError(
                f"the address of the journal has an option {quoted(name)} that is unknown or empty; {hint}"
            )
