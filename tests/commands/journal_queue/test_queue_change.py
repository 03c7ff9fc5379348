"""What people do to deliveries: tried again, parked, resolved; refused where it makes no sense."""

from __future__ import annotations

from pathlib import Path

from engine.simulator.faults import Fault

from .bench import DAY, MINUTE, Bench, at_bench

WRONG = "1.00"


def test_a_parked_order_is_put_right_and_retried(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1", grandTotal=WRONG)
        await bench.deliver()
        bench.desk.sell("o1")
        result = bench.queue("retry", "o1", "--by", "eve")
        assert (result.exit_code, result.stdout) == (0, "1 delivery due now\n")
        assert bench.states() == ["waiting"]
        await bench.deliver()
        assert bench.states() == ["delivered"]
        assert bench.desk.stands("o1")
        (act,) = bench.rows("acts")
        assert (act["act"], act["by"]) == ("retry", "eve")
        assert "eve" in bench.queue("show", "1").stdout

    at_bench(journal_url, tmp_path, work)


def test_all_of_a_cause_are_retried_and_no_others(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        for key in ("o1", "o2"):
            bench.sell(key, grandTotal=WRONG)
        bench.arrive("o3")  # NewStore does not have it
        for _ in range(4):
            await bench.deliver()
            bench.ahead += MINUTE
        assert bench.states() == ["parked"] * 3
        cause = bench.said("list", "--causes")[0]["cause"]
        for command in (("retry",), ("list",), ("list", "--causes")):
            slip = bench.queue(*command, "--reason", "finding")
            assert "no delivery has the reason 'finding'; did you mean findings?" in slip.stderr
        unknown = bench.queue("retry", "--reason", "the_moon")
        assert "the reasons in the journal: findings, order_pending" in unknown.stderr
        assert bench.said("retry", "--cause", cause)["changed"] == [1, 2]
        assert bench.states() == ["waiting", "waiting", "parked"]
        assert bench.said("retry", "--reason", "order_pending")["changed"] == [3]

    at_bench(journal_url, tmp_path, work)


def test_the_counts_of_a_retried_one_begin_anew(journal_url: str, tmp_path: Path) -> None:
    """It waits by its rules again, and what killed workers before has three lives again."""

    async def work(bench: Bench) -> None:
        bench.arrive("o1")
        for _ in range(4):
            await bench.deliver()
            bench.ahead += MINUTE
        assert bench.states() == ["parked"]
        bench.write("UPDATE deliveries SET starts = 3")
        bench.said("retry", "1")
        (row,) = bench.rows("deliveries")
        assert (row["starts"], row["waited"], row["reason"]) == (0, "{}", None)
        await bench.deliver()
        (row,) = bench.rows("deliveries")
        assert (row["state"], row["reason"]) == ("waiting", "order_pending")
        assert bench.queue("audit").exit_code == 0

    at_bench(journal_url, tmp_path, work)


def test_a_waiting_one_is_hurried(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.arrive("o1")
        await bench.deliver()
        assert bench.states() == ["waiting"]
        bench.desk.sell("o1")
        await bench.deliver()
        assert bench.states() == ["waiting"], "it is not due yet"
        bench.said("retry", "1")
        await bench.deliver()
        assert bench.states() == ["delivered"]

    at_bench(journal_url, tmp_path, work)


def test_what_may_have_been_written_is_looked_for_by_a_retry(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.desk.strike(Fault.COMMIT_THEN_DROP, 2)
        bench.sell("o1")
        await bench.deliver()
        bench.write("UPDATE deliveries SET state = 'parked', doubts = '[\"*\"]', posted = '[]'")
        bench.said("retry", "1")
        await bench.deliver()
        assert bench.states() == ["delivered"]
        assert bench.desk.stands("o1")

    at_bench(journal_url, tmp_path, work)


def test_an_unsure_one_repeats_with_what_it_was_given_unless_asked_anew(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        unsure = "UPDATE deliveries SET state = 'parked', doubts = '[\"*\"]', due_at = NULL"
        bench.write(unsure)
        # The order was changed: what was written is its earlier self.
        bench.sell("o1", customerEmail="new@example.com")
        bench.said("retry", "1")
        await bench.deliver()
        first, second = bench.rows("attempts")
        assert first["payloads"] == second["payloads"]
        bench.write(unsure)
        bench.said("retry", "1", "--anew")
        await bench.deliver()
        assert bench.rows("attempts")[2]["payloads"] != first["payloads"]

    at_bench(journal_url, tmp_path, work)


def test_a_retry_tells_which_version_runs_and_whether_the_files_are_newer(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1", grandTotal=WRONG)
        await bench.deliver()
        assert "1 of tiny/sale run version" in _told(bench)
        sale = bench.root / "tiny" / "sale.yaml"
        sale.write_text(sale.read_text("utf-8") + "values: {x: {is: '{{ 1 }}'}}\n", "utf-8")
        assert "no service has loaded it" in _told(bench)
        sale.write_text("erpmap: 1\nmapping: sale\n", "utf-8")
        assert "the files have findings, see `erpmap validate tiny`" in _told(bench)
        bench.sell("o1")
        bench.desk.strike(Fault.COMMIT_THEN_ERROR, 2, times=20)
        await bench.deliver()
        assert "1 of tiny/sale repeat with version" in _told(bench)
        assert "repeat" not in _told(bench, "--anew")
        # Its next attempt will fetch anew, also if it is asked for a second time.
        assert "repeat" not in _told(bench)
        assert bench.said("retry", "1")["runs"][0]["count"] == 1

    at_bench(journal_url, tmp_path, work)


def _told(bench: Bench, *options: str) -> str:
    """What a retry says besides its result."""
    return bench.queue("retry", "1", *options).stderr


def test_a_resolved_one_lets_the_next_of_its_order_go_on(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1", grandTotal=WRONG)
        await bench.deliver()
        assert bench.states() == ["parked", "held"]
        assert bench.queue("resolve", "1").exit_code == 2, "it asks for words"
        assert bench.said("resolve", "o1", "--because", "entered by hand")["changed"] == [1]
        assert bench.states() == ["resolved", "waiting"]
        assert bench.rows("deliveries")[0]["words"] == "entered by hand"
        assert bench.queue("audit").exit_code == 0

    at_bench(journal_url, tmp_path, work, mappings=("sale", "billed"))


def test_a_parked_one_is_left_alone_until_somebody_sees_to_it(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        bench.said("park", "1", "--because", "the customer calls back")
        bench.ahead = DAY
        await bench.deliver()
        assert bench.states() == ["parked"]
        assert "by_hand: the customer calls back" in bench.queue("show", "1").stdout
        bench.said("retry", "1")
        await bench.deliver()
        assert bench.states() == ["delivered"]

    at_bench(journal_url, tmp_path, work)


def test_what_its_state_does_not_allow_is_refused_with_what_to_do(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        for command, hint in (
            (("retry", "2"), "it waits for delivery 1 of its order"),
            (("park", "2"), "it waits for delivery 1 of its order"),
            (("resolve", "1", "--because", "x"), "park it first"),
        ):
            result = bench.queue(*command)
            assert result.exit_code == 1
            assert "E1102" in result.stderr
            assert hint in result.stderr
        assert bench.states() == ["waiting", "held"]
        await bench.deliver()
        assert "`erpmap send` delivers" in bench.queue("retry", "1").stderr
        bench.write("UPDATE deliveries SET state = 'running' WHERE id = 1")
        assert "its attempt is running" in bench.queue("retry", "1").stderr
        assert bench.rows("acts") == []

    at_bench(journal_url, tmp_path, work, mappings=("sale", "billed"))


def test_some_are_done_where_others_are_refused_or_unknown(
    journal_url: str, tmp_path: Path
) -> None:
    async def work(bench: Bench) -> None:
        bench.sell("o1")
        await bench.deliver()
        bench.sell("o2", grandTotal=WRONG)
        await bench.deliver()
        result = bench.queue("retry", "1", "2", "77")
        assert result.exit_code == 1
        assert result.stdout == "1 delivery due now\n"
        assert {"E1101", "E1102"} <= set(result.stderr.replace("[", " ").replace("]", " ").split())
        assert bench.states() == ["delivered", "waiting"]
        assert bench.queue("retry").exit_code == 2, "all of them are never meant by nothing"

    at_bench(journal_url, tmp_path, work)


def test_more_than_one_transaction_holds_are_changed(journal_url: str, tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.arrive_many(450)
        changed = bench.said("park", "--tenant", "tiny")["changed"]
        assert len(set(changed)) == 450
        assert set(bench.states()) == {"parked"}

    at_bench(journal_url, tmp_path, work)
