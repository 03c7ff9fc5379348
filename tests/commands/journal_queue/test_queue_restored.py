"""A journal restored from a backup, then the same events again: nothing is posted twice."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from command import in_shell
from conftest import ROOT
from sqlalchemy import make_url

from engine.journal.claim import claim_delivery
from engine.journal.database import journal_file, open_journal
from engine.simulator.faults import Fault

from .bench import MINUTE, Bench, at_bench


def backed_up(url: str, folder: Path) -> None:
    """Back a journal up, as the guide says, while it is open."""
    file = journal_file(url)
    if file is None:
        _run("pg_dump", "--format=custom", f"--file={folder / 'journal.dump'}", _address(url))
    else:
        _run("sqlite3", str(file), f".backup '{folder / 'backup.db'}'")


def restored(url: str, folder: Path) -> None:
    """Put the backup in the journal's place, while nobody has it open."""
    file = journal_file(url)
    if file is None:
        dump = str(folder / "journal.dump")
        _run("pg_restore", "--clean", "--if-exists", f"--dbname={_address(url)}", dump)
        return
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()
    shutil.copy(folder / "backup.db", file)


def _address(url: str) -> str:
    return make_url(url).render_as_string(hide_password=False)


def _run(program: str, *arguments: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    subprocess.run([program, *arguments], check=True, capture_output=True, timeout=60)


async def before(bench: Bench) -> None:
    """What the backup has: one delivered, one begun, one unsure, one that waits for NewStore."""
    bench.sell("done")
    await bench.deliver()
    bench.desk.strike(Fault.COMMIT_THEN_ERROR, 1, times=20)
    bench.sell("unsure")
    await bench.deliver()
    bench.desk.strike(Fault.DROP, times=0)
    bench.sell("begun")
    begun = bench.rows("deliveries")[-1]["id"]
    bench.journal.run_blocking(lambda c: claim_delivery(c, begun, "dead", bench.now()))
    bench.arrive("late")
    await bench.deliver()
    assert bench.states() == ["delivered", "waiting", "running", "waiting"]
    assert bench.rows("deliveries")[1]["doubts"] == '["order"]'


async def after(bench: Bench) -> None:
    """What the backup does not have: all of them were delivered, and another one came."""
    bench.left_running()
    bench.desk.sell("late")
    bench.sell("newer")
    bench.ahead = MINUTE
    await bench.deliver()
    assert bench.states() == ["delivered"] * 5


@pytest.mark.parametrize("told", [True, False])
def test_nothing_is_posted_twice_after_a_restore(
    journal_url: str,
    tmp_path: Path,
    told: bool,  # noqa: FBT001 - pytest gives it
) -> None:
    """`queue restored` spares refusals; where it is forgotten, the external ids still decide."""

    async def work(bench: Bench) -> None:
        await before(bench)
        backed_up(bench.url, tmp_path)
        await after(bench)
        bench.journal.close()
        restored(bench.url, tmp_path)
        bench.journal = open_journal(bench.url)
        try:
            assert bench.states() == ["delivered", "waiting", "running", "waiting"]
            if told:
                assert "parked or resolved since the backup" in bench.queue("restored").stderr
                assert bench.said("restored")["changed"] == [2, 3, 4]
                assert [row["doubts"] for row in bench.rows("deliveries")[1:]] == ['["*"]'] * 3
                assert bench.states() == ["delivered", "waiting", "waiting", "waiting"]
            else:
                bench.left_running()
            orders = ("done", "unsure", "begun", "late", "newer")
            for key in orders:
                bench.arrive(key)
            await bench.deliver()
            assert bench.states() == ["delivered"] * 5
            assert all(bench.desk.stands(key) for key in orders)
            made = {one["how"] for at in (1, 2, 3, 4) for one in _posted(bench, at)}
            assert made == {"already there", "found"}
            assert bench.queue("audit").exit_code == 0
        finally:
            bench.journal.close()

    at_bench(journal_url, tmp_path, work)


def test_the_guide_is_followed_to_the_letter(tmp_path: Path) -> None:
    """Its commands for SQLite, as they stand there; what was erased since has to be erased again."""
    guide = (ROOT / "docs" / "operating.md").read_text("utf-8")
    section = guide.split("## Backup and restore\n", 1)[1].split("\n## ", 1)[0]
    back_up, bring_back = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)

    def done(command: str) -> str:
        ended = in_shell(f"set -e\n{command}", cwd=tmp_path)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout + ended.stderr

    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        bench.arrive("o2")
        done(back_up)
        assert bench.queue("erase", "--order", "o1").exit_code == 0
        bench.said("park", "o2")
        bench.journal.close()
        said = done(bring_back)
        bench.journal = open_journal(bench.url)
        assert "1 delivery marked to be looked up before the next write" in said
        assert "erased, parked or resolved since the backup" in said
        assert bench.states() == ["delivered", "waiting"]
        assert [row["document"] is not None for row in bench.rows("events")] == [True, True]
        bench.journal.close()

    if shutil.which("sqlite3") is None:
        pytest.skip("sqlite3 is not installed")
    at_bench(f"sqlite:///{tmp_path / 'erpmap.db'}", tmp_path, work)


def _posted(bench: Bench, at: int) -> list[dict[str, str]]:
    id_ = bench.rows("deliveries")[at]["id"]
    found: list[dict[str, str]] = bench.said("show", str(id_))["posted"]
    return found
