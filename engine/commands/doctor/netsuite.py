"""Checks NetSuite: login, SuiteQL, permission to create records, queries of mappings, the allowance.

Creates nothing: see `check_create`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from ...findings.errors import LedgerError
from ...findings.health import CheckResult, failed, ok, skipped, warning
from ...mapping.plan import LiveLookup, Plan
from ...mapping.plan.plan import Find
from ...mapping.record_schemas import load_record_schema
from ...mapping.snapshots import CURRENCIES_QUERY, read_places
from ...netsuite import NetSuite, fill_query
from ...netsuite.error_details import quoted_words
from ...netsuite.languages import ENGLISH, guess_language
from ...netsuite.look_up import look_up
from ...netsuite.lookups.query_keys import build_keys, fill_keys
from ...netsuite.periods import find_first_open_day
from ...run.ledger import Verdict

_LIMITS = "/services/rest/system/v1/governanceLimits"
_LOGIN = "SELECT id FROM currency WHERE id = 0"
# A key, value and id that nothing has; a text of digits fits columns of texts and of numbers.
_UNUSED_ID = "999999999"
_REFERENCES = ("entity", "customer", "subsidiary")
_DENIED = ("INSUFFICIENT_PERMISSION", "PERMISSION_MISSING")
_TRAIL = "each refused login stands in NetSuite under Setup > Users/Roles > View Login Audit Trail"
_QUERIES = "give the role the permission SuiteAnalytics Workbook, and to find transactions"
_LANGUAGE = (
    "set the language of the integration's user to English (Home > Set Preferences), and of the company"
    " if it may be (Setup > Company > General Preferences)"
)
_COST = (
    "fewer refusals are shown with their cause and remedy, and after each unknown one a record is looked"
    " up and the accounting periods are asked"
)
_ROLE = "give the role of the integration the permission {}"


async def check_login(netsuite: NetSuite) -> CheckResult:
    """Check the login with the first request of all. Raise LedgerError."""
    try:
        await netsuite.rows(_LOGIN)
    except LedgerError as error:
        if error.status == 401:
            return failed(str(error), _TRAIL)
        if error.verdict != Verdict.REFUSED:
            raise
    return ok("the login is accepted")


async def check_suiteql(netsuite: NetSuite) -> CheckResult:
    """Check that transactions can be looked up, as a delivery does before it writes again."""
    try:
        await look_up(netsuite, "salesOrder", f"erpmap-doctor-{_UNUSED_ID}")
    except LedgerError as error:
        return failed(str(error), _QUERIES if error.verdict == Verdict.REFUSED else "")
    return ok("transactions can be looked up")


async def check_periods(netsuite: NetSuite, today: date) -> CheckResult:
    """Check that open accounting periods can be read. Raise LedgerError."""
    found = await find_first_open_day(netsuite, today)
    if isinstance(found, str):
        hint = "give the role the permission to see accounting periods, or open one in NetSuite"
        return failed(found.removeprefix("and "), hint)
    return ok(f"the first open day is {found}")


async def check_currencies(netsuite: NetSuite, places: Mapping[str, int]) -> CheckResult:
    """Check the decimal places by which orders are rounded against the account's. Raise LedgerError."""
    try:
        found = read_places(await netsuite.rows(CURRENCIES_QUERY))
    except LedgerError as error:
        if error.verdict != Verdict.REFUSED:
            raise
        return skipped(str(error), _ROLE.format("to see currencies"))
    other = {symbol: kept for symbol, kept in found.items() if places[symbol] != kept}
    if not other:
        return ok(f"{len(found)} currencies have the decimal places by which orders are rounded")
    shown = ", ".join(f"{symbol}: {kept}" for symbol, kept in other.items())
    hint = f"write `precision: {{{shown}}}` under `netsuite:` in tenant.yaml, or pull the schemas"
    return failed(
        f"the account keeps other decimal places than orders are rounded to: {shown}", hint
    )


async def check_create(
    netsuite: NetSuite, record: str, refusals: list[str] | None = None
) -> CheckResult:
    """Check that the role may create a type of record, by the error that refuses an invalid POST.

    The body refers to a form, and where the type has them to a customer and a subsidiary, that do not
    exist, has no lines, and requests an error for any unknown name. Each of these alone is refused:
    a reference to a missing record always (netsuite.md §1.6), a transaction without its customer or
    lines (§6.1). The field names are valid, so that NetSuite checks the permission. If a record is
    created nevertheless, the check fails and names its id. NetSuite's words are added to `refusals`.
    """
    answer = await netsuite.create(record, _impossible_body(record))
    if refusals is not None:
        refusals.append(quoted_words(answer.words))
    if answer.verdict is Verdict.DELIVERED:
        words = f"NetSuite has created {record} {answer.id} from references to records that do not exist"
        return failed(words, "delete that record, and report this")
    if answer.status in (401, 403) or set(answer.codes) & set(_DENIED):
        return failed(f"it may not be created: {answer.words}", _ROLE.format("to create it"))
    if answer.status == 404 or "TYPE_UNKNOWN" in answer.codes:
        words = f"there is no such type of record: {answer.words}"
        return failed(words, "check its name; its feature may be disabled in the account")
    if answer.verdict in (Verdict.REFUSED, Verdict.DUPLICATE):
        return ok("may be created: NetSuite refused only the invalid references of the test")
    return failed(answer.words, "try again")


async def check_language(refusals: Sequence[str]) -> CheckResult:
    """Check that NetSuite answers in English, by the words that refused the records of `check_create`.

    No query tells the language: NetSuite takes it from the preferences of the user.
    """
    language = guess_language(" ".join(refusals))
    if language is None:
        return skipped("NetSuite's answers do not show their language")
    if language == ENGLISH:
        return ok("NetSuite answers in English")
    return warning(f"NetSuite answers in {language}: {_COST}", _LANGUAGE)


async def check_lookup(netsuite: NetSuite, live: LiveLookup) -> CheckResult:
    """Check that NetSuite answers the query of a live lookup. Raise ExpressionError."""
    assert live.query is not None
    return await _check_query(netsuite, fill_keys(live.query, build_keys(_UNUSED_ID, live.options)))


async def check_find(netsuite: NetSuite, find: Find) -> CheckResult:
    """Check that NetSuite answers the query that looks for a record before it is created."""
    return await _check_query(
        netsuite, fill_query(find.text, {name: _UNUSED_ID for name, _ in find.parameters})
    )


async def check_allowance(netsuite: NetSuite, configured: int) -> CheckResult:
    """Check the configured allowance against NetSuite's limit, which only administrators may read.

    The members of the answer: Oracle's help, article_0625010817.
    """
    try:
        limits = await netsuite.document(_LIMITS, "application/json")
    except LedgerError as error:
        if error.verdict == Verdict.REFUSED:
            hint = "ask an administrator for the limit of the integration"
            return skipped("only administrators may read NetSuite's limits", hint)
        raise
    limit = _find_limit(limits)
    if limit is None:
        return skipped("NetSuite's answer holds no limit")
    if configured > limit:
        words = (
            f"allowance {configured} is more than NetSuite's limit of {limit} concurrent requests"
        )
        return warning(words, f"set netsuite.allowance to {limit} or less in tenant.yaml")
    return ok(f"allowance {configured} of {limit} concurrent requests")


def list_created_records(plans: Sequence[Plan]) -> Iterator[str]:
    """Yield each type of record that the mappings create, once; an update creates none."""
    records = (record for plan in plans for record in plan.records if record.write != "update")
    yield from dict.fromkeys(record.record for record in records)


def list_find_queries(plans: Sequence[Plan]) -> Iterator[tuple[str, Find]]:
    """Yield each query that looks for a record before it is created, once, with the record's name."""
    seen: set[str] = set()
    for plan in plans:
        for record in plan.records:
            if record.find is not None and record.find.text not in seen:
                seen.add(record.find.text)
                yield f"{plan.name}.{record.name}", record.find


async def _check_query(netsuite: NetSuite, query: str) -> CheckResult:
    try:
        await netsuite.rows(query)
    except LedgerError as error:
        is_unknown = "IDENTIFIER_UNKNOWN" in error.codes
        hint = "correct the query" if is_unknown else _ROLE.format("to read what the query selects")
        return failed(str(error), hint if error.verdict == Verdict.REFUSED else "try again")
    return ok("the query is answered")


def _impossible_body(record: str) -> dict[str, object]:
    schema = load_record_schema(record)
    fields = schema.schema.get("properties", {}) if schema is not None else {}
    names = ("customForm", *(name for name in _REFERENCES if name in fields))
    return {name: {"id": _UNUSED_ID} for name in names}


def _find_limit(limits: Mapping[str, object]) -> int | None:
    """Return the integration's limit, else the account's unallocated one, else the account's."""
    for name in ("integration", "accountUnallocated", "account"):
        limit = limits.get(f"{name}ConcurrencyLimit")
        if isinstance(limit, int) and not isinstance(limit, bool):
            return limit
    return None
