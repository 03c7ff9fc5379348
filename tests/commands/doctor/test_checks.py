"""Each check succeeds against the simulators, and fails when what it is about is broken."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from time import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from parameter_store import Store, served
from played import MAPPING, by_name, tenant, told, world
from proxying import proxied, without_proxies

from engine.commands.connect import (
    Connection,
    KnownSystems,
    open_systems,
    read_known_systems,
    simulated_connection,
)
from engine.commands.doctor.checks import DoctorSetup, run_checks
from engine.commands.doctor.netsuite import check_create
from engine.findings.health import HealthCheck, HealthStatus
from engine.mapping.load import load_tenant, open_folder
from engine.mapping.record_schemas import list_record_types
from engine.netsuite import CertificateKey, TokenKey
from engine.newstore import Credentials, NewStoreAddress
from engine.simulator.faults import Fault
from engine.simulator.serve import format_address, listen

OK, WARNING, FAILED, SKIPPED = HealthStatus
ACCOUNTS = "/v0/c/payments/accounts/00000000-0000-0000-0000-000000000000"
QUERY = "/api/v1/org/data/query"
LIMITS = "/services/rest/system/v1/governanceLimits"
SUITEQL = "/services/rest/query/v1/suiteql"


@pytest.fixture
def bench() -> Iterator[DoctorSetup]:
    """A bench whose AWS has the tenant's parameter."""
    with served(Store(**{"netsuite/cards": "a,b"})) as parameters:
        yield DoctorSetup(parameters=parameters)


def error_of(code: str, words: str = "no") -> bytes:
    return f'{{"o:errorDetails": [{{"detail": "{words}", "o:errorCode": "{code}"}}]}}'.encode()


def test_all_is_well_and_in_order(tmp_path: Path, bench: DoctorSetup) -> None:
    limits = b'{"accountConcurrencyLimit": 5, "accountUnallocatedConcurrencyLimit": 5}'
    loaded = tenant(tmp_path)
    with world(tmp_path, answers={LIMITS: (200, limits)}) as (address, played):
        found = told(loaded, address, bench=bench)
        ledger = played.netsuite.state.ledger.document()
    here = address.removeprefix("http://")
    assert [check.name for check in found] == [
        "credentials",
        f"name {here}",
        f"connection {here}",
        "clock",
        "NewStore token",
        "NewStore orders",
        "NewStore /v0/c/payments/accounts/…",
        "NetSuite login",
        "NetSuite SuiteQL",
        "NetSuite currencies",
        "create customer",
        "create salesOrder",
        "NetSuite language",
        "lookup m.item",
        "find m.customer",
        "certificate",
        "allowance",
        "parameter m.cards",
    ]
    assert {check.name for check in found if check.verdict is not OK} == {"certificate"}
    assert ledger == {"records": []}


def test_what_a_failure_is_needed_for_is_not_tried(tmp_path: Path, bench: DoctorSetup) -> None:
    """A closed port: nothing is asked of NetSuite, and NewStore is checked all the same."""
    loaded = tenant(tmp_path)
    closed = listen()
    there = format_address(closed)
    closed.close()

    def change(connection: Connection) -> Connection:
        return replace(connection, netsuite=replace(connection.netsuite, base_url=there))

    with world(tmp_path) as (address, _):
        found = by_name(told(loaded, address, change=change, bench=bench))
    port = there.rpartition(":")[2]
    connection = found[f"connection 127.0.0.1:{port}"]
    assert connection.verdict is FAILED
    assert "no connection" in connection.words
    for name in ("clock", "NetSuite login"):
        assert found[name].verdict is SKIPPED
        assert found[name].words == f"skipped: needs {connection.name}"
    assert found["create salesOrder"].words == "skipped: needs NetSuite login"
    assert found["find m.customer"].words == "skipped: needs NetSuite SuiteQL"
    assert found["NewStore orders"].verdict is OK


def test_a_name_without_an_address(tmp_path: Path, bench: DoctorSetup) -> None:
    def nowhere(_: str, __: int) -> Any:
        raise OSError(-2, "Name or service not known")

    loaded = tenant(tmp_path)
    with world(tmp_path) as (address, _):
        found = told(loaded, address, bench=replace(bench, addresses=nowhere))
    assert (found[1].verdict, found[1].name[:5]) == (FAILED, "name ")
    assert found[2].verdict is SKIPPED


def test_without_netsuites_key_newstore_is_tried(tmp_path: Path, bench: DoctorSetup) -> None:
    loaded = tenant(tmp_path)

    def change(connection: Connection) -> Connection:
        return replace(connection, netsuite_key=CertificateKey("c", "no key", "k"))

    with world(tmp_path) as (address, _):
        found = told(loaded, address, change=change, bench=bench)
    assert [(re.sub(r":\d+", ":…", check.name), check.verdict) for check in found] == [
        ("credentials", FAILED),
        ("clock", SKIPPED),
        ("NetSuite", SKIPPED),
        ("name 127.0.0.1:…", OK),
        ("connection 127.0.0.1:…", OK),
        ("NewStore token", OK),
        ("NewStore orders", OK),
        ("NewStore /v0/c/payments/accounts/…", OK),
        ("parameter m.cards", OK),
    ]


@pytest.mark.parametrize(
    ("seconds", "verdict"), [(100, WARNING), (-100, WARNING), (300, FAILED), (-300, FAILED)]
)
def test_a_clock_that_is_wrong(
    tmp_path: Path, bench: DoctorSetup, seconds: int, verdict: HealthStatus
) -> None:
    loaded = tenant(tmp_path)
    with world(tmp_path) as (address, _):
        found = by_name(told(loaded, address, bench=replace(bench, wall=lambda: time() + seconds)))
    assert found["clock"].verdict is verdict
    assert ("ahead" if seconds > 0 else "behind") in found["clock"].words


def test_a_wrong_secret_of_newstore(tmp_path: Path, bench: DoctorSetup) -> None:
    loaded = tenant(tmp_path)

    def change(connection: Connection) -> Connection:
        wrong = Credentials(connection.newstore_credentials.client_id, "wrong-secret")
        return replace(connection, newstore_credentials=wrong)

    with world(tmp_path) as (address, _):
        found = by_name(told(loaded, address, change=change, bench=bench))
    assert found["NewStore token"].verdict is FAILED
    assert "client_secret" in found["NewStore token"].hint
    assert found["NewStore orders"].words == "skipped: needs NewStore token"
    assert found["NetSuite login"].verdict is OK


@pytest.mark.parametrize(
    ("path", "answer", "name", "verdict"),
    [
        (QUERY, (200, b'{"errors": [{"message": "Jane", "extensions": {"code": "FORBIDDEN"}}]}'),
         "NewStore orders", FAILED),
        (QUERY, (403, b'{"error": "Jane"}'), "NewStore orders", FAILED),
        (QUERY, (200, b"[]"), "NewStore orders", FAILED),
        (ACCOUNTS, (403, b'{"error": "Jane"}'), "NewStore /v0/c/payments/accounts/…", FAILED),
        (ACCOUNTS, (401, b'{"error": "Jane"}'), "NewStore /v0/c/payments/accounts/…", FAILED),
        (ACCOUNTS, (400, b'{"error": "Jane"}'), "NewStore /v0/c/payments/accounts/…", WARNING),
        (ACCOUNTS, (200, b"{}"), "NewStore /v0/c/payments/accounts/…", OK),
        (SUITEQL, (401, error_of("INVALID_LOGIN", "Jane")), "NetSuite login", FAILED),
        (SUITEQL, (403, error_of("INSUFFICIENT_PERMISSION", "Jane@x.example")), "NetSuite SuiteQL", FAILED),
        (LIMITS, (403, error_of("INSUFFICIENT_PERMISSION")), "allowance", SKIPPED),
        (LIMITS, (200, b'{"integrationConcurrencyLimit": 2}'), "allowance", WARNING),
        (LIMITS, (200, b'{"integrationConcurrencyLimit": 5}'), "allowance", OK),
        (LIMITS, (200, b'{"integrationConcurrencyLimit": "2"}'), "allowance", SKIPPED),
        ("/record/v1/customer", (400, error_of("USER_ERROR", "role does not have permission")),
         "create customer", FAILED),
        ("/record/v1/customer", (404, error_of("INVALID_CONTENT")), "create customer", FAILED),
        ("/record/v1/customer", (400, error_of("X", "Record type 'customer' does not exist")),
         "create customer", FAILED),
        ("/record/v1/customer", (503, b"<html>"), "create customer", FAILED),
        ("/record/v1/customer", (429, error_of("CONCURRENCY_LIMIT_EXCEEDED")), "create customer", FAILED),
    ],
)  # fmt: skip
def test_what_a_system_answers(
    tmp_path: Path,
    bench: DoctorSetup,
    path: str,
    answer: tuple[int, bytes],
    name: str,
    verdict: HealthStatus,
) -> None:
    loaded = tenant(tmp_path)
    with world(tmp_path, answers={path: answer}) as (address, _):
        found = told(loaded, address, bench=bench)
    check = by_name(found)[name]
    assert check.verdict is verdict, check
    assert check.words
    assert "Jane" not in str(found)


@pytest.mark.parametrize(
    ("text", "verdict", "language"),
    [
        ("Please enter value(s) for: Entity", OK, "English"),
        ("Geben Sie einen Wert ein für: Kunde", WARNING, "German"),
        ("Il valore non è valido per il campo: entity", WARNING, "Italian"),
    ],
)
def test_the_language_of_netsuites_answers(
    tmp_path: Path, bench: DoctorSetup, text: str, verdict: HealthStatus, language: str
) -> None:
    answers = {"/record/v1/customer": (400, error_of("USER_ERROR", text))}
    loaded = tenant(tmp_path)
    with world(tmp_path, answers=answers) as (address, _):
        check = by_name(told(loaded, address, bench=bench))["NetSuite language"]
    assert check.verdict is verdict
    assert language in check.words
    assert bool(check.hint) is (verdict is WARNING)


def test_a_role_that_may_not_create(tmp_path: Path, bench: DoctorSetup) -> None:
    loaded = tenant(tmp_path)
    allowed = frozenset(("customer",))
    with world(tmp_path, account=lambda one: replace(one, may_create=allowed)) as (address, _):
        found = by_name(told(loaded, address, bench=bench))
    assert found["create customer"].verdict is OK
    assert found["create salesOrder"].verdict is FAILED
    assert "INSUFFICIENT_PERMISSION" in found["create salesOrder"].words


@pytest.mark.parametrize(
    ("first", "verdict", "words"),
    [
        (date(2026, 1, 1), OK, "the first open day is 2026-02-01"),
        (date(2099, 1, 1), FAILED, "NetSuite has no open accounting period on 2026-01-05 or after"),
    ],
)
def test_periods_are_seen_where_orders_may_move(
    tmp_path: Path, bench: DoctorSetup, first: date, verdict: HealthStatus, words: str
) -> None:
    day = replace(bench, wall=lambda: datetime(2026, 1, 5, tzinfo=UTC).timestamp())
    tenant(tmp_path)
    file = tmp_path / "t" / "tenant.yaml"
    allowed = "  account: 1234567\n  closed_period: first_open_day\n"
    file.write_text(file.read_text("utf-8").replace("  account: 1234567\n", allowed), "utf-8")
    closed = frozenset(("2026-01",))
    with world(
        tmp_path, account=lambda one: replace(one, first_open_day=first, closed_months=closed)
    ) as (address, _):
        found = by_name(told(load_tenant(open_folder(tmp_path), "t"), address, bench=day))
    assert (found["accounting periods"].verdict, found["accounting periods"].words) == (
        verdict,
        words,
    )


def test_nothing_is_ever_created(tmp_path: Path) -> None:
    """Of no type of record, and in an account that demands as little as possible."""
    tenant(tmp_path)

    async def tried(address: str) -> dict[str, HealthStatus]:
        async with open_systems(await simulated_connection("t", address)) as systems:
            records = (*list_record_types(), "customrecord_thing")
            return {one: (await check_create(systems.netsuite, one)).verdict for one in records}

    with world(tmp_path, account=lambda one: replace(one, lists={})) as (address, played):
        verdicts = asyncio.run(tried(address))
        assert played.netsuite.state.ledger.document() == {"records": []}
    assert verdicts.pop("customrecord_thing") is FAILED
    assert set(verdicts.values()) == {OK}


def test_should_one_be_created_it_is_told(tmp_path: Path, bench: DoctorSetup) -> None:
    loaded = tenant(tmp_path)
    location = (b"location", b"/services/rest/record/v1/customer/77")
    answers = {"/record/v1/customer": (204, b"")}
    with world(tmp_path, answers=answers, headers=(location,)) as (address, _):
        found = by_name(told(loaded, address, bench=bench))
    assert found["create customer"].verdict is FAILED
    assert "customer 77" in found["create customer"].words
    assert "delete" in found["create customer"].hint


@pytest.mark.parametrize(
    ("before", "after", "name", "words"),
    [
        ("itemid, id FROM item", "itemid, nope FROM item", "lookup m.item", "nope"),
        ("SELECT id FROM customer", "SELECT id, nope FROM customer", "find m.customer", "nope"),
    ],
)
def test_a_column_that_is_not_there(
    tmp_path: Path, bench: DoctorSetup, before: str, after: str, name: str, words: str
) -> None:
    loaded = tenant(tmp_path, MAPPING.replace(before, after))
    with world(tmp_path) as (address, _):
        check = by_name(told(loaded, address, bench=bench))[name]
    assert check.verdict is FAILED
    assert words in check.words


@pytest.mark.parametrize(
    ("parameters", "words"), [({}, "does not exist"), ({"netsuite/cards": "{"}, "holds no table")]
)
def test_parameters_of_aws(tmp_path: Path, parameters: dict[str, str], words: str) -> None:
    loaded = tenant(tmp_path)
    with world(tmp_path) as (address, _), served(Store(**parameters)) as aws:
        check = by_name(told(loaded, address, bench=DoctorSetup(parameters=aws)))[
            "parameter m.cards"
        ]
    assert check.verdict is FAILED
    assert words in check.words


@pytest.mark.parametrize("system", ["newstore", "netsuite"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault.MAINTENANCE,
        Fault.SERVER_ERROR,
        Fault.INFLATION,
        Fault.DRIBBLE,
        Fault.TRUNCATED,
        Fault.DROP,
        Fault.NOT_JSON,
        Fault.ELSEWHERE,
        Fault.THROTTLE,
    ],
)
def test_hostile_answers_are_words(
    tmp_path: Path, bench: DoctorSetup, fault: Fault, system: str
) -> None:
    loaded = tenant(tmp_path)
    seen: list[Connection] = []

    def change(connection: Connection) -> Connection:
        seen.append(connection)
        return connection

    with world(tmp_path) as (address, played):
        played.faults[system].change(rates={fault: Fraction(1)})
        played.faults[system].stall = 300.0
        found = told(loaded, address, change=change, bench=replace(bench, deadline=5.0))
    check = by_name(found)["NewStore token" if system == "newstore" else "NetSuite login"]
    assert check.verdict is FAILED, check
    assert all(check.words for check in found)
    assert_no_secret(found, seen[0])


def assert_no_secret(found: list[HealthCheck], connection: Connection) -> None:
    key = connection.netsuite_key
    assert isinstance(key, CertificateKey)
    secrets = (*key.key.splitlines()[1:-1], connection.newstore_credentials.client_secret)
    assert not any(secret in str(found) for secret in secrets)


def test_token_based_authentication(tmp_path: Path, bench: DoctorSetup) -> None:
    """There is no token to fetch: the first signed request tells."""
    loaded = tenant(tmp_path)
    wrong = TokenKey("a", "b", "c", "d")
    with world(tmp_path) as (address, _):
        found = by_name(
            told(loaded, address, change=lambda one: replace(one, netsuite_key=wrong), bench=bench)
        )
    assert found["NetSuite login"].verdict is FAILED
    assert found["certificate"].verdict is SKIPPED


def test_another_key_than_the_certificates(tmp_path: Path, bench: DoctorSetup) -> None:
    loaded = tenant(tmp_path)
    key = ec.generate_private_key(ec.SECP256R1())
    other = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def change(connection: Connection) -> Connection:
        assert isinstance(connection.netsuite_key, CertificateKey)
        return replace(connection, netsuite_key=replace(connection.netsuite_key, key=other))

    with world(tmp_path) as (address, _):
        login = by_name(told(loaded, address, change=change, bench=bench))["NetSuite login"]
    assert login.verdict is FAILED
    assert "invalid_grant" in login.words


def test_a_tenant_of_another_name_at_newstore(tmp_path: Path, bench: DoctorSetup) -> None:
    loaded = tenant(tmp_path)

    def change(connection: Connection) -> Connection:
        there = connection.newstore
        wrong = NewStoreAddress("u", there.token_url.replace("t-staging", "u"), there.base_url)
        return replace(connection, newstore=wrong)

    with world(tmp_path) as (address, _):
        found = by_name(told(loaded, address, change=change, bench=bench))
    assert found["NewStore token"].verdict is FAILED


def through_environment(connection: Connection) -> Connection:
    return replace(
        connection,
        newstore=replace(connection.newstore, trusts_environment=True),
        netsuite=replace(connection.netsuite, trusts_environment=True),
    )


def test_through_a_proxy(
    tmp_path: Path, bench: DoctorSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine need neither know the names nor reach the hosts: the proxy does."""
    loaded = tenant(tmp_path)
    without_proxies(monkeypatch)
    with world(tmp_path) as (address, _), proxied(monkeypatch) as proxy:
        direct = told(loaded, address, bench=bench)
        assert proxy.asked == []
        found = told(loaded, address, change=through_environment, bench=bench)
        through = proxy.asked[:]
    here = address.removeprefix("http://")
    assert [check.name for check in found] == [
        check.name for check in direct if check.name != f"name {here}"
    ]
    assert [check.verdict for check in found] == [check.verdict for check in direct[1:]]
    reached = by_name(found)[f"connection {here}"]
    assert re.fullmatch(r"open, through the proxy 127\.0\.0\.1:\d+", reached.words)
    assert f"HEAD {address}/" in through


def test_a_proxy_that_does_not_answer(
    tmp_path: Path, bench: DoctorSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = tenant(tmp_path)
    without_proxies(monkeypatch)
    monkeypatch.setenv("HTTP_PROXY", "http://user:hidden@127.0.0.1:1")
    with world(tmp_path) as (address, _):
        found = by_name(told(loaded, address, change=through_environment, bench=bench))
    reached = found[f"connection {address.removeprefix('http://')}"]
    assert (reached.verdict, "127.0.0.1:1 " in reached.hint) == (FAILED, True)
    assert "hidden" not in str(found)


def test_one_systems_secrets_are_enough_for_its_own_checks(
    tmp_path: Path, bench: DoctorSetup
) -> None:
    loaded = tenant(tmp_path)
    variables = {"T_ID": "the-client", "T_SECRET": "the-secret", "T_CLIENT": ""}

    def nowhere(_name: str, _port: int) -> list[tuple[object, ...]]:
        raise OSError("no name leads anywhere")

    async def known() -> KnownSystems:
        assert loaded.tenant is not None
        return read_known_systems(loaded.tenant, tmp_path / "t", variables)

    async def all_of() -> list[HealthCheck]:
        return [
            check async for check in run_checks(loaded, known, replace(bench, addresses=nowhere))
        ]

    first, *below = asyncio.run(all_of())
    assert (first.name, first.words) == ("credentials", "3 secrets are missing")
    client, key, certificate = first.hint.splitlines()
    assert "'T_CLIENT' is empty" in client
    assert f"'{tmp_path}/t/key.pem' does not exist" in key
    assert "'T_CERTIFICATE' is not set" in certificate
    names = [check.name for check in below]
    assert names[:2] == ["clock", "NetSuite"]
    assert "NewStore token" in names
    assert not {"NewStore", "NetSuite login"} & set(names)
