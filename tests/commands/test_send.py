"""`erpmap send`, `render --order` and `simulate` as people run them: processes and real sockets."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from command import PATIENCE, erpmap
from conftest import ROOT
from processes import environment, start

ORDER = "DO000000101"
CASES = ROOT / "mappings" / "dodici" / "cases"


@contextmanager
def simulator(*options: str, tenant: str = "dodici") -> Iterator[str]:
    """`erpmap simulate`, and its address as it says it."""
    read, written = os.pipe()
    with os.fdopen(read) as said:
        process = start(
            *("simulate", tenant, "--port", "0", *options),
            env=environment(),
            streams=(0, 1, written),
        )
        os.close(written)
        try:
            first = said.readline()
            match = re.search(r"http://127\.0\.0\.1:\d+", first)
            assert match, first + said.read()
            for line in said:
                if "try:" in line:
                    break
            yield match[0]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with simulator() as found:
        yield found


def ledger(address: str, tenant: str = "dodici") -> Any:
    with urllib.request.urlopen(f"{address}/{tenant}/ledger", timeout=PATIENCE) as answer:
        return json.load(answer)


def change_item(address: str) -> None:
    """Sell something else in the order, which the shop of a test may do and no real one does."""
    event, order = (
        (CASES / "web-order" / f"{name}.json").read_text("utf-8") for name in ("event", "order")
    )
    document = {
        "event": json.loads(event),
        "order": json.loads(order.replace("TEE-BLACK-M", "SOCKS-3PACK")),
    }
    request = urllib.request.Request(
        f"{address}/dodici/orders", json.dumps(document).encode(), method="POST"
    )
    with urllib.request.urlopen(request, timeout=PATIENCE):
        pass


def run(address: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return erpmap(*arguments, variables={"ERPMAP_SIMULATOR": address})


def story() -> list[Sequence[str]]:
    """The commands of the README's story, after the simulator has been started."""
    text = (ROOT / "README.md").read_text("utf-8")
    block = text[text.index("export ERPMAP_SIMULATOR") :].partition("```")[0]
    return [line.split()[1:] for line in block.splitlines() if line.startswith("erpmap ")]


def test_the_story_of_the_readme_is_true() -> None:
    with simulator() as address:
        said = [run(address, *command) for command in story()]
        stored = ledger(address)
    assert [one.returncode for one in said] == [0, 0, 0, 0]
    assert "would be created" in said[1].stderr
    told = (ROOT / "README.md").read_text("utf-8")
    for line in said[-1].stdout.splitlines():
        assert line.rstrip() in told
    assert json.dumps(stored).count(f"SO-{ORDER}") == 1


def test_an_event_is_sent_with_what_only_it_tells(address: str) -> None:
    event = CASES / "endless-aisle" / "event.json"
    sent = run(address, "send", "dodici", "--event", event, "--format", "json")
    (delivery,) = json.loads(sent.stdout)
    assert (sent.returncode, delivery["state"]) == (0, "delivered")
    assert [posted["record"] for posted in delivery["posted"]] == ["customer", "salesOrder"]
    assert (delivery["wait"], delivery["is_unsure"]) == (None, False)
    assert [proof["holds"] for proof in delivery["proofs"]] == [True, True, True]


def test_money_with_more_places_than_the_account_keeps_stands_as_proved() -> None:
    event = ROOT / "mappings/nordhus/cases/dinar-with-three-places/event.json"
    with simulator(tenant="nordhus") as address:
        sent = run(address, "send", "nordhus", "--event", event, "--format", "json")
        (stored,) = (
            each for each in ledger(address, "nordhus")["records"] if each["record"] == "salesOrder"
        )
    assert sent.returncode == 0, sent.stderr
    amounts = [line["amount"] for line in stored["item"]]
    assert amounts == [7.13, 3.51, 45.34, -0.01, -55.97]
    assert stored["total"] == 0


def test_an_order_that_is_not_paid_waits_and_says_so(address: str) -> None:
    event = CASES / "payment-short" / "event.json"
    sent = run(address, "send", "dodici", "--event", event, "--patience", "0s")
    assert sent.returncode == 3
    assert "waits for ready.paid: found 25.00, >= 63.10 is needed" in sent.stdout
    assert "waiting: payment_pending" in sent.stdout
    assert "no more attempts now: send it again after 5 s" in sent.stderr
    told = run(address, "send", "dodici", "--event", event, "--patience", "0s", "--format", "json")
    (delivery,) = json.loads(told.stdout)
    assert (told.returncode, delivery["state"], delivery["wait"]) == (3, "waiting", 5)


def test_an_order_that_does_not_balance_is_parked_with_its_finding(address: str) -> None:
    event = CASES / "payment-over" / "event.json"
    sent = run(address, "send", "dodici", "--event", event)
    assert sent.returncode == 1
    assert "parked: findings" in sent.stdout
    assert "E0801" in sent.stderr
    assert "off by" in sent.stderr
    assert "check balance in USD" in sent.stderr


def test_a_dry_run_and_a_rendering_write_nothing(address: str) -> None:
    before = ledger(address)
    shown = run(address, "render", "dodici", "--order", "DO000000103")
    tried = run(address, "send", "dodici", "--order", "DO000000103", "--dry-run")
    assert (shown.returncode, tried.returncode) == (0, 0)
    assert json.loads(shown.stdout) == json.loads(tried.stdout)
    assert ledger(address) == before


def test_a_dry_run_that_foresees_trouble_ends_with_1() -> None:
    with simulator() as address:
        assert run(address, "send", "dodici", "--order", ORDER).returncode == 0
        well = run(address, "send", "dodici", "--order", ORDER, "--dry-run", "--format", "json")
        change_item(address)
        tried = run(address, "send", "dodici", "--order", ORDER, "--dry-run", "--format", "json")
    (outcome,) = json.loads(well.stdout)
    assert well.returncode == 0
    assert [one["fate"] for one in outcome["foreseen"]] == ["stands", "stands"]
    (outcome,) = json.loads(tried.stdout)
    assert tried.returncode == 1, tried.stdout
    assert [one["fate"] for one in outcome["foreseen"]][-1] == "taken"
    assert "it differs in" in outcome["foreseen"][-1]["words"]


def test_the_ledger_is_a_table() -> None:
    with simulator() as address:
        empty = run(address, "ledger", "dodici")
        run(address, "send", "dodici", "--order", ORDER)
        shown = run(address, "ledger", "dodici")
        told = json.loads(run(address, "ledger", "dodici", "--format", "json").stdout)
        stored = ledger(address)
    assert empty.stdout == "dodici: 0 records\n"
    assert f"SO-{ORDER}" in shown.stdout
    assert "1 x 4001     58.00" in shown.stdout
    day = next(one["tranDate"] for one in told if one["record"] == "salesOrder")
    assert f"SO-{ORDER}" in next(line for line in shown.stdout.splitlines() if day in line)
    assert shown.stdout.endswith("dodici: 2 records\n")
    assert told == stored["records"]


def test_only_a_simulator_has_a_ledger() -> None:
    shown = erpmap("ledger", "dodici")
    assert shown.returncode == 2
    assert "name a simulator with --simulator URL" in shown.stderr


def test_a_refused_login_is_said_in_words_wherever_it_is_met(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings")  # a pull that works would write there
    commands = (
        (3, "send", "dodici", "--order", ORDER, "--patience", "0s"),
        (1, "send", "dodici", "--order", ORDER, "--dry-run"),
        (1, "render", "dodici", "--order", ORDER),
        (1, "schema", "pull", "dodici", "--netsuite"),
        (1, "doctor", "dodici"),
    )
    with simulator("--fault", "token_expired=1") as address:
        for code, *command in commands:
            ended = run(address, "--mappings", tmp_path / "mappings", *command)
            said = " ".join((ended.stdout + ended.stderr).split())
            assert ended.returncode == code, said
            assert "NetSuite refused the login (INVALID_LOGIN)" in said, (command, said)
            assert "Login Audit Trail" in said


def test_a_limit_of_requests_is_said_in_words() -> None:
    with simulator("--fault", "throttle=1") as address:
        sent = run(address, "send", "dodici", "--order", ORDER, "--patience", "0s")
    assert sent.returncode == 3
    assert "NetSuite accepts no more concurrent requests now" in sent.stdout


@pytest.mark.parametrize("command", ["send", "render"])
def test_what_speaks_to_a_simulator_says_so(address: str, command: str) -> None:
    asked = ("dodici", "--order", "DO999")
    ours = run(address, command, *asked).stderr
    assert f"simulator at {address} (from ERPMAP_SIMULATOR)" in ours
    given = erpmap(command, *asked, "--simulator", address).stderr
    assert f"simulator at {address}: " in given


@pytest.mark.parametrize(
    ("arguments", "variables", "kind", "words"),
    [
        (("--order", "DO999"), None, "refused", "NewStore has no order"),
        (("--order", ORDER), {}, "credentials", "secrets are missing"),
        (("--order", ORDER, "--simulator", "http://127.0.0.1:1"), {}, "no_answer", "no connection"),
    ],
)
@pytest.mark.parametrize("command", ["send", "render"])
def test_programs_read_why_nothing_could_be_done(
    address: str,
    command: str,
    arguments: Sequence[str],
    variables: dict[str, str] | None,
    kind: str,
    words: str,
) -> None:
    own = {"ERPMAP_SIMULATOR": address} if variables is None else variables
    ended = erpmap(command, "dodici", *arguments, "--format", "json", variables=own)
    told = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert told["findings"] == []
    assert told["error"]["kind"] == kind
    assert words in told["error"]["words"]
    assert bool(told["error"]["missing"]) == (kind == "credentials")


def test_payments_that_come_late_are_waited_for() -> None:
    with simulator("--payments-delay", "12s") as address:
        sent = run(address, "send", "dodici", "--order", ORDER)
    assert sent.returncode == 0
    assert "delivered after" in sent.stdout
    assert "trying again in" in sent.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--order", "DO999"), 1, "NewStore has no order 'DO999'"),
        (
            ("--order", ORDER, "--simulator", "http://198.51.100.1"),
            2,
            "other hosts are not allowed",
        ),
        (("--order", ORDER, "--simulator", "http://127.0.0.1:1"), 1, "no connection"),
        (("--order", ORDER, "--patience", "soon"), 2, "is not a duration"),
        (("--order", ORDER, "--mapping", "nothing"), 2, "has no mapping"),
        ((), 2, "name the order with"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    address: str, arguments: Sequence[str], code: int, words: str
) -> None:
    sent = run(address, "send", "dodici", *arguments)
    assert sent.returncode == code
    assert words in sent.stderr


def test_a_tenant_that_the_simulator_does_not_play(address: str) -> None:
    sent = run(address, "send", "nordhus", "--order", ORDER)
    assert (sent.returncode, sent.stdout) == (1, "")
    assert "does not simulate nordhus" in sent.stderr


def test_every_secret_that_is_missing_is_named_and_none_is_shown() -> None:
    variables = {"DODICI_NEWSTORE_ID": "not-to-be-shown"}
    sent = erpmap("send", "dodici", "--order", ORDER, variables=variables)
    assert sent.returncode == 1
    assert "DODICI_NEWSTORE_SECRET" in sent.stderr
    assert "secrets/netsuite.pem" in sent.stderr
    assert "not-to-be-shown" not in sent.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--fault", "drop"), "write --fault FAULT=PART"),
        (("--fault", "gremlins=0.1"), "is not a fault"),
        (("--fault", "drop=2"), "from 0 to 1"),
        (("--fault", "drop=1/0"), "from 0 to 1"),
        (("--fault", "drop=0.6", "--fault", "dribble=0.6"), "add up to more than 1"),
        (("--latency", "long"), "is not a number of seconds"),
        (("--latency", "inf"), "is not a number of seconds"),
    ],
)
def test_simulate_refuses_what_it_does_not_know(arguments: Sequence[str], words: str) -> None:
    ended = erpmap("simulate", "dodici", *arguments)
    assert ended.returncode == 2
    assert words in ended.stderr


def test_an_item_that_netsuite_lacks_is_looked_for_there(address: str) -> None:
    sent = run(address, "send", "dodici", "--event", CASES / "unknown-item" / "event.json")
    assert (sent.returncode, "E0601" in sent.stderr) == (3, True)
    assert "the query finds no 'item' by 'itemid' in NetSuite: create it there" in sent.stderr
    assert "add it to the lookup" not in sent.stderr
