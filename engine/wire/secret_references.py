"""Resolves `${env:NAME}` and `${file:PATH}` to the secrets they refer to. No message holds a secret."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..findings.quote import quoted
from .grant import UNRESTRICTED, Grant

_REFERENCE = re.compile(r"\$\{(env|file):([^${}]+)\}")
_LARGEST = 64 * 1024
# What each secret is and where it comes from, for messages.
_KINDS = {
    "newstore.client_id": "the id of an API client, from NewStore",
    "newstore.client_secret": "the secret of that API client",
    "netsuite.auth.certificate.client_id": "the client id of NetSuite's integration record",
    "netsuite.auth.certificate.key": "the private key of the certificate, as PEM",
    "netsuite.auth.certificate.id": "the certificate's id, in OAuth 2.0 Client Credentials (M2M) Setup",
    "netsuite.auth.token.consumer_key": "the key of NetSuite's integration record",
    "netsuite.auth.token.consumer_secret": "the secret of NetSuite's integration record",
    "netsuite.auth.token.token_id": "the id of an access token of NetSuite",
    "netsuite.auth.token.token_secret": "the secret of that access token",
}


@dataclass(slots=True)
class References:
    """Resolves the references of one tenant; `missing` has a sentence for each unresolved one.

    Paths are relative to the tenant's `folder`; messages show absolute paths. What the `grant` does
    not hold is not looked up.
    """

    folder: Path
    environ: Mapping[str, str]
    grant: Grant = UNRESTRICTED
    missing: list[str] = field(default_factory=list)

    def resolve(self, text: str, about: str) -> str:
        """Return the value a text refers to, or the text itself; messages name it by the key `about`."""
        match = _REFERENCE.fullmatch(text)
        if match is None:
            return text
        is_variable = match[1] == "env"
        value = self._read_variable(match[2]) if is_variable else self._read_file(match[2])
        if not value:
            place = self._describe_place(match[2], is_variable=is_variable)
            kind = f" ({_KINDS[about]})" if about in _KINDS else ""
            self.missing.append(f"{about}: {place}{kind}")
        return value or ""

    def _describe_place(self, name: str, *, is_variable: bool) -> str:
        """Describe where a secret was looked up, and what is wrong there."""
        kind = "environment variable" if is_variable else "file"
        if not self._is_granted(name, is_variable=is_variable):
            return f"the {kind} {quoted(name)} is not granted to this tenant by the operator's file"
        if is_variable:
            problem = "is empty or not text" if name in self.environ else "is not set"
            return f"the environment variable {quoted(name)} {problem}"
        file = (self.folder / name).absolute()
        problem = "is empty, too large or not text" if file.exists() else "does not exist"
        return f"the file {quoted(str(file), 4096)} {problem}"

    def _is_granted(self, name: str, *, is_variable: bool) -> bool:
        if is_variable:
            return self.grant.allows_variable(name)
        return self.grant.allows_file(str(self.folder.absolute()), name)

    def _read_variable(self, name: str) -> str | None:
        if not self.grant.allows_variable(name):
            return None
        value = self.environ.get(name, "").strip()
        return value if _is_text(value) else None

    def _read_file(self, path: str) -> str | None:
        """Return a file's text. Links are followed, because containers mount secrets as links."""
        try:
            found = self.grant.read_secret(str(self.folder.absolute()), path, _LARGEST + 1)
            if len(found.data) > _LARGEST:
                return None
            return found.data.decode("utf-8").strip() or None
        except (OSError, ValueError):
            return None


def _is_text(value: str) -> bool:
    """Whether a value is valid text: the environment may hold bytes that are not UTF-8."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
