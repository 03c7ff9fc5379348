"""Findings while an author types: over a real connection, with files that the disk does not have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from editor_client import Editor, copy_mappings
from marked_text import read

MAPPING = "dodici/sales_order.yaml"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_mappings(tmp_path_factory.mktemp("editor"))


@pytest.fixture(scope="module")
def editor(root: Path) -> Iterator[Editor]:
    with Editor(root) as editor:
        yield editor
        assert not editor.said()


def test_a_good_mapping_has_no_findings(editor: Editor) -> None:
    editor.open(MAPPING)
    assert editor.found(MAPPING) == []
    editor.close(MAPPING)


def test_the_unsaved_text_is_checked(editor: Editor, root: Path) -> None:
    editor.open(MAPPING)
    editor.change(
        MAPPING, read(root, MAPPING) + "fields:\n  extra: {path: order.grandTotl, type: money}\n"
    )
    found = {each["code"]: each for each in editor.found(MAPPING)}
    wrong = found["E0204"]
    assert wrong["range"] == {
        "start": {"line": 4, "character": 22},
        "end": {"line": 4, "character": 31},
    }
    assert wrong["severity"] == 1
    assert wrong["source"] == "erpmap"
    assert "did you mean grandTotal?" in wrong["message"]
    assert wrong["codeDescription"]["href"].endswith("docs/findings.md#e0204")
    editor.close(MAPPING)
    assert editor.found(MAPPING) == []


SMILING = "values: {extra: {is: \"{{ '😀😀' ~ grand_totl }}\", type: string}}\n"


@pytest.mark.parametrize(("encoding", "more"), [("utf-16", 2), ("utf-8", 6), ("utf-32", 0)])
def test_columns_are_counted_in_units_of_the_editor(root: Path, encoding: str, more: int) -> None:
    with Editor(root, encodings=(encoding, "utf-16")) as editor:
        assert editor.capabilities["positionEncoding"] == encoding
        editor.open(MAPPING, read(root, MAPPING) + SMILING)
        (wrong,) = (each for each in editor.found(MAPPING) if each["code"] == "E0207")
        start = SMILING.index("grand_totl") + more
        assert wrong["range"]["start"] == {"line": 3, "character": start}
        assert wrong["range"]["end"] == {"line": 3, "character": start + 10}


def test_a_change_of_a_base_mapping_is_checked_in_every_tenant(editor: Editor, root: Path) -> None:
    base = "base/order.yaml"
    editor.open(base)
    editor.change(base, read(root, base).replace("order.grandTotal,", "order.grandTotl,"))
    wrong = [each for each in editor.found(base) if each["code"] == "E0204"]
    assert len(wrong) == 6, "the same finding of several tenants is shown once"
    editor.change(base, read(root, base).replace("  external_id:    order.externalId\n", ""))
    editor.checked()
    concerned = {
        uri.rpartition("/mappings/")[2] for uri, found in editor.diagnostics.items() if found
    }
    assert "base/sales_order.yaml" in concerned
    editor.close(base)
    assert editor.found(base) == []
    assert not any(editor.diagnostics.values())


def test_related_places_are_shown(editor: Editor, root: Path) -> None:
    editor.open(MAPPING)
    editor.change(
        MAPPING, read(root, MAPPING) + 'values: {extra: {is: "{{ items + 1 }}", type: list}}\n'
    )
    related = [
        place["location"]["uri"].rpartition("/mappings/")[2]
        for each in editor.found(MAPPING)
        for place in each.get("relatedInformation") or []
    ]
    assert related == ["base/order.yaml"]
    editor.close(MAPPING)


def test_a_tenant_that_is_not_stored_yet(editor: Editor) -> None:
    editor.open("neu/tenant.yaml", "erpmap: 1\ntenant: neu\nmappings: [sales_ordr]\n")
    assert editor.codes("neu/tenant.yaml") == ["E0101"]
    editor.close("neu/tenant.yaml")
    editor.checked()


def test_a_mapping_that_no_tenant_uses(editor: Editor) -> None:
    editor.open("base/mine.yaml", "erpmap: 1\nextends: ordr\n")
    assert editor.codes("base/mine.yaml") == ["E0121"]
    editor.close("base/mine.yaml")
    editor.checked()


@pytest.mark.parametrize("by_option", [True, False])
def test_the_settings_or_the_command_name_the_folder(root: Path, *, by_option: bool) -> None:
    words = ("--mappings", str(root)) if by_option else ()
    options = None if by_option else {"mappings": "mappings"}
    with Editor(root.parent, *words, options=options) as editor:
        path = f"mappings/{MAPPING}"
        editor.open(path, "erpmap: 1\nextends: [base/sales_ordr, common]\n")
        assert editor.codes(path) == ["E0121"]
