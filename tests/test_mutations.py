"""Small changes planted in proof, comparison, doubt and claim each make a test fail.

A usual run only checks that each change can be applied; `--full` applies it and runs the tests it names.
"""

from __future__ import annotations

import pytest
from conftest import ROOT
from mutations import Mutation, is_found, read_mutations
from scale import IS_FULL

MUTATIONS = read_mutations()


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    names = {mutation.name for mutation in MUTATIONS}
    assert len(names) == len(MUTATIONS) >= 20


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_planted_change_makes_a_test_fail(mutation: Mutation) -> None:
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.was) == 1
    if IS_FULL:
        assert is_found(mutation)
