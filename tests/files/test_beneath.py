"""Files opened beneath folders: links within are followed, and nothing outside is read, whoever exchanges what."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from scale import scaled

from engine.files.beneath import Root, list_beneath, read_beneath, resolve_beneath

LIMIT = 1_000


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Folders of two tenants, one that they share, and something secret beside them."""
    root = Path(os.path.realpath(tmp_path))
    for name in ("m/acme/sub", "m/other", "shared"):
        (root / name).mkdir(parents=True)
    for name in ("m/acme/a", "m/acme/sub/b", "m/other/o", "shared/s", "secret"):
        (root / name).write_text(name)
    return root


def roots(here: Path) -> tuple[Root, ...]:
    return Root(str(here / "m"), entry="acme"), Root(str(here / "shared"))


def read(here: Path, path: str) -> str:
    return read_beneath(roots(here), str(here / "m" / "acme" / path), LIMIT).data.decode()


def refusal(here: Path, path: str) -> int | None:
    with pytest.raises(OSError, match=r".") as caught:
        read(here, path)
    return caught.value.errno


@pytest.mark.parametrize(
    ("target", "content"),
    [
        ("sub/b", "m/acme/sub/b"),
        ("../acme/a", "m/acme/a"),
        ("../../shared/s", "shared/s"),
        ("{here}/shared/s", "shared/s"),
        ("{here}/alias/s", "shared/s"),
        ("sub/../a", "m/acme/a"),
    ],
)
def test_links_within_the_folders_are_followed(here: Path, target: str, content: str) -> None:
    (here / "alias").symlink_to("shared")
    (here / "m" / "acme" / "link").symlink_to(target.format(here=here))
    (here / "m" / "acme" / "twice").symlink_to("link")
    assert read(here, "link") == read(here, "twice") == content


@pytest.mark.parametrize(
    "target",
    ["../other/o", "../../secret", "{here}/secret", "/etc/passwd", "/proc/self/root/etc/passwd"],
)
def test_links_that_lead_out_are_refused(here: Path, target: str) -> None:
    (here / "m" / "acme" / "link").symlink_to(target.format(here=here))
    (here / "m" / "acme" / "folder").symlink_to(Path(target.format(here=here)).parent)
    assert refusal(here, "link") == errno.EXDEV
    assert refusal(here, f"folder/{Path(target).name}") == errno.EXDEV
    # What is there, and what is not, looks the same.
    assert refusal(here, "folder/nothing") == errno.EXDEV


def test_paths_that_lead_out_are_refused(here: Path) -> None:
    for path in ("../other/o", "sub/../../other/o", "/etc/passwd", "..", "../..", str(here)):
        assert refusal(here, path) == errno.EXDEV
    assert refusal(here, "none") == errno.ENOENT
    assert refusal(here, "a/b") == errno.ENOTDIR
    with pytest.raises(ValueError, match="NUL"):
        read(here, "a\0b")


def test_links_in_a_circle_end(here: Path) -> None:
    acme = here / "m" / "acme"
    (acme / "one").symlink_to("two")
    (acme / "two").symlink_to("one")
    assert refusal(here, "one") == errno.ELOOP


def test_only_regular_files_are_read(here: Path) -> None:
    os.mkfifo(here / "m" / "acme" / "pipe")
    (here / "m" / "acme" / "device").symlink_to("/dev/zero")
    assert refusal(here, "pipe") == refusal(here, "sub") == refusal(here, ".") == errno.ENOTSUP
    assert refusal(here, "device") == errno.EXDEV
    with pytest.raises(OSError, match="not a regular file"):
        read_beneath((Root("/"),), "/dev/zero", LIMIT)


def test_a_root_may_hold_only_names_that_begin_so(here: Path) -> None:
    (here / "shared" / "acme_key").write_text("acme")
    (here / "shared" / "other_key").write_text("other")
    own = (Root(str(here / "shared"), begins="acme_"),)
    assert read_beneath(own, str(here / "shared" / "acme_key"), LIMIT).data == b"acme"
    for path in ("shared/other_key", "shared/acme_x/../other_key", "shared"):
        with pytest.raises(OSError, match=r".") as caught:
            read_beneath(own, str(here / path), LIMIT)
        assert caught.value.errno in {errno.EXDEV, errno.ENOENT}


def test_folders_are_listed_and_resolved(here: Path) -> None:
    (here / "m" / "acme" / "link").symlink_to("../../shared")
    (here / "m" / "acme" / "out").symlink_to("../other")
    listed = list_beneath(roots(here), str(here / "m" / "acme" / "link"))
    assert [entry.name for entry in listed] == ["s"]
    with pytest.raises(OSError, match="outside"):
        list_beneath(roots(here), str(here / "m" / "acme" / "out"))
    at = str(here / "m" / "acme" / "link" / "s")
    assert resolve_beneath(roots(here), at) == str(here / "shared" / "s")


def test_no_handle_is_left_open(here: Path) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    for path in ("a", "none", "../other/o", "sub"):
        for _ in range(50):
            try:
                read(here, path)
            except OSError:
                continue
    assert len(list(Path("/dev/fd").iterdir())) == before


@contextmanager
def exchanged(here: Path, name: str, other: str) -> Iterator[None]:
    """A folder or file of the tenant, and a link outwards, take each other's place all the time."""
    at, link, away = here / "m" / "acme" / name, here / "link", here / "away"
    link.symlink_to(other)
    is_over = threading.Event()

    def exchange() -> None:
        while not is_over.is_set():
            at.rename(away)
            link.rename(at)
            at.rename(link)
            away.rename(at)

    thread = threading.Thread(target=exchange)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@pytest.mark.parametrize(("name", "path"), [("sub", "sub/b"), ("a", "a")])
def test_nothing_outside_is_read_while_a_folder_is_exchanged(
    here: Path, name: str, path: str
) -> None:
    (here / "m" / "other" / "b").write_text("of another")
    own = read(here, path)
    target = here / "m" / "other" if name == "sub" else here / "m" / "other" / "o"
    seen: set[str] = set()
    with exchanged(here, name, str(target)):
        tries, wanted = 0, scaled(2_000, full=50_000)
        while tries < wanted or len(seen) < 2:  # both sides of the exchange have been met
            tries += 1
            try:
                seen.add(read(here, path))
            except OSError as error:
                seen.add(errno.errorcode[error.errno or 0])
    assert own in seen
    assert seen <= {own, "EXDEV", "ENOENT", "ELOOP", "ENOTDIR"}
