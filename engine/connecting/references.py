"""`${env:NAME}` and `${file:PATH}` become what they refer to. What was read is never shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import CredentialError
from ..wording import quoted

_REFERENCE = re.compile(r"\$\{(env|file):([^${}]+)\}")
_LARGEST = 64 * 1024


@dataclass(slots=True)
class References:
    """Resolves the references of one tenant; `missing` gathers what could not be had.

    Paths are relative to the tenant's `folder`.
    """

    folder: Path
    environ: Mapping[str, str]
    missing: list[str] = field(default_factory=list)

    def resolve(self, text: str, about: str) -> str:
        """What a text refers to, or the text itself; `about` is its key, for people."""
        match = _REFERENCE.fullmatch(text)
        if match is None:
            return text
        value = self._variable(match[2]) if match[1] == "env" else self._content(match[2])
        if not value:
            kind = "environment variable" if match[1] == "env" else "file"
            self.missing.append(
                f"{about}: the {kind} {quoted(match[2])} is missing, empty or no text"
            )
        return value or ""

    def complete(self) -> None:
        """Raise CredentialError naming all that is missing."""
        if self.missing:
            raise CredentialError("; ".join(self.missing))

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
