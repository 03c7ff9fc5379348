"""`erpmap doctor` as people run it: what it shows, what programs get, how it ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command import erpmap, on_terminal
from conftest import ROOT
from played import MAPPING, tenant, world

from engine.mapping.load import open_folder
from engine.simulator.netsuite import Account
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import build_simulator_app

PARAMETERLESS = "  cards: {parameter: netsuite/cards, default: false}\n"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The simulators of both example tenants."""
    folder = open_folder(ROOT / "mappings")
    played = [load_simulated_tenant(folder, name) for name in ("dodici", "nordhus")]
    with serve_in_thread(build_simulator_app(played)) as there:
        yield there
    assert all(one.netsuite.state.ledger.document() == {"records": []} for one in played)


@pytest.mark.parametrize(("name", "count"), [("dodici", 17), ("nordhus", 15)])
def test_the_example_tenants_are_well(address: str, name: str, count: int) -> None:
    ended = erpmap(
        "doctor",
        name,
        "--simulator",
        address,
        variables={"DODICI_EVENT_KEY": "u4Jt0Qw-9mZc_2LkVb7RxE"},
    )
    assert ended.returncode == 0, ended.stdout
    assert "✗" not in ended.stdout
    *lines, counts = ended.stdout.splitlines()
    assert (
        lines[0]
        == "✓ simulator                            it simulates the tenant, with credentials of its own"
    )
    if name == "dodici":  # it names a webhook whose address is a secret of its own
        assert "! webhook" in lines[-2]
        assert "'DODICI_ALERTS' is not set" in lines[-1]
        assert counts == f"{count} ok, 1 warning, 2 skipped"
    else:
        assert "! event keys" in lines[-2]
        assert "no key can be used: `erpmap serve` would refuse every event" in lines[-2]
        assert "'NORDHUS_EVENT_KEY' is not set" in lines[-1]
        assert counts == f"{count} ok, 1 warning, 2 skipped"


def test_programs_get_a_document(address: str) -> None:
    ended = erpmap("doctor", "dodici", "--simulator", address, "--format", "json")
    told = json.loads(ended.stdout)
    assert told[0] == {
        "name": "simulator",
        "verdict": "ok",
        "words": "it simulates the tenant, with credentials of its own",
        "hint": "",
    }
    assert {check["verdict"] for check in told} == {"ok", "skipped", "warning"}


def test_a_terminal_has_colours(address: str) -> None:
    shown, _ = on_terminal("doctor", "dodici", "--simulator", address)
    assert "\x1b[32m✓" in shown
    assert "\x1b[2m–" in shown


def test_every_missing_secret_is_named() -> None:
    ended = erpmap("doctor", "dodici", variables={"DODICI_NEWSTORE_ID": "the-client"})
    assert ended.returncode == 1
    first, *below = ended.stdout.splitlines()
    assert re.fullmatch("✗ credentials +4 secrets are missing", first)
    key = ROOT / "mappings/dodici/secrets/netsuite.pem"
    for line, about, where in (
        (below[0], "newstore.client_secret", "variable 'DODICI_NEWSTORE_SECRET' is not set"),
        (below[1], "netsuite.auth.certificate.client_id", "'DODICI_NETSUITE_CLIENT' is not set"),
        (below[2], "netsuite.auth.certificate.key", f"the file '{key}' does not exist"),
    ):
        assert line.strip().startswith(f"{about}: ")
        assert where in line
    assert "the-client" not in ended.stdout
    assert "DODICI_NEWSTORE_ID" not in ended.stdout
    assert below[-1] == "2 warnings, 1 failed, 4 skipped"


def test_it_ends_with_1_when_something_failed(tmp_path: Path) -> None:
    mapping = MAPPING.replace(PARAMETERLESS, "").replace(" {{ lookup('cards', 'x') }}", "")
    tenant(tmp_path, mapping)

    def without_orders(account: Account) -> Account:
        return replace(account, may_create=frozenset(("customer",)))

    with world(tmp_path, account=without_orders) as (there, _):
        ended = erpmap("--mappings", tmp_path, "doctor", "t", "--simulator", there)
    assert ended.returncode == 1
    failed = [line for line in ended.stdout.splitlines() if line.startswith("✗")]
    assert len(failed) == 1
    assert failed[0].startswith("✗ create salesOrder")
    assert "give the role of the integration the permission to create it" in ended.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("doctor", "dodici"),
        ("schema", "pull", "dodici"),
        ("send", "dodici", "--order", "x"),
        ("render", "dodici", "--order", "x"),
        ("ledger", "dodici"),
    ],
)
def test_a_simulator_that_is_none_ends_every_command_alike(command: tuple[str, ...]) -> None:
    wrong = erpmap(*command, "--simulator", "http://erp.example.com")
    assert wrong.returncode == 2
    assert "other hosts are not allowed" in wrong.stderr
    away = erpmap(*command, "--simulator", "http://127.0.0.1:1")
    assert away.returncode == 1
    assert "no connection" in away.stdout + away.stderr


def test_a_simulator_that_is_away_is_no_matter_of_credentials() -> None:
    away = erpmap("doctor", "dodici", variables={"ERPMAP_SIMULATOR": "http://127.0.0.1:1"})
    assert away.stdout.startswith("✗ simulator ")
    assert "credentials" not in away.stdout
    assert "simulator at http://127.0.0.1:1 (from ERPMAP_SIMULATOR)" in away.stderr


def test_a_simulator_that_does_not_play_the_tenant(address: str, tmp_path: Path) -> None:
    tenant(tmp_path)
    ended = erpmap("--mappings", tmp_path, "doctor", "t", "--simulator", address)
    assert ended.returncode == 1
    assert "does not simulate t" in ended.stdout


def test_a_tenant_with_mistakes_is_not_examined(tmp_path: Path) -> None:
    tenant(tmp_path)
    (tmp_path / "t" / "m.yaml").write_text("erpmap: 1\n", encoding="utf-8")
    ended = erpmap("--mappings", tmp_path, "doctor", "t")
    assert ended.returncode == 1
    assert "error[" in ended.stderr
    assert not ended.stdout
