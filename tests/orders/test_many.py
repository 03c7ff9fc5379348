"""Very many orders through the command: the same from any number of processes, and none left."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import PATIENCE, erpmap, in_shell, on_terminal
from conftest import ROOT
from processes import ERPMAP, environment

from engine.orders.order_folders import find_orders

PROC = Path("/proc/self/task")
on_linux = pytest.mark.skipif(not PROC.exists(), reason="processes are seen in /proc")
# More than are rendered by one process, and more batches than may be under way.
COPIES = {"dodici": 4, "nordhus": 11}


def cases_of(tenant: str) -> list[Path]:
    """The folders of its cases, but for the one that takes long."""
    cases = (ROOT / "mappings" / tenant / "cases").glob("*/event.json")
    return sorted(event.parent for event in cases if event.parent.name != "lines-two-thousand")


@pytest.fixture(scope="module", params=COPIES)
def many(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All cases of a tenant, several times; the folder has the tenant's name."""
    tenant: str = request.param
    folder = tmp_path_factory.mktemp("many") / tenant
    for copy in range(COPIES[tenant]):
        for case in cases_of(tenant):
            shutil.copytree(case, folder / f"{copy}" / case.name)
    return folder


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More orders than go through a pipe that nobody reads, each a link-free copy of one."""
    folder = tmp_path_factory.mktemp("long")
    (plain,) = (case for case in cases_of("nordhus") if case.name == "yen-and-japanese-names")
    for number in range(1_500):
        there = folder / f"{number:05}"
        there.mkdir()
        for name in ("event.json", "order.json"):
            os.link(_copy(plain / name, folder), there / name)
    return folder


def _copy(file: Path, folder: Path) -> Path:
    copy = folder / f"{file.name}.kept"
    return copy if copy.exists() else Path(shutil.copy(file, copy))


@pytest.mark.parametrize("form", ["human", "json"])
def test_any_number_of_processes_says_the_same(many: Path, form: str) -> None:
    alone, two, three = (
        erpmap("render", many.name, "--all", many, "--format", form, "--jobs", jobs)
        for jobs in "123"
    )
    assert alone.returncode == 1
    assert two.stdout == alone.stdout == three.stdout
    assert two.stderr == alone.stderr == three.stderr


def test_many_orders_are_rendered_as_few_are(many: Path) -> None:
    few = erpmap("render", many.name, "--all", many / "0", "--format", "json")
    expected = [
        line.replace('"name":"', f'"name":"{copy}/', 1).replace(f"{many}/0/", f"{many}/{copy}/")
        for copy in sorted(map(str, range(COPIES[many.name])))
        for line in few.stdout.splitlines()
    ]
    result = erpmap("render", many.name, "--all", many, "--format", "json", "--jobs", "2")
    assert result.returncode == few.returncode
    assert result.stdout.splitlines() == expected


def test_people_get_counts_and_each_finding_once(tmp_path: Path) -> None:
    for number in range(210):
        case = "unknown-item" if number == 7 else "payment-over" if number % 2 else "store-plain"
        shutil.copytree(ROOT / "mappings/dodici/cases" / case, tmp_path / f"{number:03}")
    (tmp_path / "012" / "event.json").unlink()
    (tmp_path / "012" / "event.json").symlink_to("/etc/passwd")
    result = erpmap("render", "dodici", "--all", tmp_path)
    assert result.returncode == 1
    rows = {re.sub(r"\s+", " ", line.strip()) for line in result.stdout.splitlines()}
    assert {"rendered cash_sale 104", "with findings sales_order 106"} <= rows
    assert "210 orders: 104 rendered, 0 ignored, 0 not ready, 106 with findings" in rows
    told = re.findall(r"error\[(E\d+)\].*?\n {3}([\d,]+ order[^\n]*)", result.stderr, re.DOTALL)
    assert ("E0801", "104 orders, the first is 001") in told
    assert ("E0103", "1 order: 012") in told
    assert ("E0601", "1 order: 007") in told
    assert result.stderr.endswith("106 orders with findings; --format json shows them all\n")


def test_a_bar_shows_how_far_it_is(long: Path) -> None:
    shown, _ = on_terminal("render", "nordhus", "--all", long, "-j", "2")
    assert re.search(r"rendering.*\d/1500.*\d/s.*\d:\d\d", shown)
    assert "1,500 orders: 1,500 rendered" in shown


def test_names_that_are_no_text_are_shown(tmp_path: Path) -> None:
    plain = ROOT / "mappings/dodici/cases/store-plain"
    for number in range(201):
        shutil.copytree(plain, os.fsdecode(os.fsencode(tmp_path / f"{number}") + b"\xff"))
    result = erpmap("render", "dodici", "--all", tmp_path, "--format", "json", "-j", "2")
    assert result.returncode == 0
    assert result.stdout.startswith('{"name":"0\\udcff",')


def test_orders_stand_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "a/z/event.json", "a/b", "a-b", "a b/c", "B", "", "ä", "c/d/e"):
        folder = tmp_path / name
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "event.json").exists():
            (folder / "event.json").touch()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    expected = sorted(event.parent for event in tmp_path.rglob("event.json"))
    assert [tmp_path / name for name, _ in find_orders(tmp_path)] == expected
    *_, (_, ahead) = find_orders(tmp_path)
    assert ahead == 0
    assert list(find_orders(tmp_path / "nowhere")) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--all", ".", "--jobs", "0"], "0 is not in the range"),
        (["--all", ".", "-j", "many"], "'many' is not a valid integer"),
        (["--event", "x", "-j", "2"], "--jobs N needs --all DIR"),
    ],
)
def test_wrong_numbers_of_processes(arguments: list[str], words: str) -> None:
    result = erpmap("render", "dodici", *arguments)
    assert result.returncode == 2
    assert words in result.stderr


# --- ends --------------------------------------------------------------------------------------


@pytest.fixture
def busy(long: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command with two workers at work, and a reader that takes one line."""
    with subprocess.Popen(
        [ERPMAP, "render", "nordhus", "--all", long, "--format", "json", "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        cwd=ROOT,
        preexec_fn=_heed_signals,  # noqa: PLW1509 - no threads
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b'{"name":"00000"')
        yield process
        process.kill()


def _heed_signals() -> None:
    """Whoever runs the tests, in the background or under nohup, may have told children not to."""
    for one in (signal.SIGINT, signal.SIGHUP):
        signal.signal(one, signal.SIG_DFL)


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The processes that a process has started."""
    return [
        int(one)
        for one in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    ]


def gone(processes: list[int]) -> bool:
    """Whether all of them end, sooner or later."""
    until = time.monotonic() + PATIENCE
    while any(_is_alive(one) for one in processes):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _is_alive(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


@on_linux
def test_ctrl_c_ends_all_processes(busy: subprocess.Popen[bytes]) -> None:
    workers = workers_of(busy)
    assert len(workers) == 2
    busy.send_signal(signal.SIGINT)
    _, words = busy.communicate(timeout=PATIENCE)
    assert (busy.returncode, words) == (130, b"stopped\n")
    assert gone(workers)


@on_linux
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_workers_end_with_the_command(busy: subprocess.Popen[bytes], how: signal.Signals) -> None:
    workers = workers_of(busy)
    busy.send_signal(how)
    _, words = busy.communicate(timeout=PATIENCE)
    assert (busy.returncode, words) == (-how, b"")
    assert gone(workers)


@on_linux
def test_a_worker_that_is_killed_is_told(busy: subprocess.Popen[bytes]) -> None:
    killed, other = workers_of(busy)
    os.kill(killed, signal.SIGKILL)
    data, words = busy.communicate(timeout=PATIENCE)
    assert busy.returncode == 1
    assert words == (
        b"Error: a worker process was killed by SIGKILL before its orders were rendered;"
        b" try --jobs 1\n"
    )
    assert data.endswith(b"}\n")
    assert gone([other])


@on_linux
def test_who_reads_slowly_slows_the_work(busy: subprocess.Popen[bytes], long: Path) -> None:
    """Nothing is read: what was given out is done, and no more; so what comes later can change."""
    workers = workers_of(busy)
    while any(_is_running(worker) for worker in workers):
        time.sleep(0.01)
    last = long / "01499"
    last.rename(long.parent / "elsewhere")
    try:
        data, words = busy.communicate(timeout=PATIENCE)
    finally:
        (long.parent / "elsewhere").rename(last)
    assert (busy.returncode, words) == (1, b"")
    assert data.count(b'"state":"failed"') == 1
    assert b"01499/event.json does not exist" in data.splitlines()[-1]


def _is_running(process: int) -> bool:
    return " S " not in Path(f"/proc/{process}/stat").read_text()


def test_a_reader_that_leaves_is_no_trouble(long: Path) -> None:
    result = in_shell(f"erpmap render nordhus --all {long} --format json -j 2 | head -n 1")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("\n") == 1
