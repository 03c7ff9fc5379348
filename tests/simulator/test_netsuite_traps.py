"""NetSuite plays the traps that public reports name: lag, languages, lengths, places, names, overload."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import yaml
from conftest import ROOT
from netsuite_account import Json, NetSuite, line, netsuite, order, person

from engine.findings.errors import SpecError
from engine.simulator.aim import Trap
from engine.simulator.control import change_faults
from engine.simulator.faults import Fault, Faults
from engine.simulator.netsuite import read_account
from engine.simulator.netsuite.account_settings import PARSERS
from engine.simulator.netsuite.messages import LANGUAGES, SENTENCES
from engine.simulator.netsuite.translate import translate_text

FIND = "SELECT id, email FROM customer WHERE externalid = 'C-1'"


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and words of a response that refuses."""
    detail = answer.json()["o:errorDetails"][0]
    return answer.status_code, detail["o:errorCode"], detail["detail"]


def found(there: NetSuite) -> list[str]:
    """The e-mails of the customers that SuiteQL finds."""
    return [row["email"] for row in there.suiteql(FIND).json()["items"]]


def listed(there: NetSuite) -> int:
    """How many customers a list with a condition finds."""
    total: int = there.read('/customer?q=externalId IS "C-1" AND isPerson IS true')["totalResults"]
    return total


# searches that lag


def test_a_record_is_missing_from_searches_for_seconds() -> None:
    with netsuite(settings={"search_lag": 3}) as there:
        id_ = there.customer(externalId="C-1")
        for moment in (0, 2.9):
            there.now[0] += moment
            assert (found(there), listed(there)) == ([], 0)
            assert there.read(f"/customer/{id_}") == there.read("/customer/eid:C-1")
        there.now[0] += 0.2
        assert (found(there), listed(there)) == (["ann@example.com"], 1)
        there.ask("PATCH", "/customer/eid:C-1", {"email": "b@example.com"})
        assert found(there) == ["ann@example.com"]
        there.now[0] += 3
        assert found(there) == ["b@example.com"]
        assert there.ask("DELETE", "/customer/eid:C-1").status_code == 204
        assert found(there) == ["b@example.com"]
        there.now[0] += 3
        assert found(there) == []


def test_a_record_is_missing_from_a_number_of_searches() -> None:
    with netsuite(settings={"search_lag_requests": 2}) as there:
        there.customer(externalId="C-1")
        assert [found(there) for _ in range(3)] == [[], [], ["ann@example.com"]]
        answer = there.ask("POST", "/customer", person(externalId="C-2"))
        assert answer.status_code == 204
        answer = there.ask("POST", "/customer", person(externalId="C-2"))
        assert "This record already exists." in refusal(answer)[2]


def test_a_read_by_external_id_may_lag_too() -> None:
    settings = {"search_lag_requests": 1, "search_lag_by_external_id": True}
    with netsuite(settings=settings) as there:
        id_ = there.customer(externalId="C-1")
        assert there.ask("GET", f"/customer/{id_}").status_code == 200
        answers = [there.ask("GET", "/customer/eid:C-1").status_code for _ in range(2)]
        assert answers == [404, 200]


@pytest.mark.parametrize("condition", ["email", 'email IS "a" OR x IS "b"', 'email IS "a" AND'])
def test_a_condition_that_is_none_is_refused(condition: str) -> None:
    with netsuite() as there:
        answer = there.ask("GET", "/customer", params={"q": condition})
        assert refusal(answer)[:2] == (400, "INVALID_PARAMETER")


def test_an_order_without_a_direction_may_lose_rows() -> None:
    with netsuite() as there:
        ids = [there.customer() for _ in range(5)]
        kept = {"all": 5, "half": 2, "nothing": 0}
        for setting, count in kept.items():
            there.app.state.site.settings.unsorted = setting
            for direction, number in (("", count), (" ASC", 5), (" DESC", 5)):
                rows = there.suiteql(f"SELECT id FROM customer ORDER BY id{direction}").json()
                assert len(rows["items"]) == number
        assert [row["id"] for row in rows["items"]] == ids[::-1]


def test_a_missing_transaction_may_be_a_bad_request() -> None:
    with netsuite(settings={"missing_transaction": 400}) as there:
        words = "Transaction type specified is incorrect."
        assert refusal(there.ask("GET", "/salesOrder/99999")) == (400, "USER_ERROR", words)
        assert there.ask("GET", "/salesOrder/eid:none").status_code == 404
        assert there.ask("GET", "/customer/99999").status_code == 404


# languages


def every_refusal(there: NetSuite) -> list[httpx.Response]:
    """Responses with about every wording that a client can bring about."""
    settings = there.app.state.site.settings
    customer = there.customer(externalId="C-1", entityId="Ann")
    there.create("salesOrder", order(customer, externalId="SO-1"))
    pending = there.create("salesOrder", order(customer, orderStatus={"id": "A"}))
    bodies: list[Json] = [
        {}, order(customer, location=99), order(customer, externalId="SO-1"), order(customer, memo="x" * 1000),
        order(customer, tranDate="2025-01-01"), order(customer, line(1101, rate=-1)),
        order(customer, line(501, rate=-1)), order(customer, memo=1), order(customer, Memo="a", memo="b"),
        order(customer, billingAddress={"city": "x" * 51}), order(customer, entity={"id": {"a": 1}}),
        order(customer, line(501, rate=1, custcol_tax_rate="x")), order(customer, shipMethod={"id": {}}),
    ]  # fmt: skip
    answers = [there.ask("POST", "/salesOrder", body) for body in bodies]
    answers.append(there.ask("POST", "/salesOrder", {"x": 1}, headers=ERROR))
    answers.append(there.client.post("/services/rest/record/v1/customer", content=b"{"))
    asked: list[tuple[str, str, Any]] = [
        ("POST", "/customer", person(entityId="Ann")), ("GET", "/salesOrder/1", None), ("GET", "/bad/1", None),
        ("PUT", "/customer/1", {}), ("GET", "/customer?limit=0", None), ("GET", "/customer/eid:a|b", None),
        ("GET", "/customer?ids=1", None), ("GET", "/customer?q=x", None), ("GET", "/customer/1/2/3/4", None),
        ("POST", f"/salesOrder/{pending}/!transform/invoice", {}),
        ("POST", "/salesOrder/eid:SO-1/!transform/customerRefund", {}),
        ("POST", "/salesOrder/eid:SO-1/!transform/invoice", {"item": {"items": [{}]}}),
        ("POST", "/salesOrder/eid:SO-1/!transform/invoice", {"item": {"items": [{"orderLine": 1, "quantity": 9}]}}),
        ("POST", "/salesOrder/eid:SO-1/!transform/invoice", {"item": {"items": 1}}),
        ("GET", "/metadata-catalog/customer", None), ("POST", "/invoice", {}),
        ("POST", "/customer", person(phone="1")),
    ]  # fmt: skip
    answers += [there.ask(*each) for each in asked]
    answers += [there.ask("GET", "/customer", headers=headers) for headers in (
        {"Authorization": "Bearer x"}, {"Prefer": "respond-async"}
    )]  # fmt: skip
    answers.append(there.ask("POST", "/customer", {}, headers={ERROR_HEADER: "x"}))
    settings.auto_numbering = False
    there.customer()
    answers.append(there.ask("POST", "/customer", person()))
    settings.auto_numbering, settings.missing_transaction = True, "400"
    answers.append(there.ask("GET", "/salesOrder/9", None))
    queries = [
        "SELECT x FROM customer",
        "SELECT id FROM nothing",
        "SELEC",
        "SELECT FOO(id) FROM item",
    ]
    queries += ["SELECT phone FROM customer", "SELECT id FROM item WHERE ROWNUM > 1", "x" * 200_001]
    answers += [there.suiteql(query) for query in queries]
    answers.append(there.client.post("/services/rest/query/v1/suiteql", json={"q": "x"}))
    answers.append(there.client.get("/services/rest/system/v1/governanceLimits"))
    for fault in (Fault.THROTTLE, Fault.TOKEN_EXPIRED):
        there.faults.script.append(fault)
        answers.append(there.ask("GET", "/customer"))
    return answers


ERROR_HEADER = "X-NetSuite-PropertyNameValidation"
ERROR = {ERROR_HEADER: "Error"}
# What stays English: values, names of fields and of REST.
GENERAL = "Invalid content in the request body."
ENGLISH = re.compile(r"\b(?:the|been|does|exists?|is|must|please|enter|your|following)\b")


@pytest.mark.parametrize("language", ["de", "it", "fr", "es", "ja"])
def test_messages_come_in_a_language_and_codes_stay(language: str) -> None:
    account = {"not_exposed": {"customer": ["phone"]}, "may_create": ["customer", "salesOrder"]}
    with netsuite(**account) as there:
        english = [refusal(answer) for answer in every_refusal(there)]
    with netsuite(**account, settings={"language": language}) as there:
        foreign = [refusal(answer) for answer in every_refusal(there)]
    assert [each[:2] for each in foreign] == [each[:2] for each in english]
    pairs = [(before[2], after[2]) for before, after in zip(english, foreign, strict=True)]
    for before, after in pairs:
        prose = re.sub(r"\{[^}]*\}|'[^']*'|\"[^\"]*\"", "", after)
        assert before != after
        assert not ENGLISH.search(prose), (before, after)
    # Only the words of our own schemas have no translation; the general sentence stands for them.
    general = dict(pairs)[GENERAL]
    others = {before for before, after in pairs if after == general} - {GENERAL}
    assert all(before.startswith("salesOrder.") for before in others), others
    assert len({after for _, after in pairs}) > 35


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_sentence_keeps_its_values(language: str) -> None:
    for sentence in SENTENCES:
        values = re.findall(r"\{\d\}", sentence)
        told = translate_text(sentence.format("#0", "#1", "#2"), language)
        assert sorted(re.findall(r"#\d", told)) == sorted(f"#{at}" for at in range(len(values)))
        assert told != sentence


def test_names_of_fields_are_translated_in_a_message() -> None:
    with netsuite(settings={"language": "de"}) as there:
        words = refusal(there.ask("POST", "/customer", {"isPerson": True, "subsidiary": 1}))[2]
        assert words == "Geben Sie Werte ein für: Vorname, Nachname"
        answer = there.ask("POST", "/salesOrder", order(there.customer(), location="Köln"))
        words = (
            "Sie haben einen ungültigen Feldwert Köln für das folgende Feld eingegeben: location"
        )
        assert refusal(answer)[2] == words


def test_names_of_statuses_are_translated_and_ids_stay() -> None:
    with netsuite(settings={"language": "it"}) as there:
        id_ = there.create("salesOrder", order(there.customer()))
        status = {"id": "B", "refName": "In attesa di evasione"}
        assert there.read(f"/salesOrder/{id_}")["orderStatus"] == status
        query = "SELECT status AS id, BUILTIN.DF(status) AS shown FROM transaction"
        (row,) = there.suiteql(query).json()["items"]
        assert (row["id"], row["shown"]) == ("B", status["refName"])


def test_a_long_value_in_a_message_takes_no_time() -> None:
    with netsuite(settings={"language": "ja", "lengths": "off"}) as there:
        value = " for the following field: " * 100_000
        answer = there.ask("POST", "/salesOrder", order(there.customer(), location=value))
        assert refusal(answer)[:2] == (400, "USER_ERROR")


# what text fields take

LIMITS = {
    "firstName": 32, "lastName": 32, "companyName": 83, "email": 254, "entityId": 83,
}  # fmt: skip
OF_ADDRESSES = {
    "addressee": 83, "addr1": 150, "addr2": 150, "city": 50, "state": 30, "zip": 36
}  # fmt: skip
OF_ORDERS = {"memo": 999, "otherRefNum": 45, "tranId": 45}


@pytest.mark.parametrize(("unit", "letter"), [("characters", "é"), ("bytes", "a")])
def test_a_text_is_as_long_as_its_field(unit: str, letter: str) -> None:
    with netsuite(settings={"lengths": unit}) as there:
        customer = there.customer()

        def send(name: str, text: str) -> httpx.Response:
            if name in LIMITS:
                return there.ask("POST", "/customer", person(**{name: text}))
            if name in OF_ADDRESSES:
                address = {"country": {"id": "DE"}, name: text}
                return there.ask("POST", "/salesOrder", order(customer, billingAddress=address))
            return there.ask("POST", "/salesOrder", order(customer, **{name: text}))

        for name, limit in (LIMITS | OF_ADDRESSES | OF_ORDERS).items():
            assert send(name, letter * limit).status_code == 204, name
            answer = send(name, "é" + letter * (limit - 1 if unit == "bytes" else limit))
            assert refusal(answer)[:2] == (400, "USER_ERROR")
            assert name in refusal(answer)[2]
            assert str(limit) in refusal(answer)[2]
            assert answer.json()["o:errorDetails"][0]["o:errorPath"].endswith(name)


def test_an_account_has_limits_of_its_own() -> None:
    with netsuite(lengths={"memo": 10, "custbody_note": 5}) as there:
        customer = there.customer()
        long = order(customer, memo="x" * 11, custbody_note="123456")
        paths = [
            each["o:errorPath"]
            for each in there.ask("POST", "/salesOrder", long).json()["o:errorDetails"]
        ]
        assert paths == ["memo", "custbody_note"]
        there.app.state.site.settings.lengths = "off"
        there.create("salesOrder", long)


@pytest.mark.parametrize(
    ("country", "state", "field"),
    [
        ("USA", "NY", "country"),
        ("us", "NY", "country"),
        ("US", "New York", "state"),
        ("CA", "NY", "state"),
        ("AU", "Victoria", "state"),
        ("JP", "Osaka", "state"),
        ("US", "NY", None),
        ("US", None, None),
        ("XK", "Prishtina", None),
        ("DE", "Nordrhein-Westfalen", None),
        ("JP", "Tokyo", None),
        ("AU", "Anywhere", None),
    ],
)
def test_countries_and_states_are_of_the_lists(
    country: str, state: str | None, field: str | None
) -> None:
    states = {"JP": ["Tokyo"]} | ({"AU": []} if state == "Anywhere" else {})
    with netsuite(states=states) as there:
        address = {"country": {"id": country}, "state": state}
        body = order(there.customer(), shippingAddress=address)
        answer = there.ask("POST", "/salesOrder", body)
        if field is None:
            assert answer.status_code == 204, answer.text
            return
        value = country if field == "country" else state
        words = f"You have entered an Invalid Field Value {value} for the following field: {field}"
        assert refusal(answer) == (400, "USER_ERROR", words)
        if field == "state":
            there.app.state.site.settings.places = False
            there.create("salesOrder", body)


# customers, hidden fields


def test_an_inactive_customer_is_found_and_takes_no_transaction() -> None:
    with netsuite() as there:
        id_ = there.customer(externalId="C-1")
        earlier = there.create("salesOrder", order(id_))
        there.ask("PATCH", "/customer/eid:C-1", {"isInactive": True})
        assert there.read("/customer/eid:C-1")["isInactive"] is True
        rows = there.suiteql("SELECT isinactive FROM customer WHERE externalid = 'C-1'").json()
        assert rows["items"][0]["isinactive"] == "T"
        answer = there.ask("POST", "/salesOrder", order(id_))
        words = f"You have entered an Invalid Field Value {id_} for the following field: entity"
        assert refusal(answer) == (400, "USER_ERROR", words)
        assert there.ask("PATCH", f"/salesOrder/{earlier}", {"memo": "x"}).status_code == 204


def test_names_are_ids_without_automatic_numbers() -> None:
    with netsuite(settings={"auto_numbering": False}) as there:
        assert there.read(f"/customer/{there.customer()}")["entityId"] == "Ann Ok"
        answer = there.ask("POST", "/customer", person(externalId="C-2", email="b@example.com"))
        assert refusal(answer)[:2] == (400, "USER_ERROR")
        assert refusal(answer)[2].startswith("A customer record with this ID already exists.")
        there.customer(entityId="Ann Ok 2")
        company = {"companyName": "Ok Inc", "subsidiary": 1}
        there.create("customer", company)
        assert "this ID" in refusal(there.ask("POST", "/customer", company))[2]


def test_a_field_that_is_not_exposed_is_refused_by_its_name() -> None:
    hidden = {"customer": ["subsidiary", "email"], "salesOrder": ["memo", "item.rate"]}
    with netsuite(not_exposed=hidden, subsidiaries=[]) as there:
        there.create("customer", {"companyName": "Ok"})
        body = {"companyName": "A", "Email": "a@example.com"}
        answer = there.ask("POST", "/customer", body)
        assert refusal(answer)[:2] == (400, "USER_ERROR")
        assert "NOT_EXPOSED" in refusal(answer)[2]
        customer = there.create("customer", {"companyName": "B"})
        for more in ({"memo": "x"}, {"item": {"items": [line(501, rate=1)]}}):
            answer = there.ask("POST", "/salesOrder", order(customer, line(502)) | more)
            assert "NOT_EXPOSED" in refusal(answer)[2]
        answer = there.suiteql("SELECT id FROM customer WHERE subsidiary = 1")
        assert "Field 'subsidiary' for record 'customer' was not found" in refusal(answer)[2]
        assert "email" not in there.suiteql("SELECT * FROM customer").json()["items"][0]
        schema = there.ask(
            "GET", "/metadata-catalog/customer", headers={"Accept": "application/schema+json"}
        )
        assert not {"subsidiary", "email"} & set(schema.json()["properties"])
        sold = there.create("salesOrder", order(customer, line(502)))
        assert "memo" not in there.read(f"/salesOrder/{sold}")


# overload


@pytest.mark.parametrize(
    ("overload", "status", "code"),
    [
        ("429", 429, "CONCURRENCY_LIMIT_EXCEEDED"),
        ("400", 400, "CONCURRENCY_LIMIT_EXCEEDED"),
        ("request_limit", 400, "SSS_REQUEST_LIMIT_EXCEEDED"),
        ("401", 401, "INVALID_LOGIN"),
    ],
)
def test_overload_has_four_forms(overload: str, status: int, code: str) -> None:
    settings = {"overload": overload, "overload_wait": "0.05"}
    with netsuite(concurrency=1, settings=settings) as there:
        there.app.state.places.taken = 1
        with ThreadPoolExecutor() as pool:
            answers = list(pool.map(lambda _: there.ask("GET", "/customer"), range(3)))
        assert {refusal(answer)[:2] for answer in answers} == {(status, code)}
        assert all(answer.elapsed.total_seconds() >= 0.05 for answer in answers)
        there.app.state.places.taken = 0
        assert there.ask("GET", "/customer").status_code == 200


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"settings": {"language": "tlh"}}, "settings.language is not valid: must be en, de"),
        ({"settings": {"search_lag": -1}}, "settings.search_lag is not valid"),
        ({"settings": {"places": "no"}}, "settings.places is not valid: must be true or false"),
        ({"settings": {"lag": 1}}, "settings.lag is not known"),
        ({"lengths": {"memo": 0}}, "lengths.memo is not a whole number"),
        ({"scripts": [{"records": ["nothing"]}]}, "which is not a known record type"),
        ({"scripts": [{"round_total_to": 1}]}, "rounding_item and round_total_to belong together"),
        ({"scripts": [{"move_days": 1000}]}, "move_days is not a whole number from -366 to 366"),
        ({"scripts": [{"add_line": {"amount": 1}}]}, "add_line.item is missing"),
        ({"scripts": [{"add_line": {"item": 9}}]}, "names the item 9, which does not exist"),
        ({"items": [{"id": 1, "itemid": "G", "type": "Group", "members": [{"item": 9}]}]}, "item 9"),
    ],
)  # fmt: skip
def test_traps_that_are_none_are_findings(more: Json, words: str) -> None:
    with pytest.raises(SpecError) as raised:
        read_account({"account": "1", "items": []} | more)
    assert any(words in finding.message for finding in raised.value.findings)


def test_the_page_of_the_traps_names_each() -> None:
    page = (ROOT / "engine" / "simulator" / "TRAPS.md").read_text(encoding="utf-8")
    lags = ("orders", "payments", "transactions")
    newstore = [f"{name}_delay{more}" for name in lags for more in ("", "_reads")]
    names = [*PARSERS, *Trap, *newstore, "late_transactions", "null_taxes"]
    assert [name for name in names if f"`{name}`" not in page] == []
    (written,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    account = read_account(yaml.safe_load(written))
    assert account.settings == {"language": "de", "search_lag": 2.0}
    assert len(account.scripts) == 4
    (aimed,) = re.findall(r'^`({"netsuite": .*})`$', page, re.MULTILINE)
    faults = Faults()
    change_faults({"netsuite": faults}, aimed.encode())
    assert [each.times for each in faults.aimed] == [3]
