"""Shows NetSuite's words without anything that was sent, and without what looks like personal data. Pure.

A text about a record may quote the record, in any language, in other cases, accents and formats, cut or
joined. Words are compared folded; a piece of text between blanks that holds a word of the request is
replaced as a whole by `…`. Texts are also compared without their separators: letters that stand apart, and
any six letters in a row of a value, whatever cuts it. E-mail addresses, web addresses, quoted sentences, long numbers and encoded
text are replaced wherever they come from: scripts of an account quote other records.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

MASK = "…"
_LONGEST_TEXT = 300
# A larger request would take too long: then nothing of NetSuite's text is shown.
_MOST_WORDS = 5_000
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"[0-9]+")
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_INDEX = re.compile(r"\[[0-9]{1,5}\]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Parts of this length at the beginning or end of another word are compared, and words within others.
_LEAST_EDGE, _LEAST_INNER = 3, 4
_LONGEST_WORD = 60
# Longer words are compared by beginnings and ends of this length.
_LONGEST_EDGE = 24
_LONGEST_NUMBER = 4
# So many letters and digits in a row of a value are recognised whatever stands between, before and after.
_RUN = 6
# Letters that stand apart: J.ö.r.g or J ö r g.
_SPREAD_WORD = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,3}[^\W_]){2,40}(?![^\W_])")
_EAST_ASIAN = "\u2e80"
# Numbers whose groups stand apart: 1 234,50.
_SPREAD_NUMBER = re.compile(r"[0-9]{1,4}(?:[ .,'’/-][0-9]{1,4}){1,7}")
_QUOTES = re.compile(
    r"(?<![^\W_])'[^']*'(?![^\W_])|\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|‘[^’]*’|`[^`]*`"
)
_NAME = re.compile(r"[A-Za-z][A-Za-z_.]{0,60}")
_OPAQUE = re.compile(r"[@\\]|://|%[0-9A-Fa-f]{2}|www\.", re.IGNORECASE)
_EDGE_SIGNS = ".,;:!?()[]{}<>"
_BARE = str.maketrans("łŁøØđĐıİħĦ", "lLoOdDiIhH")
_TRANSLITERATED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})


@dataclass(frozen=True, slots=True)
class SentWords:
    """The words of the values that a request holds, folded, and what a text may show of them.

    `plain` are the values without separators, folded.
    """

    words: frozenset[str] = frozenset()
    edges: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    is_whole: bool = True
    plain: tuple[str, ...] = ()

    def find_runs(self, text: str) -> frozenset[int]:
        """Return the places of the letters in a text that are `_RUN` in a row in a value."""
        folded = [(letter, at) for at, sign in enumerate(text) for letter in _fold_sign(sign)]
        joined = "".join(letter for letter, _ in folded)
        runs: dict[str, list[int]] = {}
        for start in range(len(joined) - _RUN + 1):
            runs.setdefault(joined[start : start + _RUN], []).append(start)
        found = {
            value[start : start + _RUN]
            for value in (self.plain if runs else ())
            for start in range(len(value) - _RUN + 1)
            if value[start : start + _RUN] in runs
        }
        starts = (start for run in found for start in runs[run])
        return frozenset(folded[at][1] for start in starts for at in range(start, start + _RUN))

    def names(self, code: str) -> bool:
        """Whether an error code is made of what was sent; digits and short parts do not count."""
        parts = [part for part in code.casefold().split("_") if len(part) >= _LEAST_EDGE]
        is_word = any(part.isalpha() and part in self.words for part in parts)
        return not self.is_whole or is_word or bool(self.find_runs(code))

    def holds(self, text: str) -> bool:
        """Whether a name or piece of text shares a word with the values."""
        plain = _INDEX.sub(" ", text)
        parts = (plain, _CAMEL.sub(" ", plain))
        return any(self._is_sent(word) for part in parts for word in _split_words(part))

    def _is_sent(self, word: str) -> bool:
        if len(word) == 1 and word.isascii() and word.isalpha():
            return False
        if word in self.words or word in self.edges or len(word) > _LONGEST_WORD:
            return True
        if word[:_LONGEST_EDGE] in self.edges and len(word) > _LONGEST_EDGE:
            return True
        digits = "".join(_DIGITS.findall(word))
        if digits and (_plain_number(digits) in self.numbers):
            return True
        return any(part in self.words for part in _list_parts(word)) or self._is_joined(word)

    def _is_joined(self, word: str) -> bool:
        """Whether a word is made of words of the values, such as a first and a last name."""
        reached = {0}
        for end in range(1, len(word) + 1):
            if any(word[start:end] in self.words for start in reached if end - start > 1):
                reached.add(end)
        return len(word) in reached and len(word) > 0


NOTHING_SENT = SentWords()


def collect_words(value: object) -> SentWords:
    """Return the words of all texts and numbers in a value, such as a payload."""
    return _gather(_iterate_texts(value))


def list_literals(query: str) -> list[object]:
    """Return the literals of a SuiteQL query."""
    return [match[1] for match in _LITERAL.finditer(query)]


def mask(text: str, sent: SentWords) -> str:
    """Return a text of NetSuite in which `…` stands for what was sent and what may be personal."""
    if not sent.is_whole:
        return MASK
    plain = _clean(text)[: _LONGEST_TEXT * 4]
    plain = _mask_runs(plain, sent)
    plain = _SPREAD_WORD.sub(lambda match: _mask_spread(match[0], sent), plain)
    plain = _QUOTES.sub(lambda match: _mask_quoted(match[0], sent), plain)
    plain = _SPREAD_NUMBER.sub(lambda match: _mask_number(match[0], sent), plain)
    shown: list[str] = []
    for piece in (_mask_piece(piece, sent) for piece in plain.split()):
        if shown and shown[-1] == MASK and piece.startswith(MASK):
            shown.pop()
        shown.append(piece)
    words = " ".join(shown)
    return words if len(words) <= _LONGEST_TEXT else words[: _LONGEST_TEXT - 1].rstrip() + MASK


def _mask_piece(piece: str, sent: SentWords) -> str:
    """Return a piece without blanks, or its mask with the signs at its end."""
    core = piece.strip(_EDGE_SIGNS)
    if not core or (MASK not in core and _is_shown(core, sent)):
        return piece
    ending = piece[len(piece.rstrip(_EDGE_SIGNS)) :]
    return MASK + ending.replace("..", "")[:2]


def _is_shown(core: str, sent: SentWords) -> bool:
    joined = "".join(_WORD.findall(core))
    if _OPAQUE.search(core) or sent.holds(core):
        return False
    if len(joined) <= _LONGEST_WORD and joined != core and sent.holds(joined):
        return False
    return all(len(digits) <= _LONGEST_NUMBER for digits in _DIGITS.findall(core))


def _mask_quoted(quotation: str, sent: SentWords) -> str:
    """Return a quotation if it is the name of a field, a mask for anything else."""
    inner = quotation[1:-1]
    is_name = _NAME.fullmatch(inner) is not None and not sent.holds(inner)
    return quotation if is_name else f" {MASK} "


def _mask_runs(text: str, sent: SentWords) -> str:
    """Return a text with a mask for each letter of a run that was sent.

    A piece of which a run takes a letter or two stays: the run goes over into a word of NetSuite's.
    """
    runs = sent.find_runs(text)
    if not runs:
        return text
    shown: list[str] = []
    for match in re.finditer(r"\S+|\s+", text):
        places = range(match.start(), match.end())
        count = len(runs.intersection(places))
        is_edge = count < _LEAST_EDGE and 2 * count < len(places)
        shown.append("".join(MASK if at in runs and not is_edge else text[at] for at in places))
    return "".join(shown)


def _mask_spread(text: str, sent: SentWords) -> str:
    """Return letters that stand apart, or a mask if they are a word that was sent."""
    joined = "".join(_WORD.findall(text))
    return MASK if sent.holds(joined) else text


def _mask_number(text: str, sent: SentWords) -> str:
    """Return a number with separators if nothing of it was sent."""
    digits = "".join(_DIGITS.findall(text))
    is_sent = _plain_number(digits) in sent.numbers or len(digits) > _LONGEST_NUMBER
    return MASK if is_sent or sent.holds(text) else text


def _gather(texts: Iterable[str]) -> SentWords:
    words: set[str] = set()
    numbers: set[str] = set()
    plain: set[str] = set()
    for text in texts:
        clean = _clean(text)
        plain.update(_list_plain(clean))
        words.update(_split_words(clean))
        found = _DIGITS.findall(clean)
        numbers.update(map(_plain_number, [*found, "".join(found)]))
        for spelling in _list_spoiled(text):
            words.update(_split_words(_clean(spelling)))
        if len(words) > _MOST_WORDS:
            return SentWords(is_whole=False)
    return SentWords(
        words=frozenset(words),
        edges=frozenset(_list_edges(words)),
        numbers=frozenset(numbers - {""}),
        plain=tuple(plain),
    )


def _list_plain(text: str) -> Iterator[str]:
    """Yield a text without separators, folded; one with umlauts in both of its spellings."""
    for spelling in {text, text.casefold().translate(_TRANSLITERATED)}:
        yield "".join(letter for sign in spelling for letter in _fold_sign(sign))


@lru_cache(maxsize=4_096)
def _fold_sign(sign: str) -> str:
    """Return the letters and digits of one sign of a text, without case, width and accents."""
    low = unicodedata.normalize("NFKC", sign.translate(_BARE)).upper().casefold()
    return "".join(each for each in _strip_accents(low) if each.isalnum())


def _list_spoiled(text: str) -> Iterator[str]:
    """Yield a text as systems spoil it that do not know its letters."""
    if not text.isascii():
        yield text.translate(_BARE)
        yield text.encode("ascii", "ignore").decode()
        yield "".join(
            sign if sign.isascii() else " " for sign in unicodedata.normalize("NFC", text)
        )
        yield text.encode("utf-8", "replace").decode("latin-1")
        yield text.encode("utf-8", "replace").decode("cp1252", "replace")


def _list_edges(words: Iterable[str]) -> Iterator[str]:
    """Yield the beginnings and ends of words: NetSuite cuts long values."""
    for word in words:
        for length in range(_LEAST_EDGE, min(len(word) - 1, _LONGEST_EDGE) + 1):
            yield word[:length]
            yield word[-length:]


def _list_parts(word: str) -> Iterator[str]:
    """Yield the parts of a word that may be a whole word of a value."""
    length = len(word)
    for start in range(length):
        is_asian = word[start] >= _EAST_ASIAN
        for end in range(start + 1, length + 1):
            size = end - start
            is_edge = start == 0 or end == length
            least = 1 if is_asian else _LEAST_EDGE if is_edge else _LEAST_INNER
            if least <= size < length:
                yield word[start:end]


def _plain_number(digits: str) -> str:
    """Return the digits of a number without zeros at its ends: 1.234,50 and 1234.5 are equal."""
    return digits.strip("0")


def _clean(text: str) -> str:
    """Return the text without entities and invisible signs, with single blanks."""
    plain = unicodedata.normalize("NFKC", html.unescape(text))
    kept = (" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in plain)
    return " ".join("".join(sign for sign in kept if unicodedata.category(sign) != "Cf").split())


def _split_words(text: str) -> Iterator[str]:
    """Yield the words of a text, folded; a word with umlauts in both of its spellings."""
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text)):
        low = match[0].upper().casefold()
        plain = _strip_accents(low)
        yield plain
        spelled = _strip_accents(unicodedata.normalize("NFC", low).translate(_TRANSLITERATED))
        if spelled != plain:
            yield spelled


def _strip_accents(text: str) -> str:
    spread = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in spread if not unicodedata.combining(sign))


def _iterate_texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _iterate_texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _iterate_texts(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
