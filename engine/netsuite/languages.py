"""The languages of an account: the company's, which requests may have to name, and that of its words. Pure.

NetSuite writes its messages in the language of the user, or of the company. Where the two differ, REST
refuses a request that does not name the company's language (INVALID_HEADER; public reports of 2024 to
2026), and tells which it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx

from ..findings.errors import NoAnswerError
from ..wire.json_body import document_in, is_json

_HEADERS = frozenset(("accept-language", "content-language"))
_NAMED = re.compile(r"'([A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?)'")
_WORD = re.compile(r"[^\W\d_]+")
ENGLISH = "English"
# Short words that are common in messages of one language, and mean nothing in the others.
_COMMON = {
    ENGLISH: "the is not you this that must have has been with your does please enter record",
    "German": "der das ist nicht sie dieser dieses und ein eine wurde bitte für geben datensatz",
    "Italian": "il è della non questo che sono per stato è immettere già valore",
    "French": "le la est pas vous cette que les une pour veuillez été existe",
    "Spanish": "el los está esta que una para debe ha sido ya introduzca",
    "Portuguese": "o não você este que uma para deve foi já os insira",
    "Dutch": "het niet een deze voor moet bestaat zijn geef",
    "Swedish": "är inte och denna måste ange finns redan",
    "Danish": "er ikke og denne skal angiv findes allerede",
    "Czech": "není je pro tento musíte zadejte již",
}
_SCRIPTS = (
    (re.compile(r"[\u3040-\u30ff]"), "Japanese"),
    (re.compile(r"[\uac00-\ud7af]"), "Korean"),
    (re.compile(r"[\u4e00-\u9fff]"), "Chinese"),
    (re.compile(r"[\u0400-\u04ff]"), "Russian"),
    (re.compile(r"[\u0e00-\u0e7f]"), "Thai"),
)


def read_company_language(response: httpx.Response) -> str | None:
    """Return the language that a refused request has to name, such as `pt`; None for any other answer."""
    if response.status_code != httpx.codes.BAD_REQUEST or not is_json(response):
        return None
    try:
        document = document_in(response, about="NetSuite's answer")
    except NoAnswerError:
        return None
    details = document.get("o:errorDetails") if isinstance(document, Mapping) else None
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, Mapping) and _names_language(detail):
            found = _NAMED.search(str(detail.get("detail")))
            return found and found[1]
    return None


def language_headers(language: str) -> dict[str, str]:
    """Return the headers that name the company's language, for reads and for writes."""
    return {"Accept-Language": language, "Content-Language": language}


def guess_language(text: str) -> str | None:
    """Return the name of the language of a message; None if its words do not show it."""
    for script, name in _SCRIPTS:
        if script.search(text):
            return name
    words = [word.casefold() for word in _WORD.findall(text)]
    counts = {
        name: sum(word in common.split() for word in words) for name, common in _COMMON.items()
    }
    best = max(counts, key=lambda name: counts[name])
    others = max(count for name, count in counts.items() if name != best)
    return best if counts[best] > others else None


def _names_language(detail: Mapping[str, object]) -> bool:
    is_header = detail.get("o:errorCode") == "INVALID_HEADER"
    return is_header and str(detail.get("o:errorHeader")).lower() in _HEADERS
