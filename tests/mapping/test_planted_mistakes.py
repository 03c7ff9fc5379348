"""An operator's slips in the shipped mappings: most are found by validation, at the line where they are."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from click.testing import CliRunner
from planted import KINDS, Bench, Found, Verdict, count_shares, draw_slip, judge_slips
from planted.__main__ import main
from planted.judge import names_line
from planted.kinds import find_sites, read_files
from planted.slip import Site, Slip, count_line, make_slip
from scale import scaled

from engine.findings.diagnostics import Finding, Place, SourceText

SEED = 7
COUNT = scaled(60, full=300)
LEAST_FOUND = scaled(95, full=95)
LEAST_FOUND_WITHOUT_ARITHMETIC = scaled(96, full=97)


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    return list(judge_slips([draw_slip(SEED, index) for index in range(COUNT)]))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench") / "mappings")


def listed(verdicts: list[Verdict]) -> str:
    return "\n".join(str(verdict) for verdict in verdicts)


def slip_of(file: str, was: str, becomes: str) -> Slip:
    """A slip made by hand: the text stands once in the file."""
    text = read_files()[file].text
    assert text.count(was) == 1
    start = text.index(was)
    lines = frozenset({count_line(text, start)})
    site = Site(file, start, start + len(was), lines, (becomes,))
    return make_slip(site, text, "by hand", (0, 0), Random(0))


MEMBER = slip_of("base/order.yaml", "order.grandTotal, type", "order.grandTotl, type")
SIGN = slip_of("base/order.yaml", "order.priceMethod == 'tax_i", "order.priceMethod != 'tax_i")
NAME = slip_of("nordhus/tenant.yaml", "brand: Nordhus", "brand: Nordhuss")
DAY = slip_of("dodici/tenant.yaml", "from: 2026-12-01", "from: 2026-12-02")


def test_the_shipped_mappings_have_no_finding_and_no_case_fails(bench: Bench) -> None:
    loaded = list(bench.load("base/order.yaml"))
    assert [finding for tenant in loaded for finding in tenant.findings] == []
    assert list(bench.run_cases(loaded)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_places_and_changes_the_text(kind: str) -> None:
    sites = find_sites(kind)
    assert len(set(sites)) == len(sites) > 1
    for index in range(20):
        slip = draw_slip(SEED, index, (kind,))
        assert slip == draw_slip(SEED, index, (kind,))
        assert slip.text != read_files()[slip.file].text
        assert slip.before != slip.after
        assert slip.line in slip.lines


def test_a_slip_follows_from_its_seed_and_index() -> None:
    drawn = [draw_slip(SEED, index) for index in range(50)]
    assert drawn == [draw_slip(SEED, index) for index in range(50)]
    assert len({slip.text for slip in drawn}) > 40
    assert drawn != [draw_slip(SEED + 1, index) for index in range(50)]


@pytest.mark.parametrize(
    ("slip", "found", "failure"),
    [
        (MEMBER, Found.AT_LINE, "dodici does not load"),
        (SIGN, Found.NOT, "dodici/addr-fullstate"),
        (NAME, Found.NOT, "nordhus/customer-placeholder-tokyo"),
        (DAY, Found.NOT, None),
    ],
)
def test_a_slip_is_judged(bench: Bench, slip: Slip, found: Found, failure: str | None) -> None:
    verdict = bench.judge(slip)
    assert (verdict.found, verdict.failure) == (found, failure), verdict
    assert verdict.is_missed == (failure is not None and found is Found.NOT)
    assert not [finding for tenant in bench.load(slip.file) for finding in tenant.findings]


def test_the_line_of_a_slip_is_that_of_a_finding_or_named_in_its_words() -> None:
    file, line = MEMBER.file, MEMBER.line
    text = SourceText(f"mappings/{file}", "")
    assert names_line(Finding("E0204", "x", place=Place(text, line)), MEMBER)
    assert not names_line(Finding("E0204", "x", place=Place(text, line + 1)), MEMBER)
    assert names_line(Finding("E0204", "x", hint=f"see mappings/{file}:{line}"), MEMBER)
    assert names_line(Finding("E0204", f"{file}:{line}:3 says another thing"), MEMBER)
    assert not names_line(Finding("E0204", f"{file}:{line}0"), MEMBER)
    other = SourceText("mappings/dodici/common.yaml", "")
    assert not names_line(Finding("E0204", "x", place=Place(other, line)), MEMBER)


def test_a_dropped_entry_may_be_found_beside_its_place_or_at_its_owner() -> None:
    file = read_files()["nordhus/common.yaml"]
    lines = file.text.splitlines()
    (site,) = [
        site
        for site in find_sites("override dropped")
        if site.file == file.name and file.text[site.start :].startswith("      vat_fits:")
    ]
    slip = make_slip(site, file.text, "override dropped", (0, 0), Random(0))
    gone = [line for line in lines if line not in slip.text.splitlines()]
    assert [line.split()[0] for line in gone] == ["vat_fits:", "{{", "<="]
    beside = {lines.index(gone[0]), lines.index(gone[0]) + 1}
    assert slip.lines == beside | {lines.index("    values:") + 1, lines.index("  items:") + 1}


def test_shares_are_counted_of_slips_that_make_a_case_fail() -> None:
    arithmetic = replace(SIGN, is_arithmetic=True)
    verdicts = [
        Verdict(slip=MEMBER, found=Found.AT_LINE, failure="x"),
        Verdict(slip=MEMBER, found=Found.ELSEWHERE, failure="x"),
        Verdict(slip=arithmetic, found=Found.NOT, failure="x"),
        Verdict(slip=DAY, found=Found.AT_LINE),
    ]
    share = count_shares(verdicts)
    assert (share.planted, share.failing, share.at_line, share.elsewhere) == (4, 3, 1, 1)
    assert share.missed == 1
    assert count_shares(verdicts, with_arithmetic=False).per_cent == 50


def test_validation_finds_most_slips_at_their_lines(verdicts: list[Verdict]) -> None:
    missed = [verdict for verdict in verdicts if verdict.is_missed]
    assert count_shares(verdicts).per_cent >= LEAST_FOUND, listed(missed)
    others = count_shares(verdicts, with_arithmetic=False)
    assert others.per_cent >= LEAST_FOUND_WITHOUT_ARITHMETIC, listed(missed)


def test_validation_and_cases_together_name_each_slip_that_they_find(
    verdicts: list[Verdict],
) -> None:
    """Each has a finding with a place, or a case that is named with its finding or difference."""
    seen = [verdict for verdict in verdicts if verdict.failure or verdict.findings]
    unnamed = [one for one in seen if not one.findings and not one.code]
    unplaced = [one for one in seen if any(it.startswith("None") for it in one.findings)]
    assert len(seen) > COUNT / 2
    assert not unnamed, listed(unnamed)
    assert not unplaced, listed(unplaced)


def test_the_command_prints_shares_and_lists_what_is_missed() -> None:
    options = [
        "--seed",
        "1",
        "--count",
        "1",
        "--kind",
        "number",
        "--processes",
        "1",
        "--show",
        "all",
    ]
    printed = CliRunner().invoke(main, options)
    assert printed.exit_code == 0, printed.output
    assert "without arithmetic" in printed.output
    assert str(draw_slip(1, 0, ("number literal",))) in printed.output
    assert CliRunner().invoke(main, ["--kind", "nothing"]).exit_code == 2
