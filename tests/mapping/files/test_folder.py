"""Finding files in the mappings folder, and mappings that extend others; on real files."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from engine.findings.codes import CODES
from engine.findings.diagnostics import Finding, Place, SourceText
from engine.findings.errors import ReadError
from engine.mapping.files.extend import LoadedMapping, load_overlaid
from engine.mapping.files.folder import MAX_LOOKUP_BYTES, MappingsFolder
from engine.mapping.files.nodes import as_data
from engine.mapping.files.overlays import list_origins
from engine.mapping.files.parse_yaml import MAX_BYTES

WANTED = Place(SourceText("tenant.yaml", "mappings: [x]"), 1, 12)


def write(root: Path, files: dict[str, str]) -> MappingsFolder:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return MappingsFolder(root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A mappings folder with something secret beside it."""
    (tmp_path / "secret.yaml").write_text("password: 1")
    folder = tmp_path / "mappings"
    folder.mkdir()
    return folder


def refusal(folder: MappingsFolder, path: str, *, limit: int = MAX_BYTES) -> Finding:
    with pytest.raises(ReadError) as caught:
        folder.read(path, wanted_by=WANTED, limit=limit)
    (found,) = caught.value.findings
    assert found.place == WANTED
    assert found.code in CODES
    return found


def test_a_file_is_read_under_the_name_a_user_would_type(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(root, {"nordic/a.yaml": "a: é"})
    monkeypatch.chdir(root.parent)
    assert folder.read("nordic/a.yaml").name == "mappings/nordic/a.yaml"
    assert folder.read("nordic//./a.yaml").content == "a: é"
    assert MappingsFolder(Path("mappings")).read("nordic/a.yaml").name == "mappings/nordic/a.yaml"
    monkeypatch.chdir(root)
    assert folder.read("nordic/a.yaml").name == "nordic/a.yaml"
    assert MappingsFolder(Path()).read("nordic/a.yaml").name == "nordic/a.yaml"
    monkeypatch.chdir("/usr")
    assert folder.read("nordic/a.yaml").name == "mappings/nordic/a.yaml"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "..",
        "../secret.yaml",
        "nordic/../../secret.yaml",
        "/etc/passwd",
        "//etc/passwd",
        "C:/x.yaml",
        "nordic\\x.yaml",
        "a\0b",
        "\ud800.yaml",
        "x" * 5_000,
    ],
)
def test_paths_that_lead_out_are_refused(root: Path, path: str) -> None:
    found = refusal(MappingsFolder(root), path)
    assert found.code == "E0103"
    assert len(found.message) < 120


@pytest.mark.parametrize("target", ["../secret.yaml", "/dev/zero", "..", "nordic/link.yaml"])
def test_links_that_lead_out_or_round_are_refused(root: Path, target: str) -> None:
    (root / "nordic").mkdir()
    (root / "nordic" / "link.yaml").symlink_to(root / target)
    assert refusal(MappingsFolder(root), "nordic/link.yaml").code in {"E0102", "E0103"}


def test_a_folder_that_is_a_link_outwards_is_refused(root: Path) -> None:
    (root / "nordic").symlink_to(root.parent)
    assert refusal(MappingsFolder(root), "nordic/secret.yaml").code == "E0103"
    # Nobody learns what there is outside.
    assert refusal(MappingsFolder(root), "nordic/secrets.yaml").code == "E0103"


def test_links_within_the_folder_are_fine(root: Path) -> None:
    folder = write(root, {"a.yaml": "a: 1"})
    (root / "b.yaml").symlink_to("a.yaml")
    (root.parent / "other").symlink_to(root)
    assert folder.read("b.yaml").content == "a: 1"
    assert MappingsFolder(root.parent / "other").read("b.yaml").content == "a: 1"


def test_only_regular_files_are_read(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = MappingsFolder(root)
    os.mkfifo(root / "pipe.yaml")
    (root / "dir.yaml").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(root)  # the path of a socket is at most 108 bytes long
        listener.bind("sock.yaml")
        for name in ("pipe.yaml", "dir.yaml", "sock.yaml", "."):
            found = refusal(folder, name)
            assert (found.code, "regular file" in found.message) == ("E0102", True)


def test_what_the_system_cannot_read_is_a_finding(root: Path) -> None:
    assert refusal(MappingsFolder(root), "x" * 300 + ".yaml").code == "E0102"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_a_finding(root: Path) -> None:
    folder = write(root, {"a.yaml": "a: 1"})
    (root / "a.yaml").chmod(0)
    assert refusal(folder, "a.yaml").code == "E0102"


def test_a_large_file_is_refused_by_its_own_limit(root: Path) -> None:
    folder = write(root, {"a.csv": "x" * (MAX_BYTES + 1)})
    assert refusal(folder, "a.csv").code == "E0104"
    assert len(folder.read("a.csv", limit=MAX_LOOKUP_BYTES).content) == MAX_BYTES + 1


def test_a_missing_file_has_a_name_nearby(root: Path) -> None:
    folder = write(root, {"nordic/sales_order.yaml": "", "a.yaml": ""})
    found = refusal(folder, "nordic/sale_order.yaml")
    assert (found.code, found.hint) == ("E0101", "did you mean nordic/sales_order.yaml?")
    assert refusal(folder, "a.yaml/b.yaml").code == "E0101"
    assert "--mappings" in (refusal(MappingsFolder(root / "none"), "a.yaml").hint or "")


def test_base_falls_back_to_what_is_shipped(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "shipped", {"base/a.yaml": "a: 1", "base/b.yaml": "a: 1", "c.yaml": "c: 1"})
    write(root, {"base/b.yaml": "a: 2"})
    folder = MappingsFolder(root, tmp_path / "shipped")
    assert folder.read("base/a.yaml").name == "<erpmap>/base/a.yaml"
    assert folder.read("base/b.yaml").content == "a: 2"
    assert refusal(folder, "c.yaml").code == "E0101"
    assert refusal(folder, "base/aa.yaml").hint == "did you mean base/a.yaml?"


def load(root: Path, files: dict[str, str], path: str = "nordic/sales.yaml") -> LoadedMapping:
    return load_overlaid(write(root, files), path, wanted_by=WANTED)


def unloadable(
    root: Path, files: dict[str, str], path: str = "nordic/sales.yaml"
) -> list[tuple[str, str]]:
    with pytest.raises(ReadError) as caught:
        load(root, files, path)
    assert all(found.code in CODES for found in caught.value.findings)
    return [(found.code, found.hint or "") for found in caught.value.findings]


def test_a_mapping_lies_over_what_it_extends(root: Path) -> None:
    loaded = load(
        root,
        {
            "base/order.yaml": "erpmap: 1\nlines: {item: 1, tax: 2}\nlookups: {a: {file: a.csv}}",
            "base/sales.yaml": "erpmap: 1\nextends: order\nlines: {item: 3}",
            "nordic/sales.yaml": "erpmap: 1\nextends: base/sales\nlines: {tax: !remove, fee: 4}",
        },
    )
    assert as_data(loaded.node) == {
        "erpmap": 1,
        "lines": {"item": 3, "fee": 4},
        "lookups": {"a": {"file": "a.csv"}},
    }
    assert loaded.findings == ()
    assert loaded.files == ("base/order.yaml", "base/sales.yaml", "nordic/sales.yaml")
    places = dict(list_origins(loaded.node))
    assert loaded.path_from(places["lookups.a.file"], "lookups/a.csv") == "base/lookups/a.csv"
    assert loaded.path_from(places["lines.fee"], "lookups/a.csv") == "nordic/lookups/a.csv"
    with pytest.raises(LookupError):
        loaded.path_from(WANTED, "a.csv")


def test_a_common_base_is_applied_once_and_first(root: Path) -> None:
    loaded = load(
        root,
        {
            "base/order.yaml": "a: 1\nb: 1",
            "base/left.yaml": "extends: base/order.yaml\na: 2",
            "base/right.yaml": "extends: [order]\nb: 2",
            "nordic/sales.yaml": "extends: [base/left, base/right, base/left]\nc: 3",
        },
    )
    assert as_data(loaded.node) == {"a": 2, "b": 2, "c": 3}
    assert loaded.files == (
        "base/order.yaml",
        "base/left.yaml",
        "base/right.yaml",
        "nordic/sales.yaml",
    )


def test_needless_overrides_are_reported_without_stopping(root: Path) -> None:
    files = {"base.yaml": "a: 1\nb: 1", "nordic/sales.yaml": "extends: /base\n"}
    assert [code for code, _ in unloadable(root, files)] == ["E0103"]
    files = {"nordic/base.yaml": "a: 1\nb: !remove", "nordic/sales.yaml": "extends: base\na: 1"}
    assert [found.code for found in load(root, files).findings] == ["E0122", "W0124"]


def test_circles_show_the_whole_chain(root: Path) -> None:
    files = {
        "nordic/sales.yaml": "extends: base/a",
        "base/a.yaml": "extends: b",
        "base/b.yaml": "extends: base/a",
    }
    assert unloadable(root, files) == [("E0120", "the circle is base/a → base/b → base/a")]
    alone = {"nordic/sales.yaml": "extends: sales"}
    assert unloadable(root, alone) == [
        ("E0120", "the circle is nordic/sales → nordic/sales"),
    ]


def test_every_mistake_in_every_file_is_reported(root: Path) -> None:
    files = {
        "base/order.yaml": "a: 1\na: 2\nb: {{ x }}",
        "base/list.yaml": "[]",
        "nordic/sales.yaml": "extends: [base/order, base/ordr, base/list, ~, {}, sale, ../x]",
    }
    assert unloadable(root, files) == [
        ("E0118", "write `key: value` lines"),
        ("E0107", "the first one is on line 1; keep one of them"),
        ("E0114", 'put quotes around the whole value: "{{ … }}"'),
        ("E0121", "did you mean base/order?"),
        ("E0121", "write it like `extends: base/sales_order`"),
        ("E0121", "write it like `extends: base/sales_order`"),
        ("E0121", ""),
        ("E0103", "write a path below the mappings folder, with / between its parts"),
    ]


@pytest.mark.parametrize("extends", ["~", "5", "''", "{a: 1}", "[[a]]", "true"])
def test_extends_names_mappings(root: Path, extends: str) -> None:
    assert [code for code, _ in unloadable(root, {"nordic/sales.yaml": f"extends: {extends}"})] == [
        "E0121"
    ]


def test_the_mapping_asked_for_must_exist(root: Path) -> None:
    files = {"nordic/sales.yaml": "a: 1"}
    assert unloadable(root, files, "nordic/sale.yaml") == [
        ("E0101", "did you mean nordic/sales.yaml?")
    ]


def test_too_many_files(root: Path) -> None:
    files = {f"nordic/m{number}.yaml": f"extends: m{number + 1}" for number in range(30)}
    assert [code for code, _ in unloadable(root, files, "nordic/m0.yaml")] == ["E0125"]
