"""What text fields take: lengths, countries and states. The tables are data; an account may change them.

Sources: netsuite.md ("Lengths", public reports and code; the limits are not in Oracle's help): an address
has countries of ISO 3166 and some of NetSuite's own; states of a country with a list are its codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .account import Account
from .account_settings import AccountSettings
from .names import Body
from .refusals import RefusalDetail, RefusalError, invalid_reference

_LIMITS: Mapping[str, int] = {
    "firstName": 32, "middleName": 32, "lastName": 32, "companyName": 83, "addressee": 83,
    "attention": 83, "addr1": 150, "addr2": 150, "addr3": 150, "city": 50, "state": 30, "zip": 36,
    "otherRefNum": 45, "tranId": 45, "memo": 999, "email": 254, "entityId": 83,
}  # fmt: skip
_SHORT = min(_LIMITS.values())
# Reports quote two sentences; this is the one for addresses.
_OF_ADDRESSES = frozenset(
    ("addressee", "attention", "addr1", "addr2", "addr3", "city", "state", "zip")
)

_COUNTRY_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
AB IC EA XK AN CS
"""
COUNTRIES = frozenset(_COUNTRY_CODES.split())
# Which countries have a list in NetSuite is an account's setting; these three have one everywhere.
_STATES: Mapping[str, frozenset[str]] = {
    country: frozenset(codes.split())
    for country, codes in {
        "US": """AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV
            NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AA AE AP AS GU MP PR VI""",
        "CA": "AB BC MB NB NL NS NT NU ON PE QC SK YT",
        "AU": "ACT NSW NT QLD SA TAS VIC WA",
    }.items()
}


def check_lengths(account: Account, settings: AccountSettings, body: Body) -> None:
    """Raise RefusalError for every text that is longer than its field."""
    if settings.lengths == "off":
        return
    limits = {**_LIMITS, **account.lengths}
    details = []
    for trail, value in _list_members(body):
        limit = limits.get(trail.rpartition(".")[2])
        if limit is not None and isinstance(value, str) and _measure(value, settings) > limit:
            details.append(_describe_excess(trail, limit))
    if details:
        raise RefusalError(400, details)


def _list_members(body: Body) -> Iterator[tuple[str, Any]]:
    """Yield every member of a body with its trail, in its order, however deep the body is."""
    waiting: list[tuple[str, Any]] = [("", body)]
    while waiting:
        trail, value = waiting.pop()
        if trail:
            yield trail, value
        if isinstance(value, dict):
            members = [(f"{trail}.{key}".strip("."), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            members = [(f"{trail}[{index}]", inner) for index, inner in enumerate(value)]
        else:
            continue
        waiting += reversed(members)


def cut_texts(value: Any) -> Any:
    """Return a body with its long texts cut: for a check of its kinds that is not about lengths."""
    if isinstance(value, dict):
        return {name: cut_texts(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [cut_texts(inner) for inner in value]
    return value[:_SHORT] if isinstance(value, str) else value


def _measure(text: str, settings: AccountSettings) -> int:
    """Return the length of a text in characters, or in bytes of UTF-8."""
    return len(text.encode("utf-8", "replace")) if settings.lengths == "bytes" else len(text)


def _describe_excess(trail: str, limit: int) -> RefusalDetail:
    name = trail.rpartition(".")[2]
    words = (
        f"The field {name} contained more than the maximum number ( {limit} ) of characters allowed."
        if name in _OF_ADDRESSES
        else f"The value of the field {name} exceeds the maximum length of {limit}."
    )
    return RefusalDetail("USER_ERROR", words, trail)


def check_places(account: Account, settings: AccountSettings, body: Body) -> None:
    """Raise RefusalError for a country that does not exist, or a state that its country does not have."""
    if not settings.places:
        return
    _check_address(account, body, "")
    for trail, value in _list_members(body):
        if isinstance(value, dict):
            _check_address(account, value, f"{trail}.")


def _check_address(account: Account, address: Mapping[str, Any], trail: str) -> None:
    written = address.get("country")
    country = written.get("id") if isinstance(written, dict) else written
    if not isinstance(country, str):
        return
    if country not in COUNTRIES:
        raise invalid_reference("country", country, f"{trail}country")
    states = account.states.get(country, _STATES.get(country))
    state = address.get("state")
    if states and isinstance(state, str) and state and state not in states:
        raise invalid_reference("state", state, f"{trail}state")
