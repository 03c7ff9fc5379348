"""The explanations of all findings: words written by hand, examples written from the golden folders.

Both are files beside the schemas, so that an installed erpmap has them too: `explanations.yaml` and
`examples.json` in `schemas/findings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ...bundled import bundled
from ...documents import read_json
from ...findings.codes import CODES
from ...findings.diagnostics import Severity, SourceText
from ...mapping.files.nodes import as_data
from ...mapping.files.parse_yaml import read_yaml

EXPLANATIONS, EXAMPLES = "explanations.yaml", "examples.json"


@dataclass(frozen=True, slots=True)
class ExampleChange:
    """Some lines of a file as they are wrong, and as they are right; either may be empty.

    `file` is the path of a file, or `the command line`.
    """

    file: str
    wrong: str
    right: str


@dataclass(frozen=True, slots=True)
class FindingExample:
    """A mistake, what erpmap shows of it, and the change that corrects it."""

    shown: str
    changes: tuple[ExampleChange, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a code means, why it matters, what to do; the example is None where no dry run shows the code."""

    code: str
    title: str
    means: str
    matters: str
    do: str
    example: FindingExample | None

    @property
    def severity(self) -> Severity:
        """Whether findings of this code stop a payload."""
        return Severity.WARNING if self.code.startswith("W") else Severity.ERROR


@cache
def load_explanations() -> Mapping[str, Explanation]:
    """Return the explanation of every code, in the order of the codes."""
    words: Any = as_data(read_yaml(_read(EXPLANATIONS)))
    examples: Any = read_json(_read(EXAMPLES))
    return {
        code: Explanation(
            code=code, title=title, example=_read_example(examples.get(code)), **words[code]
        )
        for code, title in CODES.items()
    }


def _read(name: str) -> SourceText:
    path = bundled("schemas") / "findings" / name
    return SourceText(name, path.read_text(encoding="utf-8"))


def _read_example(document: Any) -> FindingExample | None:
    if document is None:
        return None
    changes = tuple(ExampleChange(**change) for change in document["changes"])
    return FindingExample(shown=document["shown"], changes=changes)
