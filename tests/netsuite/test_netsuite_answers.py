"""What each answer of NetSuite means, and that no message holds a value of the record."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.findings.errors import LedgerError, NoAnswerError
from engine.netsuite import SentRequest, read_answer
from engine.netsuite.masked_words import collect_words, list_literals
from engine.netsuite.verdicts import answer_without_response, is_missing
from engine.run.ledger import Answer, Verdict, answer_in, error_of

BASE = "https://1234567-sb1.suitetalk.api.netsuite.com"
ERROR = "application/vnd.oracle.resource+json; type=error"
HTML = "<html><body>We will be back.</body></html>"
MADE = f"{BASE}/services/rest/record/v1/salesOrder/1234"
MAKES, CHANGES, READS = (
    SentRequest(writes=True, makes="salesOrder"),
    SentRequest(writes=True),
    SentRequest(),
)
D, X, R, T, A, U = (
    Verdict.DELIVERED, Verdict.DUPLICATE, Verdict.REFUSED,
    Verdict.THROTTLED, Verdict.UNAVAILABLE, Verdict.UNKNOWN,
)  # fmt: skip


def error(
    status: int, code: str, detail: str = "", path: object = None, **more: object
) -> httpx.Response:
    entry: dict[str, Any] = {"detail": detail, "o:errorCode": code}
    entry |= {} if path is None else {"o:errorPath": path}
    document = {"type": "about:blank", "title": "Bad Request", "status": status}
    return httpx.Response(
        status, headers={"content-type": ERROR},
        content=json.dumps(document | {"o:errorDetails": [entry]} | more),
    )  # fmt: skip


def page(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={"content-type": "text/html", **headers}, content=HTML)


def empty(status: int = 204, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers=headers)


EXISTS = "Error while accessing a resource. This record already exists."
FIELD = "You have entered an Invalid Field Value 99 for the following field: entity"
LIMIT = "Concurrent request limit exceeded. Request blocked."
COLUMN = "Search error occurred: Unknown identifier 'emial'. Available identifiers are: {x=x}"

# Facts §2.2, row by row: the answer, what it means after a write and after a read, codes, and how the words begin.
LOGIN = (
    "NetSuite refused the login (INVALID_LOGIN): "
    "its Login Audit Trail shows why (the integration, the role, the certificate or the time)"
)
TABLE: list[tuple[httpx.Response, Verdict, Verdict, tuple[str, ...], str]] = [
    (error(400, "USER_ERROR", "Please enter value(s) for: Customer, Date", "entity"), R, R,
     ("VALUE_MISSING", "USER_ERROR"), "a value is missing for Customer, Date at entity (USER_ERROR)"),
    (error(400, "USER_ERROR", FIELD), R, R, ("VALUE_INVALID", "USER_ERROR"),
     "the value of entity is not valid (USER_ERROR)"),
    (error(400, "USER_ERROR", EXISTS, "externalId"), X, X, ("RECORD_EXISTS", "USER_ERROR"),
     "the record already exists at externalId (USER_ERROR)"),
    (error(400, "USER_ERROR", "This entity already exists."), X, X, ("RECORD_EXISTS", "USER_ERROR"),
     "the record already exists (USER_ERROR)"),
    (error(400, "USER_ERROR", "Your current role does not have permission to"), R, R,
     ("PERMISSION_MISSING", "USER_ERROR"), "the role lacks a permission (USER_ERROR)"),
    (error(400, "USER_ERROR", "The record has been locked by a user defined workflow"), A, A,
     ("RECORD_LOCKED", "USER_ERROR"), "the record is locked (USER_ERROR)"),
    (error(400, "USER_ERROR", "The posting period of the transaction date is closed."), R, R,
     ("PERIOD_CLOSED", "USER_ERROR"), "the period is closed (USER_ERROR)"),
    (error(400, "USER_ERROR", "The transaction date is not within an open accounting period."), R, R,
     ("PERIOD_CLOSED", "USER_ERROR"), "the period is closed (USER_ERROR)"),
    (error(400, "USER_ERROR", "Anything that a script of the account says"), R, R, ("USER_ERROR",),
     "USER_ERROR; NetSuite: Anything that a script of the account says"),
    (error(400, "INVALID_CONTENT", "Invalid content in the request body", "item.items[0].item"), R, R,
     ("INVALID_CONTENT",), "INVALID_CONTENT at item.items[0].item"),
    (error(400, "INVALID_PARAMETER", COLUMN), R, R, ("IDENTIFIER_UNKNOWN", "INVALID_PARAMETER"),
     "the query uses the unknown name emial (INVALID_PARAMETER)"),
    (error(400, "INVALID_ID"), R, R, ("INVALID_ID",), "INVALID_ID"),
    (error(400, "IDEMPOTENCY_ERROR"), R, R, ("IDEMPOTENCY_ERROR",), "IDEMPOTENCY_ERROR"),
    (error(401, "INVALID_LOGIN", "Invalid login attempt."), R, R, ("LOGIN_REFUSED", "INVALID_LOGIN"), LOGIN),
    (error(401, "INVALID_LOGIN", "Your account is locked."), R, R, ("LOGIN_REFUSED", "INVALID_LOGIN"), LOGIN),
    (error(403, "INSUFFICIENT_PERMISSION"), R, R, ("PERMISSION_MISSING", "INSUFFICIENT_PERMISSION"),
     "the role lacks a permission (INSUFFICIENT_PERMISSION): give the role"),
    (error(404, "NONEXISTENT_ID", "Record does not exist."), R, R, ("RECORD_MISSING", "NONEXISTENT_ID"),
     "a record does not exist (NONEXISTENT_ID): look for it"),
    (error(429, "CONCURRENCY_LIMIT_EXCEEDED", LIMIT, **{"o:errorCode": "USER_ERROR"}), T, T,
     ("TOO_MANY_REQUESTS", "CONCURRENCY_LIMIT_EXCEEDED"),
     "NetSuite accepts no more concurrent requests now (CONCURRENCY_LIMIT_EXCEEDED)"),
    (error(400, "SSS_REQUEST_LIMIT_EXCEEDED"), T, T, ("TOO_MANY_REQUESTS", "SSS_REQUEST_LIMIT_EXCEEDED"),
     "NetSuite accepts no more concurrent requests now (SSS_REQUEST_LIMIT_EXCEEDED): lower"),
    (error(400, "DUP_RCRD"), X, X, ("RECORD_EXISTS", "DUP_RCRD"), "the record already exists (DUP_RCRD): "),
    (page(429), T, T, (), "429, text/html, 42 bytes"),
    (error(500, "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: abc"), U, A,
     ("UNEXPECTED", "UNEXPECTED_ERROR"), "NetSuite had an unexpected error (UNEXPECTED_ERROR): "),
    (error(400, "UNEXPECTED_ERROR"), U, A, ("UNEXPECTED", "UNEXPECTED_ERROR"),
     "NetSuite had an unexpected error (UNEXPECTED_ERROR): "),
    *((page(status), U, A, (), f"{status}, text/html, 42 bytes") for status in (500, 502, 503, 504)),
    (page(408), U, A, (), "408, text/html, 42 bytes"),
    (page(302, location="http://elsewhere.invalid/login"), U, A, (), "302, text/html, 42 bytes"),
    (page(404), R, R, (), "404, text/html, 42 bytes"),
    (error(400, "odd code", path="no path"), R, R, ("UNKNOWN_CODE",), "UNKNOWN_CODE"),
    (error(418, "A_CODE_OF_TOMORROW"), R, R, ("A_CODE_OF_TOMORROW",), "A_CODE_OF_TOMORROW"),
    (httpx.Response(400, headers={"content-type": ERROR}, content=b'{"o:errorDetails": 5}'), R, R, (),
     "400, application/vnd.oracle.resource+json, 21 bytes"),
    (httpx.Response(400, headers={"content-type": ERROR}, content=b"{"), R, R, (),
     "400, application/vnd.oracle.resource+json, 1 bytes"),
]  # fmt: skip


@pytest.mark.parametrize(("response", "written", "read", "codes", "words"), TABLE)
def test_what_an_answer_means(
    response: httpx.Response, written: Verdict, read: Verdict, codes: tuple[str, ...], words: str
) -> None:
    for sent, verdict in ((MAKES, written), (CHANGES, written), (READS, read)):
        answer = read_answer(response, base_url=BASE, sent=sent)
        assert (answer.verdict, answer.codes) == (verdict, codes)
        assert answer.words.startswith(words)
        assert (answer.status, answer.class_) == (
            response.status_code,
            f"{response.status_code // 100}xx",
        )
        assert answer_in(error_of(answer)) == answer


# A success: the answer to what makes a record, and to what changes one.
WRITTEN: list[tuple[httpx.Response, Verdict, Verdict, str | None]] = [
    (empty(location=MADE), D, D, "1234"),
    (empty(201, location=MADE), D, D, "1234"),
    (empty(location="/services/rest/record/v1/salesorder/1234"), D, D, "1234"),
    (empty(location=MADE.replace(".com/", ".com:443/")), D, D, "1234"),
    (empty(location=MADE.replace("1234567-sb1", "1234567-SB1")), D, D, "1234"),
    (empty(location=MADE.replace("salesOrder", "cashSale")), U, D, "1234"),
    (empty(), U, D, None),
    (empty(200), U, D, None),
    (empty(202), U, U, None),
    (empty(202, location="/services/rest/async/v1/job/5"), U, U, None),
    (page(200), U, U, None),
    (page(200, location=MADE), D, D, "1234"),
    *(
        (empty(location=location), U, U, None)
        for location in (
            "salesOrder/1234", "http://[", "", "/", MADE + "/", MADE + "5x", MADE.replace("https", "http"),
            MADE.replace("netsuite.com", "netsuite.com.evil.example"), MADE.replace("https://", "https://me@"),
            MADE.replace(".com/", ".com:8443/"), MADE.replace("record/v1", "query/v1"), MADE + "0" * 20,
            "//evil.example/services/rest/record/v1/salesOrder/1234", MADE.replace("1234567", "7654321"),
            "/services/rest/record/v1/salesOrder/1/item/2", "/x/services/rest/record/v1/salesOrder/1",
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("response", "made", "changed", "id_"), WRITTEN)
def test_a_success_says_what_was_written(
    response: httpx.Response, made: Verdict, changed: Verdict, id_: str | None
) -> None:
    for sent, verdict in ((MAKES, made), (CHANGES, changed)):
        answer = read_answer(response, base_url=BASE, sent=sent)
        assert (answer.verdict, answer.id) == (verdict, id_ if verdict is D else None)
        assert "evil" not in answer.words


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0), ("0", 0.0), ("99999", 86_400.0), ("123456", 86_400.0), ("1234567890", None), ("-1", None), ("1.5", None),
        ("", None), ("soon", None), ("²", None), ("Tue, 01 Dec 2026 10:00:30 GMT", 30.0),
        ("Tue, 01 Dec 2026 09:00:00 GMT", 0.0), ("Fri, 01 Jan 2100 00:00:00 GMT", 86_400.0),
        ("Tue, 99 Dec 2026 10:00:30 GMT", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("sent", [MAKES, READS])
def test_when_to_come_again(said: str, seconds: float | None, sent: SentRequest) -> None:
    headers = [(b"retry-after", said.encode()), (b"date", b"Tue, 01 Dec 2026 10:00:00 GMT")]
    for status in (429, 503):
        answer = read_answer(httpx.Response(status, headers=headers), base_url=BASE, sent=sent)
        assert answer.retry_after == seconds
        assert answer_in(error_of(answer)).retry_after == seconds


def test_a_moment_to_come_again_needs_the_time_of_the_answer() -> None:
    headers = {"retry-after": "Tue, 01 Dec 2026 10:00:30 GMT"}
    assert read_answer(httpx.Response(503, headers=headers), base_url=BASE).retry_after is None


@pytest.mark.parametrize(
    ("kind", "sent", "writes", "verdict", "class_"),
    [
        ("connect", False, True, A, "connect"), ("timeout", True, True, U, "timeout"),
        ("broken", True, True, U, "timeout"), ("broken", True, False, A, "timeout"),
        ("oversized", True, True, U, "timeout"), ("unavailable", False, True, A, "timeout"),
    ],
)  # fmt: skip
def test_no_answer(kind: str, *, sent: bool, writes: bool, verdict: Verdict, class_: str) -> None:
    answer = answer_without_response(
        NoAnswerError(kind, "the connection broke", sent=sent), writes=writes
    )
    assert answer == Answer(verdict, class_, words="NetSuite gave no answer: the connection broke")


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (error(404, "NONEXISTENT_ID"), True),
        (error(404, "INVALID_CONTENT", "Record type 'salesOrdr' does not exist"), False),
        (error(400, "NONEXISTENT_ID"), False),
        (page(404), False),
    ],
)
def test_only_netsuite_says_that_a_record_is_not_there(
    response: httpx.Response, *, expected: bool
) -> None:
    found: LedgerError = error_of(read_answer(response, base_url=BASE))
    assert is_missing(found) is expected


SENTENCES = (
    "Please enter value(s) for: {}",
    "You have entered an Invalid Field Value {} for the following field: entity",
    "You have entered an Invalid Field Value 5 for the following field: {}",
    "Invalid Field Value for the following field: {} for the following field: {}",
    "Unknown identifier '{}'", "This record already exists: {}", "{}", "period {} closed",
)  # fmt: skip
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=30)


@given(
    values=st.lists(VALUES, min_size=1, max_size=3),
    sentence=st.sampled_from(SENTENCES),
    as_path=st.booleans(),
    is_query=st.booleans(),
)
def test_words_hold_no_value_that_was_sent(
    values: list[str], sentence: str, *, as_path: bool, is_query: bool
) -> None:
    marked = [f"Zq{value}Jx" for value in values]
    body = {"entity": {"name": marked[0]}, "lines": [{"n": value} for value in marked]}
    query = " OR ".join("name = '" + value.replace("'", "''") + "'" for value in marked)
    words = collect_words(list_literals(query) if is_query else body)
    for value in marked:
        for echoed in (value, value.upper(), value.title()):
            text = sentence.replace("{}", echoed)
            path = echoed if as_path else None
            said = read_answer(
                error(400, "USER_ERROR", text, path), base_url=BASE, sent=SentRequest(values=words)
            )
            assert "zq" not in said.words.casefold()
            assert "jx" not in said.words.casefold()


def test_numbers_of_lines_are_no_values() -> None:
    sent = SentRequest(writes=True, values=collect_words({"quantity": 1, "memo": "the order"}))
    answer = read_answer(
        error(400, "USER_ERROR", "x", "item.items[1].rate"), base_url=BASE, sent=sent
    )
    assert answer.words == "USER_ERROR at item.items[1].rate; NetSuite: x"
    named = error(400, "USER_ERROR", "Please enter value(s) for: Order Status")
    words = read_answer(named, base_url=BASE, sent=sent).words
    assert words.startswith("a value is missing for a field (USER_ERROR): ")
    assert words.endswith("; NetSuite: Please enter value(s) for: … Status")
