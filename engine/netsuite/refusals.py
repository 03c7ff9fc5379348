"""The catalogue of known refusals: what an error of NetSuite means, and what to do.

It is data, `schemas/netsuite/refusals.yaml`; docs/refusals.md is written from it. Codes decide before
words, and no meaning depends on a language: an unknown wording is a refusal that is shown as it came.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from ..bundled import bundled
from ..mapping.files.own_refusals import OwnRefusal
from ..run.ledger import Answer, Verdict

PERIOD_CLOSED, RECORD_INACTIVE = "PERIOD_CLOSED", "RECORD_INACTIVE"
# Refusals that are reasons of their own: whoever mends one of them retries all of its deliveries.
_REASONS = {
    PERIOD_CLOSED: "period_closed",
    RECORD_INACTIVE: "record_inactive",
    "NAME_TAKEN": "name_taken",
    "NUMBER_TAKEN": "number_taken",
    "NUMBERING": "numbering",
}
_FIELD = "a field"
# The same in C where it is built: it reads the catalogue in a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class KnownRefusal:
    """An entry: our code, what it means for a request, NetSuite's codes and wordings, cause and remedy.

    `cause` may hold `{0}`, the first group of a wording: the name of a field. `examples` are texts and
    codes that mean this entry.
    """

    code: str
    verdict: Verdict
    codes: tuple[str, ...]
    wordings: tuple[re.Pattern[str], ...]
    cause: str
    remedy: str
    examples: tuple[Mapping[str, str], ...]

    def match(self, text: str) -> re.Match[str] | None:
        """Return the first wording that a text contains, folded by `fold_accents`."""
        return next((found for each in self.wordings if (found := each.search(text))), None)

    def explain(self, name: str | None) -> str:
        """Return the cause, with the name of a field if it is known."""
        return self.cause.replace("{0}", name or _FIELD)


@cache
def load_refusals() -> tuple[KnownRefusal, ...]:
    """Return the shipped catalogue."""
    return read_refusals(bundled("schemas") / "netsuite" / "refusals.yaml")


def read_refusals(path: Path) -> tuple[KnownRefusal, ...]:
    """Return the entries of a catalogue's file."""
    entries = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
    return tuple(
        KnownRefusal(
            code=entry["code"],
            verdict=Verdict(entry.get("verdict", "refused")),
            codes=tuple(entry["netsuite"]),
            wordings=tuple(re.compile(each, re.IGNORECASE) for each in entry["words"]),
            cause=entry["cause"],
            remedy=entry["remedy"],
            examples=tuple(entry["examples"]),
        )
        for entry in entries
    )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Entries, the first of which decides; by codes, ours and NetSuite's, and by words."""

    entries: tuple[KnownRefusal, ...]
    verdicts: Mapping[str, Verdict]
    _by_code: Mapping[str, KnownRefusal]

    def find(self, code: str, text: str) -> KnownRefusal | None:
        """Return the entry of an error: by its code, else by its text; None for an unknown one."""
        folded = fold_accents(text)
        by_code = self._by_code.get(code)
        return by_code or next((each for each in self.entries if each.match(folded)), None)

    def explains(self, answer: Answer) -> bool:
        """Whether an entry explains an answer; an unknown refusal may mean anything."""
        return any(code in self.verdicts for code in answer.codes)


@cache
def build_catalogue(own: tuple[OwnRefusal, ...] = ()) -> Catalogue:
    """Return the shipped catalogue with a tenant's own entries before it."""
    entries = (*map(_read_own, own), *load_refusals())
    last_first = entries[::-1]
    return Catalogue(
        entries=entries,
        verdicts={code: each.verdict for each in last_first for code in (*each.codes, each.code)},
        _by_code={code: each for each in last_first for code in each.codes},
    )


def _read_own(own: OwnRefusal) -> KnownRefusal:
    words = (re.escape(fold_accents(each)) for each in own.words)
    return KnownRefusal(
        code=own.code,
        verdict=Verdict(own.verdict),
        codes=own.codes,
        wordings=tuple(re.compile(each, re.IGNORECASE) for each in words),
        cause=own.cause,
        remedy=own.remedy,
        examples=(),
    )


def reason_of(answer: Answer) -> str:
    """Return the reason why an answer stops a record: one of `_REASONS`, or its verdict."""
    if answer.verdict is Verdict.REFUSED:
        for code in answer.codes:
            if code in _REASONS:
                return _REASONS[code]
    return answer.verdict.value


def fold_accents(text: str) -> str:
    """Return the text without accents, letter by letter: places in it stay the same."""
    return "".join(_fold_letters(text))


def _fold_letters(text: str) -> Iterator[str]:
    for letter in text:
        yield letter if letter.isascii() else unicodedata.normalize("NFKD", letter)[0]
