"""`erpmap schema pull`: what the simulators tell becomes files that the tenant then runs with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from command import erpmap
from conftest import ROOT
from graphql import build_schema, introspection_from_schema
from played import Other

from engine.commands.schema.compare_snapshots import compare_records
from engine.commands.schema.pull import write_atomically
from engine.findings.errors import AddressError
from engine.mapping.load import load_tenant, open_folder
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import build_simulator_app

FILES = ("customer", "salesOrder", "cashSale")
CATALOG = "/metadata-catalog/customer"
QUERY = "/api/v1/org/data/query"
OPENAPI = {
    "components": {
        "schemas": {"customer": {"type": "object", "properties": {"email": {"type": "string"}}}}
    }
}
Answers = Mapping[str, tuple[int, bytes]]
NOTHING: Answers = {}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A mappings folder with one of the example tenants."""
    shutil.copytree(ROOT / "mappings" / "dodici", tmp_path / "dodici")
    return tmp_path


@contextmanager
def played(answers: Answers = NOTHING) -> Iterator[str]:
    one = load_simulated_tenant(open_folder(ROOT / "mappings"), "dodici")
    with serve_in_thread(Other(build_simulator_app([one]), answers)) as address:
        yield address


def pull(root: Path, address: str, *more: str) -> Any:
    return erpmap("--mappings", root, "schema", "pull", "dodici", "--simulator", address, *more)


def files(root: Path) -> set[str]:
    return {
        path.relative_to(root / "dodici").as_posix()
        for path in (root / "dodici" / "schemas").rglob("*")
        if path.is_file()
    }


def test_a_tenant_runs_with_what_was_pulled(root: Path) -> None:
    with played() as address:
        first, second = pull(root, address), pull(root, address)
    assert first.returncode == 0, first.stdout + first.stderr
    netsuite = {f"schemas/netsuite/{name}.schema.json" for name in FILES}
    netsuite.add("schemas/netsuite/currencies.json")
    assert files(root) == {"schemas/newstore.graphql", *netsuite}
    order = json.loads((root / "dodici/schemas/netsuite/salesOrder.schema.json").read_text())
    assert "custbody_nws_exchange_of" in order["properties"]
    assert "  + item.custcol_tax_rate" in first.stdout
    assert "against the bundled schema" in first.stdout
    assert "dodici: 2 mappings ready" in first.stdout
    assert second.stdout.count("0 added and 0 removed, against the existing file") == 4
    assert erpmap("--mappings", root, "validate", "dodici").returncode == 0
    tested = erpmap("--mappings", root, "test", "dodici")
    assert tested.returncode == 0, tested.stdout


def test_of_one_system_only_or_not_at_all(root: Path) -> None:
    with played() as address:
        dry = pull(root, address, "--dry-run")
        assert not (root / "dodici" / "schemas").exists()
        pull(root, address, "--newstore")
        assert files(root) == {"schemas/newstore.graphql"}
        pull(root, address, "--netsuite")
    assert dry.returncode == 0
    assert "nothing was written" in dry.stdout
    assert len(files(root)) == 5


def test_what_came_and_went_is_told(root: Path) -> None:
    with played() as address:
        pull(root, address, "--netsuite")
        path = root / "dodici/schemas/netsuite/customer.schema.json"
        older = json.loads(path.read_text())
        older["properties"]["gone"] = older["properties"].pop("comments")
        path.write_text(json.dumps(older))
        ended = pull(root, address, "--netsuite")
    assert "1 added and 1 removed" in ended.stdout
    assert "  + comments\n  - gone\n" in ended.stdout


def test_programs_read_which_files_were_written_and_changed(root: Path) -> None:
    customer = "schemas/netsuite/customer.schema.json"
    with played() as address:
        dry = pull(root, address, "--netsuite", "--dry-run", "--format", "json")
        people = pull(root, address, "--netsuite")
        path = root / "dodici" / customer
        older = json.loads(path.read_text())
        older["properties"]["gone"] = older["properties"].pop("comments")
        path.write_text(json.dumps(older))
        ended = pull(root, address, "--netsuite", "--format", "json")
    assert {(one["is_written"], one["is_changed"]) for one in json.loads(dry.stdout)["files"]} == {
        (False, True)
    }
    assert f"4 written, 4 of them changed\n  {customer}\n" in people.stdout
    document = json.loads(ended.stdout)
    assert (ended.returncode, document["findings"]) == (0, [])
    by_name = {one["name"]: one for one in document["files"]}
    assert set(by_name) == {
        "schemas/netsuite/currencies.json",
        *(f"schemas/netsuite/{name}.schema.json" for name in FILES),
    }
    assert all(one["is_written"] and one["error"] is None for one in by_name.values())
    assert [name for name, one in by_name.items() if one["is_changed"]] == [customer]
    changed = by_name[customer]["difference"]
    assert (changed["added"], changed["removed"]) == (["comments"], ["gone"])


def test_programs_read_why_a_file_did_not_come(root: Path) -> None:
    with played({CATALOG: (200, b"{}"), QUERY: (503, b"<html>Jane")}) as address:
        ended = pull(root, address, "--format", "json")
    assert ended.returncode == 1
    assert "Jane" not in ended.stdout
    newstore, customer, *others = json.loads(ended.stdout)["files"]
    assert (newstore["is_written"], newstore["error"]["kind"]) == (False, "newstore")
    assert [finding["code"] for finding in customer["findings"]] == ["E0807"]
    assert all(one["is_written"] for one in others)
    alone = erpmap("--mappings", root, "schema", "pull", "dodici", "--format", "json")
    assert (alone.returncode, alone.stderr) == (1, "")
    assert json.loads(alone.stdout)["error"]["kind"] == "credentials"


def test_findings_of_a_snapshot_are_shown_and_the_files_kept(root: Path) -> None:
    """This shop has no field of a name that the mapping's query asks for."""
    sdl = (ROOT / "schemas/newstore.graphql").read_text()
    with played(introspected(sdl.replace("  currency:", "  currencyCode:"))) as address:
        ended = pull(root, address, "--newstore")
    assert ended.returncode == 1
    assert "error[E1002]" in ended.stdout
    assert "the files are kept" in ended.stdout
    assert files(root) == {"schemas/newstore.graphql"}
    with played() as address:
        again = pull(root, address, "--newstore")
    assert again.returncode == 0, again.stdout + again.stderr


def introspected(sdl: str) -> Answers:
    """An answer to the introspection query, of other types."""
    document = {"data": introspection_from_schema(build_schema(sdl))}
    return {QUERY: (200, json.dumps(document).encode())}


def test_a_snapshot_that_is_broken_is_replaced(root: Path) -> None:
    folder = root / "dodici" / "schemas" / "netsuite"
    folder.mkdir(parents=True)
    (folder / "customer.schema.json").write_text("[]")
    assert erpmap("--mappings", root, "validate", "dodici").returncode == 1
    with played() as address:
        ended = pull(root, address, "--netsuite")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "customer.schema.json: new" in ended.stdout


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({CATALOG: (403, b"{}")}, "schemas/netsuite/customer.schema.json: "),
        ({CATALOG: (200, b"<html>")}, "is not JSON"),
        ({CATALOG: (200, b"{}")}, "E0807"),
        ({QUERY: (200, b'{"errors": [{"message": "Jane"}]}')}, "E1008"),
        ({QUERY: (503, b"<html>Jane")}, "is not available"),
    ],
)
def test_what_fails_is_told_and_the_others_are_written(
    root: Path, answers: Answers, words: str
) -> None:
    with played(answers) as address:
        ended = pull(root, address)
    assert ended.returncode == 1
    assert words in ended.stderr
    assert "Jane" not in ended.stderr + ended.stdout
    assert len(files(root)) == 4


def test_openapi_where_the_other_form_is_refused(root: Path) -> None:
    """One answer to both is enough to tell: as JSON Schema it describes nothing."""
    with played({CATALOG: (200, json.dumps(OPENAPI).encode())}) as address:
        pull(root, address, "--netsuite")
    schema = json.loads((root / "dodici/schemas/netsuite/customer.schema.json").read_text())
    assert set(schema["properties"]) == {"email"}


def test_without_a_connection_nothing_is_pulled(root: Path) -> None:
    ended = erpmap("--mappings", root, "schema", "pull", "dodici")
    assert ended.returncode == 1
    assert "nothing was pulled" in ended.stderr
    assert "DODICI_NEWSTORE_ID" in ended.stderr
    assert not (root / "dodici" / "schemas").exists()


def test_a_link_out_of_the_tenants_folder_is_not_followed(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "dodici" / "schemas").symlink_to(outside)
    with pytest.raises(AddressError):
        write_atomically(root / "dodici", "schemas/newstore.graphql", "type Query {a: Int}\n")
    with played() as address:
        assert pull(root, address, "--newstore").returncode == 1
    assert not list(outside.iterdir())


def test_a_file_is_written_whole(root: Path) -> None:
    (root / "dodici" / "schemas" / "x").mkdir(parents=True)
    with pytest.raises(OSError, match="schemas/x"):
        write_atomically(root / "dodici", "schemas/x", "text")
    assert files(root) == set()


def test_fields_whose_inside_is_not_told_are_not_removed() -> None:
    inner = {"type": "object", "properties": {"city": {}, "zip": {}}}
    old = {"properties": {"address": inner, "gone": {}}}
    new = {"properties": {"address": {"type": "object"}, "came": {}}}
    found = compare_records(old, new)
    assert (found.added, found.removed) == (("came",), ("gone",))
    assert (found.opened, found.count) == (("address",), 2)


def test_snapshots_can_be_left_out(root: Path) -> None:
    folder = root / "dodici" / "schemas"
    folder.mkdir()
    (folder / "newstore.graphql").write_text("type")
    assert not load_tenant(open_folder(root), "dodici").ok
    assert load_tenant(open_folder(root), "dodici", with_snapshots=False).ok
