"""Pseudonyms for the people and numbers in the documents of an order, in the same shape.

Letters become letters and digits digits, word by word, so that lengths, blanks and scripts stay. The same
word has the same pseudonym in all documents. Without the salt nothing leads back. What is kept: amounts,
dates, states of orders, codes of countries and currencies, and the texts that the caller names.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ..documents.exact import format_plain

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TOKEN = re.compile(rf"{_UUID.pattern}|[^\W_]+", re.IGNORECASE)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][0-9:.]+(?:Z|[+-]\d\d:?\d\d)?)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_EMAIL_DOMAIN = "example.com"
# Keys of values that say who somebody is: always replaced, whatever the value.
_PERSONAL = re.compile(
    r".*(e_?mail|phone|telefon|mobile|msisdn|first_?name|last_?name|full_?name|customer_?name|salutation"
    r"|gender|birth|zip|postal|address_?line|street|house_?n|city|card|last_?(?:4|four)|cvc|cvv|iban"
    r"|account_?number|ip_?address|latitude|longitude|coordinates|vat_?id|tax_?id|passport).*"
    r"|(?:.*_)?(?:tel|fax|dob|pin|ip|lat|lon|lng|gps)(?:_.*)?",
    re.IGNORECASE,
)
# Keys of numbers by which somebody is found in another system.
_IDENTIFYING = re.compile(
    r"(?:.*[_a-z])?id|.*(?:external|reference|confirmation|token|correlation|number|auth_?code).*",
    re.IGNORECASE,
)
# Keys whose values decide what an order is.
_KEPT = re.compile(
    r".*(?:type|status|kind|method|strategy|reason|level|provider|currency|country|state|region|channel"
    r"|origin)|name_of_event|tenant",
    re.IGNORECASE,
)
# Their values are codes or a few words: more words are what somebody wrote.
_CODE = re.compile(r"[\w.:/-]{1,40}")
_FEW_WORDS = re.compile(r"[^\s@]{1,40}(?: [^\s@]{1,40}){0,3}")
_WRITTEN = re.compile(r".*reason", re.IGNORECASE)
# Keys of amounts and moments. Under another key a long number or a day may say who somebody is.
_AMOUNT = re.compile(
    r".*(?:amount|price|total|tax|discount|quantity|percent|cost|balance).*|(?:.*_)?(?:qty|rate|fee|points)",
    re.IGNORECASE,
)
_DATED = re.compile(
    r".*(?:_at|At|[Dd]ate|[Dd]ay|[Tt]ime|_on|On|_from|From|[Uu]ntil|created|placed|updated|expires)"
)
_LONGEST_COUNT = 3
_TRIES = 50
# A letter for each script that has no other case: names stay in their script.
_SCRIPTS = {
    "CJK": "一丁七三上下不世中主",
    "HIRAGANA": "あいうえおかきくけこ",
    "KATAKANA": "アイウエオカキクケコ",
    "HANGUL": "가나다라마바사아자차",
    "ARABIC": "ابتثجحخدرس",
    "CYRILLIC": "абвгдежзик",
    "GREEK": "αβγδεζηθικ",
    "HEBREW": "אבגדהוזחטי",
}
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_ACCENTED = "áàâäéèêëíîïóôöúûü"


@dataclass(slots=True)
class Pseudonyms:
    """The pseudonyms of one case: `kept` are texts that stay, `replaced` the values that were replaced.

    `amounts` are the keys whose numbers and moments stay, beside those that are named like an amount.
    """

    salt: bytes
    kept: frozenset[str]
    amounts: frozenset[str] = frozenset()
    replaced: set[str] = field(default_factory=set)
    _words: dict[str, str] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def anonymise(self, value: object, key: str = "") -> object:
        """Return a copy of a JSON value with pseudonyms in it; `key` is the key that it is under."""
        if isinstance(value, Mapping):
            return {
                self._replace_key(str(name)): self.anonymise(inner, str(name))
                for name, inner in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.anonymise(inner, key) for inner in value]
        if isinstance(value, str):
            return self._replace_text(value, key)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return self._replace_number(value, key)
        return value

    def anonymise_cell(self, value: object, column: str) -> object:
        """Return a cell of a recorded lookup: numbers stay, for they are ids of NetSuite, but personal ones."""
        is_number = isinstance(value, int | Decimal) or (
            isinstance(value, str) and _NUMBER.fullmatch(value)
        )
        if is_number and not _PERSONAL.fullmatch(column):
            return value
        return self.anonymise(value, column)

    def _replace_key(self, key: str) -> str:
        """Return the key of a map: one that is an e-mail address, a UUID or a long number is replaced."""
        is_long_number = key.isdecimal() and len(key) > _LONGEST_COUNT
        is_replaced = is_long_number or _UUID.fullmatch(key) or _EMAIL.fullmatch(key)
        return self._replace_text(key, "") if is_replaced else key

    def _replace_number(self, number: int | Decimal, key: str) -> int | Decimal:
        text = format_plain(number)
        is_personal = _PERSONAL.fullmatch(key) is not None
        if isinstance(number, Decimal):
            is_replaced = is_personal
        else:
            is_identifying = _IDENTIFYING.fullmatch(key) and text not in self.kept
            is_replaced = is_personal or bool(is_identifying) or not self._is_amount(text, key)
        if not is_replaced:
            return number
        self.replaced.add(text)
        return type(number)(self._name(text))

    def _replace_text(self, text: str, key: str) -> str:
        if self._is_kept(text, key):
            return text
        found = self._name_email(text) if _EMAIL.fullmatch(text.strip()) else self._name(text)
        if found != text:
            self.replaced.add(text)
        return found

    def _is_kept(self, text: str, key: str) -> bool:
        if not text.strip():
            return True
        if _PERSONAL.fullmatch(key) or _EMAIL.fullmatch(text.strip()):
            return False
        if text in self.kept:
            return True
        if _MOMENT.fullmatch(text):
            return key in self.amounts or _DATED.fullmatch(key) is not None
        if _UUID.fullmatch(text) or _IDENTIFYING.fullmatch(key):
            return False
        if _NUMBER.fullmatch(text):
            return self._is_amount(text, key)
        form = _CODE if _WRITTEN.fullmatch(key) else _FEW_WORDS
        return bool(_KEPT.fullmatch(key) and form.fullmatch(text))

    def _is_amount(self, text: str, key: str) -> bool:
        """Return whether a number says how much or how many; one without a point may say who."""
        is_count = "." in text or len(text.lstrip("-")) <= _LONGEST_COUNT
        return is_count or key in self.amounts or _AMOUNT.fullmatch(key) is not None

    def _name_email(self, text: str) -> str:
        """Return an address in a domain of nobody; blanks around it stay."""
        local, _, domain = text.rpartition("@")
        return f"{self._name(local)}@{_EMAIL_DOMAIN}{domain[len(domain.rstrip()) :]}"

    def _name(self, text: str) -> str:
        """Return a text with every UUID and every other word replaced."""
        return _TOKEN.sub(lambda match: self._name_token(match[0]), text)

    def _name_token(self, token: str) -> str:
        return self._name_uuid(token) if _UUID.fullmatch(token) else self._name_word(token)

    def _name_uuid(self, text: str) -> str:
        known = self._words.get(text.lower())
        if known is None:
            digits = hmac.new(self.salt, text.lower().encode(), hashlib.sha256).hexdigest()
            known = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"
            self._words[text.lower()] = known
        return known

    def _name_word(self, word: str) -> str:
        """Return the pseudonym of a word: another one for each word, as far as there are enough."""
        folded = word.casefold()
        if folded not in self._words:
            found = folded
            for attempt in range(_TRIES):
                found = "".join(self._list_letters(folded, attempt))
                if found not in self._used and found != folded:
                    break
            self._words[folded] = found
            self._used.add(found)
        return _copy_case(word, self._words[folded])

    def _list_letters(self, word: str, attempt: int) -> Iterator[str]:
        digest = hmac.new(self.salt, f"{attempt} {word}".encode(), hashlib.sha512).digest()
        for index, letter in enumerate(word):
            choices = _list_choices(letter, is_first=index == 0)
            yield choices[digest[index % len(digest)] % len(choices)]


def _list_choices(letter: str, *, is_first: bool) -> str:
    """Return the letters that may stand for a letter: of its kind and script. A number begins as it did."""
    if letter.isascii() and letter.isalpha():
        return _LATIN
    if letter.isdecimal():
        return letter if is_first and letter == "0" else "123456789" if is_first else "0123456789"
    name = unicodedata.name(letter, "")
    for script, letters in _SCRIPTS.items():
        if name.startswith(script):
            return letters
    return _ACCENTED if letter.isalpha() else letter


def _copy_case(word: str, pseudonym: str) -> str:
    """Return a pseudonym with the capitals of the word that it stands for."""
    if len(word) != len(pseudonym):
        return pseudonym
    return "".join(
        each.upper() if letter.isupper() and len(each.upper()) == 1 else each
        for letter, each in zip(word, pseudonym, strict=True)
    )
