"""What NetSuite takes as text: lengths, characters, countries and states."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from .markets import Json

LENGTHS = {
    "firstName": 32,
    "lastName": 32,
    "addressee": 83,
    "addr1": 150,
    "addr2": 150,
    "city": 50,
    "zip": 36,
    "state": 30,
    "otherRefNum": 45,
    "memo": 999,
    "email": 254,
    "externalId": 100,
}
# The writer encodes what an address cannot hold, as in `SO-_x23_1001`, and keeps ids distinct.
_ID = re.compile(r"[!-~]+")
_DATE = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
_CODE = re.compile(r"[A-Z]{2}")
_COUNTRY_CODES = (
    "AB AD AE AF AG AI AL AM AN AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM "
    "BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CS CU CV CW CX CY "
    "CZ DE DJ DK DM DO DZ EA EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI "
    "GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME "
    "MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR "
    "NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG "
    "SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV "
    "TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
_COUNTRIES = frozenset(_CODE.findall(_COUNTRY_CODES))
_STATE_CODES = {
    "US": (
        "AA AE AK AL AP AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN "
        "MO MP MS MT NC ND NE NH NJ NM NV NY OH OK OR PA PR RI SC SD TN TX UT VA VI VT WA WI WV "
        "WY"
    ),
    "CA": "AB BC MB NB NL NS NT NU ON PE QC SK YT",
}
_STATES = {country: frozenset(_CODE.findall(codes)) for country, codes in _STATE_CODES.items()}


def find_refusals(body: Json) -> list[str]:
    """Return why NetSuite would refuse the texts of a body."""
    return [words for key, text in _texts("", body) for words in _judge(key, text)] + [
        words for address in _addresses(body) for words in _judge_address(address)
    ]


def _texts(key: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(name, inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(key, inner)


def _judge(key: str, text: str) -> Iterator[str]:
    if len(text) > LENGTHS.get(key, 4000):
        yield f"{key} of {len(text)} characters"
    if any(_is_foreign(letter) for letter in text):
        yield f"{key} with a character that NetSuite does not take"
    if not text.strip():
        yield f"{key} is empty"
    if key == "email" and not _EMAIL.fullmatch(text):
        yield "email is no e-mail"
    if key == "tranDate" and not _DATE.fullmatch(text):
        yield f"tranDate {text}"


def _is_foreign(letter: str) -> bool:
    kind = unicodedata.category(letter)
    is_emoji = ord(letter) >= 0x1F000 and kind in ("So", "Sk")
    return kind in ("Cc", "Cs", "Cn", "Co") or is_emoji or letter in "\u200b\ufeff\u2028\u2029"


def _addresses(body: Json) -> Iterator[Json]:
    for name in ("billingAddress", "shippingAddress"):
        if isinstance(body.get(name), Mapping):
            yield body[name]


def _judge_address(address: Json) -> Iterator[str]:
    country = address.get("country")
    code = country.get("id") if isinstance(country, Mapping) else country
    if code is not None and code not in _COUNTRIES:
        yield f"country {code}"
    state = address.get("state")
    if state is not None and code in _STATES and state not in _STATES[str(code)]:
        yield f"state {state} of {code}"


def is_plain_id(text: object) -> bool:
    """Whether an external id can be sent: encoded where it is not plain."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None
