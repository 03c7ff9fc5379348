"""Parameters of AWS as tables, read from a server on loopback that speaks as Systems Manager does."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from live_lookups import HEAD, RECORD, Clock, NetSuite, order, plan_of
from parameter_store import SECRET, Store, client_of, served
from processes import environment

from engine.findings.diagnostics import Finding
from engine.findings.errors import ReadError
from engine.mapping.lookups import Table, look_up
from engine.mapping.plan import Plan
from engine.netsuite.lookups import LiveLookups, LookupLimits
from engine.run import run
from engine.wire.parameter_store import ParameterStore

CARDS = """
lookups:
  cards: {parameter: netsuite/cards, default: false%s}
"""


def live_of(parameters: ParameterStore, clock: Clock) -> LiveLookups:
    return LiveLookups(NetSuite(), parameters.read, clock=clock, limits=LookupLimits())


def got(plan: Plan, text: str) -> tuple[dict[str, Table], tuple[Finding, ...]]:
    """The tables when the parameter holds this text."""
    with served(Store(**{"netsuite/cards": text})) as parameters:
        return asyncio.run(live_of(parameters, Clock()).tables(plan, order()))


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        (" 1001, 1002 ,,1001,", {"1001": True, "1002": True}),
        ("[1001, 1002]", {"1001": True, "1002": True}),
        ('{"web": 1, "store": {"id": 3}}', {"web": 1, "store": {"id": 3}}),
        ('[{"sku": "A", "id": 7}]', {"A": 7}),
    ],
)
def test_a_parameter_is_a_table(tmp_path: Path, text: str, answers: dict[str, object]) -> None:
    plan = plan_of(tmp_path, HEAD + CARDS % "" + RECORD % "x")
    tables, findings = got(plan, text)
    assert findings == ()
    assert {key: look_up(tables["cards"], (key,)) for key in answers} == answers
    assert look_up(tables["cards"], ("other",)) is False


def test_a_parameter_is_read_decrypted_and_kept(tmp_path: Path) -> None:
    memo = "{{ 'card' if lookup('cards', number) else 'goods' }}"
    plan = plan_of(tmp_path, HEAD + CARDS % ", cache: 1m" + RECORD % memo)
    store, clock = Store(**{"netsuite/cards": "1001,1002"}), Clock()

    async def read() -> None:
        async with live_of(parameters, clock) as live:
            for now, number, expected in (
                (0, "1001", "card"),
                (59, "7", "goods"),
                (60, 1, "goods"),
            ):
                clock.now = now
                inputs = order(number=str(number))
                tables, findings = await live.tables(plan, inputs)
                assert findings == ()
                outcome = run(plan, type(inputs)(inputs.event, {}, tables))
                assert outcome.payloads[0].body["memo"] == expected

    with served(store) as parameters:
        asyncio.run(read())
    assert store.asked == [{"Name": "netsuite/cards", "WithDecryption": True}] * 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f'{{"{SECRET}": 1', "the JSON cannot be parsed, line 1"),
        (f'{{"{SECRET}": 1,\n"{SECRET}": 2}}', "a key appears twice in one JSON map, line 2"),
        (f'[{{"sku": "{SECRET}", "id": 1}}, {{"sku": "{SECRET}", "id": 2}}]', "the same key"),
        (f'[["{SECRET}"]]', "not a single value"),
        (f'[{{"sku": "{SECRET}"}}]', "a column of the lookup is missing"),
        (SECRET * 20_000, "the lookup is too large"),
        (f'{{"{SECRET}": "TODO"}}', "a cell of the lookup still has to be filled in"),
    ],
)
def test_what_is_no_table_is_a_finding_that_shows_none_of_it(
    tmp_path: Path, text: str, why: str
) -> None:
    plan = plan_of(tmp_path, HEAD + CARDS % "" + RECORD % "x")
    tables, (finding,) = got(plan, text)
    assert tables == {}
    assert finding.code == "E0618"
    assert why in finding.message
    assert len(finding.message) < 200
    assert finding.place is not None
    assert SECRET not in repr(finding)


def test_a_miss_shows_no_key_of_a_parameter(tmp_path: Path) -> None:
    text = HEAD + CARDS.replace(", default: false", "") % "" + RECORD
    plan = plan_of(tmp_path, text % "{{ lookup('cards', 'hush-hush-') }}")
    tables, _ = got(plan, f"{SECRET}, {SECRET}2")
    inputs = order()
    (finding,) = run(plan, type(inputs)(inputs.event, {}, tables)).findings
    assert (finding.code, finding.hint) == (
        "E0601",
        "add it to the parameter 'netsuite/cards', or give a default",
    )


@pytest.mark.parametrize(
    ("status", "trouble", "code"),
    [
        (400, "ParameterNotFound", "E0616"),
        (400, "AccessDeniedException", "E0616"),
        (400, "UnrecognizedClientException", "E0616"),
        (400, "ThrottlingException", "E0617"),
        (503, "ServiceUnavailable", "E0617"),
    ],
)
def test_an_answer_without_the_parameter_is_a_finding(
    tmp_path: Path, status: int, trouble: str, code: str
) -> None:
    plan = plan_of(tmp_path, HEAD + CARDS % "" + RECORD % "x")
    store = Store()
    store.trouble = (status, trouble)
    with served(store) as parameters:
        live = live_of(parameters, Clock())
        tables, (finding,) = asyncio.run(live.tables(plan, order()))
    assert tables == {}
    assert finding.code == code
    assert "netsuite/cards" in finding.message
    assert finding.place is not None
    assert SECRET not in repr(finding)


def test_a_server_that_is_not_there_is_a_finding() -> None:
    with served(Store()) as nobody:
        pass
    with pytest.raises(ReadError) as raised:
        asyncio.run(nobody.read("x"))
    nobody.close()
    assert [finding.code for finding in raised.value.findings] == ["E0617"]


def test_a_client_that_cannot_be_made_is_a_finding() -> None:
    broken = client_of(1, region_name="no region")
    with pytest.raises(ReadError) as raised:
        asyncio.run(broken.read("x"))
    assert [finding.code for finding in raised.value.findings] == ["E0616"]


def told(program: str) -> str:
    process = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True, text=True, check=True, cwd=ROOT, env=environment(),
    )  # fmt: skip
    return process.stdout


def test_boto3_is_imported_when_it_is_first_needed() -> None:
    program = "import sys, engine.wire.parameter_store as aws; aws.ParameterStore(); print('boto3' in sys.modules)"
    assert told(program) == "False\n"


def test_who_has_no_boto3_is_told_how_to_get_it() -> None:
    program = """
import asyncio, sys
sys.modules["boto3"] = None  # what an import of something not installed looks like
from engine.findings.errors import ReadError
from engine.wire.parameter_store import ParameterStore
try:
    asyncio.run(ParameterStore().read("x"))
except ReadError as error:
    for finding in error.findings:
        print(finding.code, finding.hint)
"""
    assert told(program) == "E0619 pip install 'erpmap[aws]'\n"


@pytest.mark.parametrize("is_asked", [False, True])
def test_proxies_and_keys_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_asked: bool
) -> None:
    """Nobody listens where the environment's proxy is: whoever is sent there gets no answer."""
    for name in ("NO_PROXY", "no_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
    with served(Store(**{"netsuite/cards": "a,b"}), trust_env=is_asked) as parameters:
        if is_asked:
            with pytest.raises(ReadError, match="ProxyConnectionError"):
                asyncio.run(parameters.read("netsuite/cards"))
        else:
            assert asyncio.run(parameters.read("netsuite/cards")) == "a,b"
    assert not (tmp_path / "keys.log").exists()
