"""`${env:NAME}` and `${file:PATH}` become what they refer to. What was read is never shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..findings.quote import quoted

_REFERENCE = re.compile(r"\$\{(env|file):([^${}]+)\}")
_LARGEST = 64 * 1024
# What a secret is and who has it, beside where it was looked for.
_KINDS = {
    "newstore.client_id": "the id of an API client, which NewStore gives",
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
    """Resolves the references of one tenant; `missing` has a sentence for each that could not be.

    Paths are relative to the tenant's `folder`, and told as absolute ones.
    """

    folder: Path
    environ: Mapping[str, str]
    missing: list[str] = field(default_factory=list)

    def resolve(self, text: str, about: str) -> str:
        """What a text refers to, or the text itself; `about` is its key, for people."""
        match = _REFERENCE.fullmatch(text)
        if match is None:
            return text
        is_variable = match[1] == "env"
        value = self._variable(match[2]) if is_variable else self._content(match[2])
        if not value:
            where = self._where(match[2], is_variable=is_variable)
            kind = f" ({_KINDS[about]})" if about in _KINDS else ""
            self.missing.append(f"{about}: {where}{kind}")
        return value or ""

    def _where(self, name: str, *, is_variable: bool) -> str:
        """Where a secret was looked for, and what is the matter there."""
        if is_variable:
            matter = "is empty or no text" if name in self.environ else "is not set"
            return f"the environment variable {quoted(name)} {matter}"
        file = (self.folder / name).absolute()
        matter = "is empty, too large or no text" if file.exists() else "does not exist"
        return f"the file {quoted(str(file), 4096)} {matter}"

    def _variable(self, name: str) -> str | None:
        value = self.environ.get(name, "").strip()
        return value if _is_text(value) else None

    def _content(self, path: str) -> str | None:
        """A file's text. Links are followed: that is how secrets are mounted into containers."""
        file = self.folder / path
        try:
            if not file.is_file() or file.stat().st_size > _LARGEST:  # a pipe would be waited for
                return None
            return file.read_bytes().decode("utf-8").strip() or None
        except (OSError, ValueError):
            return None


def _is_text(value: str) -> bool:
    """Whether it can be sent: the environment may hold bytes that are no UTF-8."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
