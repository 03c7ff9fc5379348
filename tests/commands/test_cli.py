"""The command line: every verb, every exit code, and streams of every kind."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import termios
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from command import PATIENCE, erpmap, in_shell, on_terminal
from conftest import ROOT
from processes import ERPMAP, environment

from cli import main
from engine import __version__
from engine.documents import read_json
from engine.findings.diagnostics import SourceText

CASES = Path("mappings", "dodici", "cases")
ESCAPE = "\x1b"
COLOUR = re.compile(r"\x1b\[(?:\d+;)*3[0-9]")
VERBS = sorted(main.commands)


def run(*arguments: str | Path, stdin: bytes | None = None) -> Result:
    """A verb within this process, in the repository; what it raises is a defect."""
    runner = CliRunner(catch_exceptions=False, env={"ERPMAP_MAPPINGS": None})
    return runner.invoke(main, list(map(str, arguments)), input=stdin)


def order(case: str, *more: str, root: Path = CASES) -> list[str]:
    """The arguments that render the order of a case."""
    folder = root / case
    return ["render", folder.parent.parent.name, "--event", f"{folder / 'event.json'}",
            "--source", f"order={folder / 'order.json'}", *more]  # fmt: skip


def read(text: str) -> Any:
    """A JSON document, read exactly."""
    return read_json(SourceText("stdout", text))


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A retailer's own folder of mappings: dodici with two of its cases."""
    there = tmp_path / "mappings"
    shutil.copytree(ROOT / "mappings" / "dodici", there / "dodici", ignore=_most_cases)
    return there


def _most_cases(folder: str, names: list[str]) -> list[str]:
    kept = {"lookups", "store-plain", "payment-over"}
    return [name for name in names if Path(folder).name == "cases" and name not in kept]


# --- what every verb has in common -------------------------------------------------------------


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_shows_how_it_is_used(verb: str, flag: str) -> None:
    result = run(verb, flag)
    assert result.exit_code == 0
    usage, *below = result.stdout.splitlines()
    assert usage.startswith(f"Usage: main {verb}")
    assert any(line.startswith("  ") and f"erpmap {verb}" in line for line in below)


def test_help_and_version() -> None:
    assert set(VERBS) == {
        "capture",
        "completion",
        "demo",
        "diff",
        "docs",
        "doctor",
        "eval",
        "explain",
        "forecast",
        "ledger",
        "lsp",
        "migrate",
        "new",
        "queue",
        "reconcile",
        "render",
        "sample",
        "schema",
        "send",
        "serve",
        "shadow",
        "show",
        "simulate",
        "stream",
        "test",
        "trace",
        "validate",
        "worker",
    }
    assert all(verb in run("--help").stdout for verb in VERBS)
    assert run("--version").stdout == f"erpmap, version {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["validate"], 0),
        (["validate", "nordhus"], 0),
        (["validate", "--strict"], 0),
        (["explain"], 0),
        (["explain", "e0207"], 0),
        (["explain", "E9999"], 2),
        (order("store-plain"), 0),
        (["render", "dodici", "--event", str(CASES / "event-historical" / "event.json")], 0),
        (order("payment-over"), 1),
        (order("payment-account-missing"), 3),
        (order("payment-account-missing", "--format", "json"), 3),
        (["render", "dodici", "--all", str(CASES / "tax-exempt")], 0),
        (["render", "dodici", "--all", str(CASES / "order-without-items")], 3),
        (["test", "dodici", "--case", "exchange"], 0),
        (["test", "dodici", "--case", "no such case"], 1),
        (["show", "dodici", "sales_order"], 0),
        (["show", "dodici", "nothing"], 1),
        (["schema", "mapping"], 0),
        (["completion", "bash"], 0),
    ],
)
def test_exit_codes(arguments: list[str], code: int) -> None:
    assert run(*arguments).exit_code == code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Commands:"),
        (["validat"], "No such command"),
        (["validate", "nobody"], "there is no tenant 'nobody' in 'mappings'; there are: dodici"),
        (["validate", "../mappings/dodici"], "there is no tenant"),
        (["validate", ""], "there is no tenant"),
        (["validate", "--format", "yaml"], "'yaml' is not one of"),
        (["--mappings", "nowhere", "validate"], "there is no folder 'nowhere'"),
        (["--mappings", "README.md", "validate"], "there is no folder 'README.md'"),
        (["--mappings", "engine", "validate"], "no folder has a tenant.yaml"),
        (["render", "dodici"], "give one of --event FILE, --order ID and --all DIR"),
        (["render", "dodici", "--event", "x", "--all", "."], "give one of --event FILE, --order ID"),
        (["render", "dodici", "--all", "nowhere"], "'nowhere' does not exist"),
        (["render", "dodici", "--all", "schemas"], "there is no event.json below 'schemas'"),
        (["render", "dodici", "--all", ".", "--source", "order=x"], "--all reads each order's"),
        (order("store-plain", "--mapping", "x"), "has no mapping 'x'; it has: sales_order"),
        (order("store-plain", "--source", "order.json"), "is not NAME=FILE"),
        (order("store-plain", "--source", "=x"), "is not NAME=FILE"),
        (order("store-plain", "--source", "order=x"), "needs its own name"),
        (order("store-plain", "--source", "event=x"), "needs its own name"),
        (["render", "dodici", "--event", "-", "--source", "order=-"], "only one document can"),
        (["schema", "order"], "No such command 'order'"),
        (["schema", "pull"], "Missing argument 'TENANT'"),
        (["schema", "pull", "nobody"], "there is no tenant 'nobody'"),
        (["doctor", "nobody"], "there is no tenant 'nobody'"),
        (["completion", "powershell"], "'powershell' is not one of"),
        (["show", "dodici"], "Missing argument 'MAPPING'"),
    ],
)  # fmt: skip
def test_wrong_use_is_told_on_stderr(arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stdout == ""


# --- what is read ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "E0502"),
        (b" \n", "E0502"),
        (b'{"tenant": "dodici"', "E0502"),
        (b'{"tenant": "\xe9"}', "E0501"),
        ('{"tenant": "dodici"}'.encode("utf-16"), "E0501"),
        (b"[]", "E0701"),
        (b"null", "E0701"),
        (b"{}", "E0701"),
        (b"[" * 100_000, "E0506"),
    ],
    ids=["empty", "blank", "cut-off", "latin-1", "utf-16", "list", "null", "empty-map", "deep"],
)
@pytest.mark.parametrize("form", ["human", "json"])
def test_an_event_that_cannot_be_used(content: bytes, code: str, form: str) -> None:
    result = run("render", "dodici", "--event", "-", "--format", form, stdin=content)
    assert result.exit_code == 1
    if form == "human":
        assert result.stderr.count(f"error[{code}]") == (4 if content == b"{}" else 1)
        assert "<stdin>" in result.stderr
        assert result.stdout == ""
    else:
        assert code in result.stdout
        read(result.stdout)


def test_unreadable_files_are_all_named_at_once() -> None:
    result = run("render", "dodici", "--event", CASES, "--source", "order=gone.json",
                 "--source", "account=gone/too.json")  # fmt: skip
    assert result.exit_code == 1
    assert result.stdout == ""
    for words in (f"E0102]: {CASES} is not a file", "E0101]: gone.json", "E0101]: gone/too.json"):
        assert words in result.stderr


def test_recorded_lookups_that_cannot_be_read() -> None:
    result = run(*order("store-plain", "--lookup", "item=gone.csv"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "E0101]: gone.csv does not exist" in result.stderr


def test_the_event_may_come_from_stdin() -> None:
    event, *_ = arguments = order("store-plain")
    arguments = [argument if not argument.endswith("event.json") else "-" for argument in arguments]
    piped = run(*arguments, stdin=(CASES / "store-plain" / "event.json").read_bytes())
    assert event == "render"
    assert piped.exit_code == 0
    assert piped.stdout == run(*order("store-plain")).stdout


def test_where_mappings_are_looked_for(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own / "dodici").rename(own / "acme")
    tenant = own / "acme" / "tenant.yaml"
    tenant.write_text(
        tenant.read_text(encoding="utf-8").replace("tenant: dodici\n", "tenant: acme\n")
    )
    monkeypatch.chdir(tmp_path)
    assert run("validate").stdout.startswith("acme: 2 mappings ready")
    monkeypatch.chdir(own)
    assert run("validate").exit_code == 2
    by_variable = erpmap("validate", cwd=own, variables={"ERPMAP_MAPPINGS": str(own)})
    assert by_variable.stdout.startswith("acme: 2 mappings ready")
    variables = {"ERPMAP_MAPPINGS": str(own)}
    by_option = erpmap("--mappings", ROOT / "mappings", "validate", cwd=own, variables=variables)
    assert by_option.stdout.startswith("dodici: 2 mappings ready")


def test_a_broken_tenant_hides_no_other(own: Path) -> None:
    broken = own / "broken"
    shutil.copytree(own / "dodici", broken)
    (broken / "tenant.yaml").write_text("tenant: [", encoding="utf-8")
    result = run("--mappings", own, "validate")
    assert result.exit_code == 1
    assert "broken: cannot run" in result.stdout
    assert "dodici: 2 mappings ready" in result.stdout
    assert run("--mappings", own, "validate", "dodici").exit_code == 0
    refused = run(
        "--mappings", own, "render", "broken", "--event", CASES / "web-order" / "event.json"
    )
    assert (refused.exit_code, refused.stdout) == (1, "")


# --- what is written ---------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["payment-over", "unknown-several", "amounts-malformed"])
def test_an_order_that_fails_leaves_no_payload(case: str) -> None:
    result = run(*order(case))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "error[E" in result.stderr
    (outcome,) = (one for one in read(run(*order(case, "--format", "json")).stdout)
                  if one["state"] != "ignored")  # fmt: skip
    assert outcome["state"] == "failed"
    assert outcome["payloads"] == []
    assert outcome["findings"]


def test_payloads_are_exact_json_and_nothing_else() -> None:
    result = run(*order("store-plain"))
    customer, sale = read(result.stdout)
    assert (customer["record"], sale["record"]) == ("customer", "cashSale")
    assert '"rate": 58.00,' in result.stdout
    assert '"amount": 63.15' in result.stdout
    assert "rendered customer" in result.stderr
    assert "must be" in result.stderr


def test_every_json_is_json() -> None:
    findings = read(run("validate", "--format", "json").stdout)
    assert findings == []
    sarif = json.loads(run("validate", "--format", "sarif").stdout)
    assert sarif["version"] == "2.1.0"
    outcomes = read(run(*order("store-plain", "--format", "json")).stdout)
    assert {outcome["state"] for outcome in outcomes} == {"rendered", "ignored"}
    cases = read(run("test", "dodici", "--case", "tax", "--format", "json").stdout)
    assert cases
    assert all(case["passed"] for case in cases)


def test_json_of_many_orders_is_a_line_for_each() -> None:
    result = run("render", "nordhus", "--all", "mappings/nordhus/cases", "--format", "json")
    outcomes = [read(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert result.stderr == ""
    rendered = {one["name"]: one for one in outcomes if one["state"] == "rendered"}
    assert rendered["yen-and-japanese-names"]["payloads"][0]["body"]["lastName"] == "山田"


def test_findings_have_the_same_json_everywhere(own: Path) -> None:
    mapping = own / "dodici" / "sales_order.yaml"
    text = "erpmap: 1\nextends: [base/sales_order, common]\nfileds: {}\n"
    mapping.write_text(text, encoding="utf-8")
    root = ("--mappings", own)
    findings = read(run(*root, "validate", "--format", "json").stdout)
    assert [finding["hint"] for finding in findings] == ["did you mean fields?"]
    for verb in (["test"], ["render", "dodici", "--event", "-"]):
        result = run(*root, *verb, "--format", "json")
        assert result.exit_code == 1
        assert read(result.stdout) == {"findings": findings}


def test_github_sees_findings_beside_the_lines(own: Path) -> None:
    (own / "dodici" / "tenant.yaml").write_text("erpmap: 1\ntennant: x\n", encoding="utf-8")
    lines = run("--mappings", own, "validate", "--format", "github").stdout.splitlines()
    assert any(
        re.match(r"::error file=\S+tenant\.yaml,line=2,col=1,title=E0201::", line) for line in lines
    )


def test_show_names_the_origin_of_every_key() -> None:
    lines = run("show", "dodici", "sales_order").stdout.splitlines()
    keyed = [line for line in lines if re.match(r" *[a-z_]+:", line)]
    assert all(re.search(r"# mappings/\S+\.yaml:\d+$", line) for line in keyed)
    (taxed,) = (line for line in lines if line.strip().startswith("custcol_tax_rate:"))
    assert "mappings/dodici/common.yaml" in taxed


@pytest.mark.parametrize("kind", ["mapping", "tenant"])
def test_schemas_are_those_shipped(kind: str) -> None:
    shipped = ROOT / "schemas" / f"{kind}.schema.json"
    assert run("schema", kind).stdout == shipped.read_text(encoding="utf-8")


def test_the_demo_tells_the_story_of_five_orders_on_one_screen(tmp_path: Path) -> None:
    result = erpmap("demo", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 100
    assert [line[0] for line in lines if re.match(r"\d\. ", line)] == list("12345")
    for words in ("sum 0.00 USD ✓", "event sent 2 times, answered 200, then 200", "created once",
                  "1 connection ended after NetSuite had stored the order",
                  "5. DO000000125: meant to fail: ", "sum -6.85 USD ✗", "error[E0801]",
                  "NetSuite holds nothing of it", "next: ",
                  "the ledger holds 4 transactions: each order once"):  # fmt: skip
        assert words in result.stdout
    assert result.stdout.count("created once") == 4
    assert "event sent, answered 200" in result.stderr


def test_the_demo_lists_all_orders_and_marks_those_meant_to_fail() -> None:
    result = erpmap("demo", "--dry", "--all")
    assert (result.returncode, result.stderr) == (0, "")
    for words in ("dodici: every example order", "nordhus: every example order", "rendered, "):
        assert words in result.stdout
    rows = [line for line in result.stdout.splitlines() if re.search(r"  .*E\d{4}", line)]
    unmarked = [row for row in rows if "meant to fail: E" not in row]
    assert [row for row in unmarked if "error[E0801]" not in row] == []
    failing = [path.parent.name for path in (ROOT / "mappings").glob("*/cases/*/findings.txt")]
    assert len(rows) - len(unmarked) == len(failing)


# --- cases -------------------------------------------------------------------------------------


def test_cases_fail_with_a_difference_and_can_be_updated(own: Path) -> None:
    expectation = own / "dodici" / "cases" / "store-plain" / "payloads.json"
    before = expectation.read_text(encoding="utf-8")
    expectation.write_text(before.replace("58.00", "58.01"), encoding="utf-8")
    root = ("--mappings", own, "test", "dodici")
    failed = run(*root)
    assert failed.exit_code == 1
    assert "failed  dodici/store-plain" in failed.stdout
    assert re.search(r"^-\s+.*58\.01", failed.stdout, re.MULTILINE)
    assert re.search(r"^\+\s+.*58\.00", failed.stdout, re.MULTILINE)
    updated = run(*root, "--update")
    assert (updated.exit_code, expectation.read_text(encoding="utf-8")) == (0, before)
    assert "1 passed, 0 failed, 1 updated" in updated.stdout
    assert run(*root).exit_code == 0


def test_an_update_leaves_one_expectation(own: Path) -> None:
    folder = own / "dodici" / "cases" / "payment-over"
    (folder / "findings.txt").rename(folder / "payloads.json")
    assert run("--mappings", own, "test", "--case", "payment-over").exit_code == 1
    run("--mappings", own, "test", "--update")
    assert sorted(path.name for path in folder.glob("*.*")) == [
        "event.json",
        "findings.txt",
        "order.json",
    ]


# --- streams -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["validate"], order("store-plain"), order("payment-over"), ["test", "nordhus"]]
)
def test_pipes_get_plain_text(arguments: list[str]) -> None:
    result = erpmap(*arguments, variables={"TERM": "xterm-256color"})
    assert ESCAPE not in result.stdout + result.stderr


def test_data_is_never_coloured_in_a_pipe() -> None:
    forced = erpmap(*order("store-plain"), variables={"FORCE_COLOR": "1"})
    assert forced.stdout == run(*order("store-plain")).stdout
    assert COLOUR.search(forced.stderr)


def test_terminals_get_colour_unless_it_is_not_wanted() -> None:
    shown, _ = on_terminal(*order("store-plain"))
    assert COLOUR.search(shown)
    plain, _ = on_terminal(*order("store-plain"), variables={"NO_COLOR": "1"})
    assert "rendered" in plain
    assert not COLOUR.search(plain)


def test_progress_is_for_a_person_on_stderr() -> None:
    arguments = ("render", "nordhus", "--all", "mappings/nordhus/cases", "--format", "json")
    shown, data = on_terminal(*arguments, piped=["stdout"])
    assert "rendering" in shown
    forced = erpmap(*arguments, variables={"FORCE_COLOR": "1"})
    assert (data, "") == (forced.stdout, forced.stderr)


@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"},
    {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])  # fmt: skip
def test_any_encoding_will_do(variables: dict[str, str]) -> None:
    arguments = order("yen-and-japanese-names", root=Path("mappings", "nordhus", "cases"))
    result = erpmap(*arguments, variables=variables)
    assert result.returncode == 0
    assert result.stdout == run(*arguments).stdout
    assert "山田" in result.stdout
    assert "✓" not in result.stderr


def test_words_are_escaped_where_the_encoding_lacks_them() -> None:
    result = erpmap("demo", "--dry", variables={"PYTHONIOENCODING": "ascii"})
    assert (result.returncode, result.stderr) == (0, "")
    assert "\\u2713" in result.stdout


@pytest.mark.parametrize(
    "command",
    [
        "erpmap render dodici --all mappings/dodici/cases --format json | head -n 1",
        "erpmap render dodici --all mappings/dodici/cases/lines-two-thousand --format json | true",
        "erpmap demo --dry | head -n 2",
        "erpmap schema mapping | true",
        "erpmap validate --format json | true",
    ],
)
def test_a_reader_that_leaves_is_no_trouble(command: str) -> None:
    result = in_shell(command)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("command", ["schema mapping", "demo --dry", "validate --format json"])
def test_a_reader_that_leaves_is_told_apart_from_findings(command: str) -> None:
    """The reader is gone before anything is written; `true` might not be, yet."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stdout:
        ended = subprocess.run(
            [ERPMAP, *command.split()],
            stdout=stdout,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=environment(),
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize(
    "verb", ["validate", "demo --dry", "schema mapping", "--help", " ".join(order("store-plain"))]
)
def test_a_full_disk_is_told(verb: str) -> None:
    result = in_shell(f"erpmap {verb} > /dev/full")
    assert result.returncode == 1
    assert "Error: the output: No space left on device" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_trouble(redirection: str) -> None:
    result = in_shell(f"erpmap {' '.join(order('store-plain'))} {redirection}")
    assert result.returncode == 0
    assert "Traceback" not in result.stderr


def test_an_update_that_cannot_be_written_is_told(own: Path) -> None:
    folder = own / "dodici" / "cases" / "store-plain"
    (folder / "payloads.json").unlink()
    (folder / "payloads.json").mkdir()
    result = erpmap("--mappings", own, "test", "--update")
    assert result.returncode == 1
    assert "payloads.json: Is a directory" in result.stderr


def test_ctrl_c_ends_quietly() -> None:
    with subprocess.Popen(
        [ERPMAP, "render", "dodici", "--event", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        cwd=ROOT,
        # Whoever starts the tests in the background has them ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"{")
        process.stdin.flush()
        while _unread(process.stdin.fileno()) and process.poll() is None:
            continue  # it reads only when everything before is done
        process.send_signal(signal.SIGINT)
        output, words = process.communicate(timeout=PATIENCE)
    assert (process.returncode, output, words) == (130, b"", b"stopped\n")


def _unread(pipe: int) -> int:
    """How many bytes wait in a pipe."""
    size: int = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]
    return size


# --- completion --------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    script = run("completion", shell).stdout
    assert "_ERPMAP_COMPLETE" in script
    program = shutil.which(shell)
    if program is not None:
        subprocess.run([program, "-n"], input=script, text=True, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("erpmap va", "validate"),
        ("erpmap render --ev", "--event"),
        ("erpmap explain e0801", "E0801"),
    ],
)
def test_completion_completes(typed: str, offered: str) -> None:
    position = str(len(typed.split(" ")) - 1)
    variables = {"_ERPMAP_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": position}
    result = erpmap(variables=variables)
    assert result.stdout == f"plain,{offered}\n"


def test_every_option_says_what_it_does() -> None:
    assert isinstance(main, click.Group)
    options = [option for verb in main.commands.values() for option in verb.params
               if isinstance(option, click.Option)]  # fmt: skip
    silent = {option.name for option in options if not option.help}
    assert silent <= {"form"}, silent
