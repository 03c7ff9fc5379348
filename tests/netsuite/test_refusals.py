"""The catalogue of known refusals: each example means its entry, in its verdict and with its remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.findings.diagnostics import SourceText
from engine.mapping.files.own_refusals import read_own_refusals
from engine.netsuite.error_details import read_detail
from engine.netsuite.masked_words import NOTHING_SENT, collect_words
from engine.netsuite.refusals import (
    KnownRefusal,
    build_catalogue,
    load_refusals,
    read_refusals,
    reason_of,
)
from engine.netsuite.verdicts import find_verdict
from engine.run.ledger import Answer, Verdict

SHIPPED = build_catalogue()
EXAMPLES = [(refusal, example) for refusal in load_refusals() for example in refusal.examples]


@pytest.mark.parametrize(
    ("refusal", "example"), EXAMPLES, ids=[next(iter(each.values())) for _, each in EXAMPLES]
)
def test_an_example_means_its_entry(refusal: KnownRefusal, example: dict[str, str]) -> None:
    code, text = example.get("code", "USER_ERROR"), example.get("text", "")
    found = SHIPPED.find(code, text)
    assert found is not None
    assert found.code == refusal.code
    detail = read_detail({"o:errorCode": code, "detail": text}, NOTHING_SENT, SHIPPED)
    assert detail.codes[0] == refusal.code
    assert find_verdict(400, detail.codes, SHIPPED) is refusal.verdict
    assert f": {refusal.remedy}" in detail.words
    assert "{" not in detail.words.partition(";")[0]


def test_the_catalogue_is_whole() -> None:
    refusals = load_refusals()
    codes = [refusal.code for refusal in refusals]
    theirs = [code for refusal in refusals for code in refusal.codes]
    assert len(codes) >= 40
    assert len(set(codes)) == len(codes)
    assert len(set(theirs)) == len(theirs)
    assert all(refusal.examples for refusal in refusals)
    for refusal in refusals:
        for wording in refusal.wordings:
            assert wording.pattern.isascii()  # it is matched against texts without accents
            assert not re.search(r"\.[*+]|\\w[*+]", wording.pattern)  # nothing without a bound
    # A known code of ours names no other entry of theirs.
    for refusal in refusals:
        others = {code for each in refusals if each is not refusal for code in each.codes}
        assert refusal.code not in others


def test_a_code_decides_before_words() -> None:
    found = SHIPPED.find(
        "INVALID_LOGIN", "Your role does not have permission; the record is locked"
    )
    assert found is not None
    assert found.code == "LOGIN_REFUSED"
    assert SHIPPED.find("USER_ERROR", "Something that nobody knows") is None


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        (("PERIOD_CLOSED", "USER_ERROR"), "period_closed"),
        (("NAME_TAKEN", "UNIQUE_CUST_ID_REQD"), "name_taken"),
        (("NUMBER_TAKEN", "USER_ERROR"), "number_taken"),
        (("NUMBERING", "AUTO_NUM_UPDATE_DISALLWD"), "numbering"),
        (("RECORD_INACTIVE", "USER_ERROR"), "record_inactive"),
        (("VALUE_MISSING", "USER_ERROR"), "refused"),
        ((), "refused"),
    ],
)
def test_refusals_with_a_reason_of_their_own(codes: tuple[str, ...], reason: str) -> None:
    assert reason_of(Answer(Verdict.REFUSED, "4xx", 400, codes)) == reason
    assert reason_of(Answer(Verdict.THROTTLED, "4xx", 429, codes)) == "throttled"


def test_what_the_catalogue_does_not_know() -> None:
    assert SHIPPED.explains(Answer(Verdict.REFUSED, "4xx", 400, ("VALUE_MISSING", "USER_ERROR")))
    assert not SHIPPED.explains(Answer(Verdict.REFUSED, "4xx", 400, ("USER_ERROR",)))


def test_a_name_that_was_sent_is_not_repeated() -> None:
    entry = {"o:errorCode": "USER_ERROR", "detail": "Please enter value(s) for: Jane Doe"}
    words = read_detail(entry, collect_words({"name": "jane"}), SHIPPED).words
    assert words.startswith("a value is missing for a field (USER_ERROR): ")
    assert "Jane" not in words


def test_a_file_of_ones_own_is_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "refusals.yaml"
    path.write_text(
        "- {code: OWN, netsuite: [OWN_CODE], words: [own], cause: c, remedy: r, examples: []}\n"
    )
    (refusal,) = read_refusals(path)
    assert (refusal.code, refusal.verdict) == ("OWN", Verdict.REFUSED)


OWN = """
- code: BUDGET_LOCKED
  verdict: unavailable
  netsuite: [ACME_LOCK]
  words: ["Das Budget (2026) ist gesperrt."]
  cause: a script of the account locks budgets at night
  remedy: nothing; it is tried again
- code: PERIOD_CLOSED
  verdict: unavailable
  netsuite: [TRAN_PRD_CLOSED]
  cause: periods are open again in the morning
  remedy: nothing; it is tried again
"""


@pytest.mark.parametrize(
    ("code", "text"),
    [("USER_ERROR", "DAS BÜDGET (2026) IST GESPERRT."), ("ACME_LOCK", ""), ("TRAN_PRD_CLOSED", "")],
)
def test_a_tenants_own_refusals_come_before_the_shipped_ones(code: str, text: str) -> None:
    catalogue = build_catalogue(read_own_refusals(SourceText("own.yaml", OWN)))
    detail = read_detail({"o:errorCode": code, "detail": text}, NOTHING_SENT, catalogue)
    assert find_verdict(400, detail.codes, catalogue) is Verdict.UNAVAILABLE
    assert ": nothing; it is tried again" in detail.words
    assert find_verdict(400, ("RECORD_EXISTS",), catalogue) is Verdict.DUPLICATE
    assert SHIPPED.find("TRAN_PRD_CLOSED", "") is not catalogue.find("TRAN_PRD_CLOSED", "")
