"""`erpmap new`: a folder that validates without findings, from flags, files and nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from command import erpmap, on_terminal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sampled import deliver_and_reconcile, sample

from engine.commands.new.answers import Answers, complete_answers
from engine.commands.new.write_tenant import write_tenant
from engine.commands.sample.sample import sample_tenant
from engine.mapping.load import load_tenant, open_folder
from engine.orders.samples.sample_orders import SampleWish

DAY = "2026-11-03"
ANSWERS = """\
account: 7654321
tax: included
tax_rates: {DE: 19, FR: 20}
currencies: {EUR: 4, JPY: 5, KWD: 6}
subsidiaries: {Europe: 7, Japan: 8}
stores:
  - {channel: BER1, kind: store, name: "Berlin, Mitte", id: 41, country: DE, timezone: Europe/Berlin, currencies: [EUR]}
  - {channel: PARW, kind: web, id: 42, class: 72, country: FR, timezone: Europe/Paris, currencies: [EUR]}
  - {channel: TYO1, subsidiary: Japan, country: JP, timezone: Asia/Tokyo, currencies: [JPY]}
payments:
  - {method: credit_card, provider: adyen, item: 711}
  - {method: cash, currency: JPY}
"""


def new(root: Path, tenant: str, *more: str | Path) -> subprocess.CompletedProcess[str]:
    return erpmap("--mappings", root, "new", tenant, *more)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_tenant_from_nothing_runs_at_once(tmp_path: Path) -> None:
    root = tmp_path / "mappings"
    ended = new(root, "acme", "--yes")
    assert ended.returncode == 0, ended.stderr
    assert "to give other answers: --newstore --account" in ended.stdout
    assert erpmap("--mappings", root, "validate", "acme", "--strict").returncode == 0
    assert "3 passed, 0 failed" in erpmap("--mappings", root, "test", "acme").stdout
    sample(root, "acme", "--to", tmp_path / "orders", "--day", DAY)
    report = deliver_and_reconcile(root, "acme", tmp_path / "orders", DAY)
    assert sum(each["orders"]["booked"] for each in report["days"]) == 20
    assert (root / "acme" / "editor" / "mapping.schema.json").is_file()
    for name in ("tenant", "common", "sales_order", "simulator"):
        first = (root / "acme" / f"{name}.yaml").read_text("utf-8").splitlines()[0]
        schema = first.removeprefix("# yaml-language-server: $schema=")
        assert (root / "acme" / schema).is_file()


def test_answers_of_a_file_and_of_flags(tmp_path: Path) -> None:
    root, file = tmp_path / "mappings", tmp_path / "answers.yaml"
    file.write_text(ANSWERS, encoding="utf-8")
    more = ("--payment", "cash,,JPY=702", "--level", "STANDARD=811", "--exempt-code", "90")
    assert new(root, "nord", "--answers", file, "--yes", *more).returncode == 0
    lookups = root / "nord" / "lookups"
    assert '"Berlin, Mitte"' in (lookups / "locations.csv").read_text("utf-8")
    assert "cash,*,JPY,702" in (lookups / "payment_items.csv").read_text("utf-8")
    assert (lookups / "shipping_methods.csv").read_text(
        "utf-8"
    ) == "service_level,id\nSTANDARD,811\n"
    sample(root, "nord", "--to", tmp_path / "orders", "--count", "30", "--day", DAY)
    report = deliver_and_reconcile(root, "nord", tmp_path / "orders", DAY)
    assert sum(each["orders"]["booked"] for each in report["days"]) == 30


@given(
    tax=st.sampled_from(["line", "codes", "included"]),
    currencies=st.lists(
        st.sampled_from(["USD", "EUR", "JPY", "KWD", "CHF"]), min_size=1, unique=True
    ),
    stores=st.lists(st.sampled_from(["WEB", "S1", "Größe 42", "on", "007"]), unique=True),
    seed=st.integers(0, 999),
)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_answered_the_tenant_validates_and_its_samples_render(
    tax: str,
    currencies: list[str],
    stores: list[str],
    seed: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("mappings")
    given_: Answers = {"tax": tax, "currencies": dict.fromkeys(currencies)}
    given_ |= {"stores": [{"channel": name} for name in stores]} if stores else {}
    write_tenant(root, "acme", complete_answers("acme", given_))
    loaded = load_tenant(open_folder(root), "acme")
    assert loaded.findings == ()
    wish = SampleWish(count=15, day=DAY, seed=seed)
    assert len(sample_tenant(root, "acme", loaded.plans, wish)) == 15


@pytest.mark.parametrize(
    ("answers", "place", "words"),
    [
        ("currencies: {USX: 1}\n", 14, "currencies cannot have the key 'USX'"),
        ("tax_rates: {DE: '19.12345'}\n", 17, "a rate in per cent with at most four places"),
    ],
)
def test_a_wrong_answer_says_which_and_what_is_right(
    answers: str, place: int, words: str, tmp_path: Path
) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(answers, encoding="utf-8")
    ended = new(tmp_path / "mappings", "acme", "--answers", file, "--yes")
    assert ended.returncode == 1
    assert f"answers.yaml:1:{place}: error[E0205]" in ended.stderr
    assert words in ended.stderr


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        ("currencies: {USD: 1}\nstores: [{channel: X, currencies: [EUR]}]\n", ["E0205"]),
        ("tax: line\ntax_rates: {DE: 19}\n", ["E0206"]),
        ("currencies: {USD: 1, EUR: 1}\n", ["E0219"]),
        ("stores: [{channel: X}, {channel: X}]\n", ["E0219"]),
        ("stores: [{channel: X, timezone: Mars}]\n", ["E0513"]),
        ("items: {discount: 7}\npayments: [{method: cash, item: 7}]\n", ["E0219"]),
        ("currencys: {USD: 1}\n", ["E0201"]),
        ("currencies: {USD: one}\n", ["E0205"]),
        ("stores: [{channel: 'a{b'}]\n", ["E0205"]),
        ("currencies: {USD: 1\n", ["E0106"]),
        ("- a\n", ["E0202"]),
        ("", ["E0113"]),
    ],
)
def test_answers_that_cannot_be_are_findings_and_nothing_is_written(
    answers: str, codes: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(answers, encoding="utf-8")
    ended = new(tmp_path / "mappings", "acme", "--answers", file, "--yes", "--format", "json")
    assert ended.returncode == 1
    found = json.loads(ended.stdout)["findings"]
    assert [each["code"] for each in found] == codes
    assert not (tmp_path / "mappings").exists()


@pytest.mark.parametrize(
    ("tenant", "words"),
    [
        ("../x", "is no name of a tenant"),
        ("base", "is the shipped mappings"),
        ("other", "it is not a tenant"),
    ],
)
def test_a_folder_that_is_not_ours_stays_as_it_is(tenant: str, words: str, tmp_path: Path) -> None:
    root = tmp_path / "mappings"
    (root / "other").mkdir(parents=True)
    (root / "other" / "notes.txt").write_text("mine", encoding="utf-8")
    before = files(tmp_path)
    ended = new(root, tenant, "--yes")
    assert ended.returncode == 2
    assert words in ended.stderr
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("--store", "X,colour=red"),
        ("--currency", "=1"),
        ("--payment", "a,b,c,d"),
        ("--level", "X="),
    ],
)
def test_flags_that_cannot_be_read(arguments: tuple[str, str], tmp_path: Path) -> None:
    ended = new(tmp_path / "mappings", "acme", *arguments)
    assert ended.returncode == 2
    assert "is not" in ended.stderr
    assert not (tmp_path / "mappings").exists()


def test_a_terminal_is_asked_for_what_nobody_said(tmp_path: Path) -> None:
    root = tmp_path / "mappings"
    given_ = (
        "--newstore",
        "acme-live",
        "--currency",
        "USD=1",
        "--store",
        "WEB",
        "--store",
        "NYC1",
        "--tax",
        "line",
    )
    more = ("--subsidiary", "Acme=2", "--level", "GROUND=801", "--item", "discount=9")
    typed = "\b" * 20 + "7654321\r" + "\b" * 99 + "cash=601 paypal=602\r"
    shown, _ = on_terminal("--mappings", root, "new", "acme", *given_, *more, typed=typed)
    assert "The NetSuite account" in shown
    assert "account: 7654321\n" in (root / "acme" / "tenant.yaml").read_text("utf-8")
    table = (root / "acme" / "lookups" / "payment_items.csv").read_text("utf-8")
    assert table == "method,provider,currency,item\ncash,*,*,601\npaypal,*,*,602\n"
