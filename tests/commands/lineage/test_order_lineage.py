"""`erpmap explain` of an order, `trace` and `eval`: what they show, and what they say about wrong use."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from cli import main
from engine.commands.eval.prompt import complete_word, history_file, open_prompt

CASE = ("nordhus", "--case", "shipping-discount")
FOLDER = ROOT / "mappings" / "nordhus" / "cases" / "shipping-discount"
FILES = ("nordhus", "--event", str(FOLDER / "event.json"), "--source", f"order={FOLDER}/order.json")


def run(*arguments: str, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(main, ["--mappings", str(ROOT / "mappings"), *arguments], stdin)
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def said(*arguments: str) -> Any:
    result = run(*arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def flatten(branches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for branch in branches for each in (branch, *flatten(branch.get("from", [])))]


def test_a_chain_ends_in_source_values_and_names_rows_settings_and_the_replaced_line() -> None:
    (leaf,) = said("explain", *CASE, "salesOrder.item[0].item.id")
    assert leaf["left_out"]
    (template, *_) = leaf["from"]
    assert template["place"].endswith("nordhus/common.yaml:29")
    assert template["replaces"].endswith("base/order.yaml:281")
    steps = flatten(leaf["from"])
    assert any(
        step["kind"] == "setting" and step["place"].endswith("tenant.yaml:20") for step in steps
    )
    (leaf,) = said("explain", *CASE, "sales_order.item.items[0].taxCode.id")
    assert leaf["value"] == 91
    rows = {
        step["name"]: step["place"] for step in flatten(leaf["from"]) if step["kind"] == "lookup"
    }
    assert rows["location.country"].endswith("lookups/locations.csv:5")
    roles = {source["path"]: source["role"] for source in leaf["sources"]}
    assert roles["order.channel"] == "value"
    assert roles["order.items.edges[0].node.tax"] == "decides"


def test_a_case_and_its_files_have_the_same_lineage() -> None:
    assert said("explain", *CASE) == said("explain", *FILES)


def test_payloads_that_do_not_balance_are_explained_too() -> None:
    result = run("explain", "dodici", "--case", "total-without-shipping-tax", "salesOrder.memo")
    assert result.exit_code == 0
    assert result.stdout.startswith("salesOrder.memo = ")
    assert "error[E0801]" in result.stderr


def test_an_order_without_payloads_says_why() -> None:
    result = run("explain", "dodici", "--case", "order-missing")
    assert result.exit_code == 3
    assert "not ready" in result.output
    assert run("explain", "dodici", "--case", "amounts-malformed").exit_code == 1
    assert run("explain", "dodici", "--case", "event-historical").exit_code == 1


def test_trace_names_what_a_source_value_reaches() -> None:
    found = said("trace", *CASE, "order.shippingTotal")
    assert found["sources"] == [{"path": "order.shippingTotal", "value": 11.9}]
    roles = {each["path"]: each["role"] for each in found["values"]}
    assert roles["salesOrder.shippingCost"] == "value"
    assert roles["salesOrder.item.items[3].amount"] == "position"
    assert "checks.total" in {each["name"] for each in found["checks"]}
    every = said("trace", *CASE, "order.items.edges[].node.tax")
    assert every["sources"] == [{"path": "order.items.edges[0].node.tax", "value": 9.5}]
    assert "none" in run("trace", *CASE, "order.items.edges[0].node.fulfillmentLocationId").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explain", "nordhus"), "give one of --case NAME, --event FILE and --delivery ID"),
        (("explain", "nordhus", "--case", "shipping-discoun"), "did you mean shipping-discount?"),
        (("explain", *CASE, "salesOrder.shippingCst"), "did you mean salesOrder.shippingCost?"),
        (("explain", "E0801", "salesOrder"), "a code takes no order"),
        (("explain", *CASE, "--source", "order=x.json"), "--source goes with --event"),
        (("explain", *CASE, "--delivery", "1"), "give one of --case"),
        (("explain", *CASE, "--journal", "sqlite:///x.db"), "--journal goes with --delivery"),
        (("explain", "nobody", "--case", "x"), "there is no tenant 'nobody'"),
        (("trace", *CASE, "order.shipingTotal"), "did you mean order.shippingTotal?"),
        (("eval", *FILES[:2], "-", "-s", "ordr=x", "1"), "the sources are: account, order"),
        (("eval", "dodici", "--case", "event-of-another-kind", "order"), "no mapping takes"),
    ],
)
def test_wrong_use_says_what_to_do(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_journal_and_files_that_are_not_there_are_findings(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    missing = run("trace", "nordhus", "order.id", "--delivery", "1", "--journal", url)
    assert missing.exit_code == 1
    assert "there is no journal" in missing.stderr
    broken = tmp_path / "event.json"
    broken.write_text("[")
    for command in (("explain",), ("eval",)):
        result = run(*command, "nordhus", "--event", str(broken))
        assert result.exit_code == 1
        assert "error[" in result.stderr


@pytest.mark.parametrize(
    ("expression", "value", "kind", "language"),
    [
        ("order.grandTotal", 65.45, "number", "path"),
        ("sum(order.items.edges[].node.tax)", 9.5, "number", "path"),
        ("order.nothing", None, "null", "path"),
        ("grand_total", 65.45, "number", "template"),
        ("items | total('gross') | money", 59.5, "number", "template"),
        ("{{ day }} {{ currency }}", "2026-12-03 EUR", "text", "template"),
        ("lookup('location', channel).country", "DE", "text", "template"),
        ("placed_at", "2026-12-03T18:41:06.110000Z", "moment", "template"),
        ("{{ omit }}", None, "omit: the key is left out", "template"),
        ("lines.item | length", 1, "number", "template"),
    ],
)
def test_an_expression_has_a_value_and_a_type(
    expression: str, value: object, kind: str, language: str
) -> None:
    assert said("eval", *CASE, expression) == {"value": value, "type": kind, "language": language}


@pytest.mark.parametrize(
    ("expression", "code", "column", "length"),
    [
        ("order..x", "E0301", 7, 1),
        ("ordr.id", "E0207", 1, 4),
        ("{{ itms }}", "E0410", 4, 4),
        ("lookup('locatio', channel)", "E0210", 8, 9),
        ("{{ day", "E0401", 1, 2),
        ("sum(order.id)", "E0304", 1, 3),
    ],
)
def test_a_wrong_expression_is_a_finding_with_its_place(
    expression: str, code: str, column: int, length: int
) -> None:
    result = run("eval", *CASE, expression, "--format", "json")
    assert result.exit_code == 1
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["code"], finding["column"], finding["length"]) == (code, column, length)
    assert "^" in run("eval", *CASE, expression).stderr


def test_the_known_lookups_are_named_in_order() -> None:
    words = run("eval", *CASE, "lookup('x')").stderr.split("there are: ")[1].split("\n")[0]
    assert words.split(", ") == sorted(words.split(", "))
    assert "item" in words


def test_each_line_of_stdin_is_an_expression() -> None:
    result = run("eval", *CASE, stdin="order.id\n\ngrand_total\n")
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 2)
    assert run("eval", *CASE, stdin="nothing\norder.id\n").exit_code == 1


def test_a_name_that_failed_says_why() -> None:
    result = run("eval", "dodici", "--case", "amounts-malformed", "{{ grand_total }}")
    assert result.exit_code == 1
    assert "error[" in result.stderr


def test_the_prompt_completes_one_key_at_a_time() -> None:
    words = ["order", "order.id", "order.items.edges[].node.tax", "order.items.edges[].node.id"]
    assert complete_word(words, "order.i") == ["order.id", "order.items"]
    assert complete_word(words, "order.items.edges[].node.t") == ["order.items.edges[].node.tax"]


def test_the_history_is_for_its_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    open_prompt(["order"])
    assert stat.S_IMODE(history_file().stat().st_mode) == 0o600
