"""What a load has read is watched: contents, targets of links, names in folders; not times alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.files.beneath import Root, read_beneath
from engine.files.read_record import ReadRecord


@pytest.fixture
def here(tmp_path: Path) -> Path:
    root = Path(os.path.realpath(tmp_path))
    (root / "cases" / "plain").mkdir(parents=True)
    (root / "v1").mkdir()
    (root / "v2").mkdir()
    (root / "file").write_text("one")
    (root / "cases" / "plain" / "event.json").write_text("{}")
    (root / "v1" / "map").write_text("map")
    (root / "v2" / "map").write_text("map")
    (root / "data").symlink_to("v1")
    (root / "map").symlink_to("data/map")
    return root


def record_of(here: Path) -> ReadRecord:
    record = ReadRecord((Root(str(here)),))
    for name in ("file", "map"):
        path = str(here / name)
        record.note_file(path, read_beneath(record.roots, path, 100))
    record.note_file(str(here / "none"), None)
    record.note_folder(str(here / "v2"))
    record.note_tree(str(here / "cases"))
    for old in (here / "file", here / "v1" / "map"):
        os.utime(old, (1, 1))  # long ago
    return record


def exchange(here: Path) -> None:
    """What a ConfigMap does: a new folder, and a link that is replaced in one step."""
    (here / "v2" / "map").write_text("mop")
    (here / "next").symlink_to("v2")
    (here / "next").rename(here / "data")


CHANGES: dict[str, Callable[[Path], object]] = {
    "an edit": lambda here: (here / "file").write_text("two"),
    "the target of a link": lambda here: (here / "v1" / "map").write_text("mop"),
    "another target": exchange,
    "a file that was missing": lambda here: (here / "none").write_text(""),
    "a file that is gone": lambda here: (here / "file").unlink(),
    "a name in a folder": lambda here: (here / "v2" / "new").write_text(""),
    "an edited case": lambda here: (here / "cases" / "plain" / "event.json").write_text("[]"),
    "a new case": lambda here: (here / "cases" / "more").mkdir(),
    "a file of a case": lambda here: (here / "cases" / "plain" / "order.json").write_text("{}"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_a_change_is_seen(here: Path, change: Callable[[Path], object]) -> None:
    record = record_of(here)
    assert not record.has_changed()
    change(here)
    assert record.has_changed()


def test_the_same_content_is_no_change(here: Path) -> None:
    record = record_of(here)
    for _ in range(2):
        (here / "file").write_text("one")
        (here / "data").unlink()
        (here / "v2" / "map").write_text("map")
        (here / "data").symlink_to("v2")
        assert not record.has_changed()


def test_an_edit_of_the_same_size_within_one_tick_is_seen(here: Path) -> None:
    path = here / "file"
    record = ReadRecord((Root(str(here)),))
    found = read_beneath(record.roots, str(path), 100)
    record.note_file(str(path), found)
    path.write_text("two")
    os.utime(path, ns=(found.status.st_atime_ns, found.status.st_mtime_ns))
    assert record.has_changed()


def test_content_is_read_again_only_where_a_state_has_changed(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = record_of(here)
    assert not record.has_changed()  # all that was recent has been compared once
    read: list[str] = []

    def note(roots: tuple[Root, ...], path: str, limit: int) -> object:
        read.append(path)
        return read_beneath(roots, path, limit)

    monkeypatch.setattr("engine.files.read_record.read_beneath", note)
    assert not record.has_changed()
    assert read == []
    os.utime(here / "file", (2, 2))
    assert not record.has_changed()
    assert not record.has_changed()
    assert read == [str(here / "file")]


def test_a_link_in_a_circle_among_cases_ends(here: Path) -> None:
    (here / "cases" / "plain" / "up").symlink_to("..")
    assert not record_of(here).has_changed()


def test_content_is_never_compared_outside(
    here: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_text("one")
    record = record_of(here)
    (here / "file").unlink()
    (here / "file").symlink_to(outside)
    assert record.has_changed()


def test_a_file_that_has_grown_is_not_read_to_tell(here: Path) -> None:
    """A sparse file costs no disk; to read one of 20 GB took all memory of the machine."""
    record = record_of(here)
    assert not record.has_changed()
    os.truncate(here / "file", 1 << 40)
    assert record.has_changed()
