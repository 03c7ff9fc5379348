"""What an editor shows and finds at a word: hover, definition, references, outline, rename, corrections."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from editor_client import Editor, RefusedRequestError, copy_mappings
from marked_text import position, read

from engine.mapping.load import load_tenant, open_folder

ORDER, SALES, COMMON = "base/order.yaml", "base/sales_order.yaml", "dodici/common.yaml"
TENANT = "dodici/tenant.yaml"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_mappings(tmp_path_factory.mktemp("editor"))


@pytest.fixture(scope="module")
def editor(root: Path) -> Iterator[Editor]:
    with Editor(root) as editor:
        yield editor
        assert not editor.said()


@pytest.fixture(autouse=True)
def opened(editor: Editor) -> Iterator[None]:
    """The files are open as they are on disk, and checked."""
    for path in (ORDER, SALES, COMMON, TENANT):
        editor.open(path)
    editor.checked()
    yield
    for path in (ORDER, SALES, COMMON, TENANT):
        editor.close(path)


def at(editor: Editor, path: str, around: str, word: str) -> dict[str, Any]:
    return editor.at(path, *position(read(editor.root, path), around, word))


def shown(editor: Editor, locations: list[dict[str, Any]]) -> list[str]:
    """Locations as `FILE:LINE text`, the text being what they hold."""
    found = []
    for each in locations:
        path = each["uri"].removeprefix(editor.root.as_uri() + "/")
        start, end = each["range"]["start"], each["range"]["end"]
        line = read(editor.root, path).splitlines()[start["line"]]
        found.append(f"{path}:{start['line'] + 1} {line[start['character'] : end['character']]}")
    return found


HOVERS = {
    "a value": (ORDER, "grand_total == prices", "prices", ["**prices**", "money", "base/order.yaml:"]),
    "a member of an entry": (ORDER, "line.sku in settings", "sku", ["sku", "written at base/order.yaml:"]),
    "an overlaid value": (ORDER, "tax != 0", "tax", ["**tax**", "written at base/order.yaml:", "`is`: dodici/common.yaml:"]),
    "a setting": (ORDER, "settings.gift_cards", "gift_cards", ["gift_cards", "product ids that are gift cards"]),
    "a filter": (ORDER, "items | total('gross')", "total", ["value | total(key, default=…)"]),
    "a function of a path": (ORDER, "lower(to_string(order.isExchange))", "lower", ["JMESPath"]),
    "a member of a source": (ORDER, "path: order.grandTotal", "grandTotal", ["order.grandTotal", "number"]),
    "a lookup": (ORDER, "lookup('location', channel)", "location", ["location", "file"]),
    "a key of the language": (ORDER, "absent: order_pending", "absent", ["the retry rule to follow"]),
    "a field of NetSuite": (SALES, "tranDate:", "tranDate", ["**tranDate** of salesOrder", "base/sales_order.yaml:"]),
    "a block": (SALES, "billingAddress:", "billingAddress", ["an address", "addr1", "base/sales_order.yaml:"]),
    "a check with parts of several files": (ORDER, "balance:  ", "balance", ["`terms.tax`: dodici/common.yaml:", "`terms.goods`: base/order.yaml:"]),
}  # fmt: skip


@pytest.mark.parametrize(("path", "around", "word", "wanted"), HOVERS.values(), ids=HOVERS)
def test_hover(editor: Editor, path: str, around: str, word: str, wanted: list[str]) -> None:
    answer = editor.ask("textDocument/hover", at(editor, path, around, word))
    assert answer is not None
    told = answer["contents"]["value"]
    assert not [each for each in wanted if each not in told], told


LOCATIONS = "location,id,subsidiary,class,country,currencies,customer_name,customer_email,timezone"
DEFINITIONS = {
    "a value": (ORDER, "grand_total == prices", "prices", ["base/order.yaml prices"]),
    "an entry's value": (ORDER, "line.money_goods", "money_goods", ["base/order.yaml money_goods"]),
    "an overlaid value": (ORDER, "tax != 0", "tax", ["base/order.yaml tax", "dodici/common.yaml tax", "nordhus/common.yaml tax"]),
    "a key of map": (ORDER, "items | total('gross')", "gross", ["base/order.yaml gross"]),
    "a line group": (ORDER, "lines.item.discount", "discount", ["base/order.yaml discount", "nordhus/common.yaml discount"]),
    "a retry rule": (ORDER, "absent: order_pending", "order_pending", ["base/order.yaml order_pending"]),
    "a setting": (ORDER, "settings.brand", "brand", ["base/order.yaml brand", "dodici/tenant.yaml brand", "nordhus/tenant.yaml brand"]),
    "a source": (ORDER, "order_id:       order.id", "order.", ["base/order.yaml order"]),
    "a record": (SALES, "records.customer.id", "customer", ["base/order.yaml customer"]),
    "a lookup and its table": (ORDER, "lookup('location', channel)", "location", ["base/order.yaml location", f"dodici/lookups/locations.csv {LOCATIONS}", f"nordhus/lookups/locations.csv {LOCATIONS}"]),
    "a column": (ORDER, "store.subsidiary", "subsidiary", ["dodici/lookups/locations.csv subsidiary", "nordhus/lookups/locations.csv subsidiary"]),
    "a field of the query": (ORDER, "path: order.grandTotal", "grandTotal", ["base/order.yaml grandTotal"]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "around", "word", "wanted"), DEFINITIONS.values(), ids=DEFINITIONS
)
def test_definition(editor: Editor, path: str, around: str, word: str, wanted: list[str]) -> None:
    found = shown(editor, editor.ask("textDocument/definition", at(editor, path, around, word)))
    assert {re.sub(r":\d+", "", each) for each in found} == set(wanted)


def test_references_go_through_tables_and_overlays(editor: Editor) -> None:
    where = at(editor, ORDER, "own_tax:      ", "own_tax")
    found = shown(
        editor,
        editor.ask("textDocument/references", {**where, "context": {"includeDeclaration": True}}),
    )
    assert all(each.endswith(" own_tax") for each in found)
    files = {each.partition(":")[0] for each in found}
    assert files >= {ORDER, COMMON}
    assert any(
        "total('own_tax')"
        in read(editor.root, ORDER).splitlines()[int(each.split(":")[1].split()[0]) - 1]
        for each in found
    )


def test_outline(editor: Editor) -> None:
    answer = editor.ask("textDocument/documentSymbol", {"textDocument": {"uri": editor.uri(ORDER)}})
    blocks = {each["name"]: each for each in answer}
    assert {"fields", "values", "lines", "records", "checks"} <= set(blocks)
    items = next(each for each in blocks["fields"]["children"] if each["name"] == "items")
    assert {"fields", "values"} <= {each["name"] for each in items["children"]}


def apply(editor: Editor, edit: dict[str, Any], target: Path) -> None:
    """Write the edited files into a folder."""
    for uri, edits in edit["changes"].items():
        path = uri.removeprefix(editor.root.as_uri() + "/")
        lines = read(editor.root, path).split("\n")
        for each in sorted(
            edits, key=lambda one: str(one["range"]["start"]["character"]).zfill(6), reverse=True
        ):
            start, end = each["range"]["start"], each["range"]["end"]
            line = lines[start["line"]]
            lines[start["line"]] = (
                line[: start["character"]] + each["newText"] + line[end["character"] :]
            )
        (target / path).write_text("\n".join(lines), encoding="utf-8")


RENAMES = {
    "a field": (ORDER, "grand_total == prices", "grand_total"),
    "a value": (ORDER, "grand_total == prices", "prices"),
    "a field of entries": (ORDER, "line.sku in settings", "sku"),
    "a value of entries": (ORDER, "own_tax:      ", "own_tax"),
    "a lookup": (ORDER, "lookup('location', channel)", "location"),
    "a line group": (ORDER, "lines.shipping_discount | stored", "shipping_discount"),
    "a line that follows": (ORDER, "lines.item.discount", "discount"),
    "a setting": (ORDER, "settings.discount_item", "discount_item"),
    "a setting of a tenant": (TENANT, "discount_item: 1101", "discount_item"),
    "a check": (ORDER, "checks.balance.sum", "balance"),
    "a record": (SALES, "records.customer.id", "customer"),
    "a retry rule": (ORDER, "absent: order_pending", "order_pending"),
    "a source": (ORDER, "order_id:       order.id", "order."),
}


@pytest.mark.parametrize(("path", "around", "word"), RENAMES.values(), ids=RENAMES)
def test_after_a_rename_all_is_well(
    editor: Editor, tmp_path: Path, path: str, around: str, word: str
) -> None:
    """The renamed tenants have no findings, and render the same: what their plans compute is the same."""
    where = at(editor, path, around, word)
    answer = editor.ask("textDocument/rename", {**where, "newName": "another_name"})
    target = tmp_path / "mappings"
    shutil.copytree(editor.root, target)
    apply(editor, answer, target)
    assert read(target, path) != read(editor.root, path)
    for tenant in ("dodici", "nordhus"):
        loaded = load_tenant(open_folder(target), tenant)
        assert not [f"{each.place}: {each.code} {each.message}" for each in loaded.findings]


REFUSALS = {
    "a taken name": (ORDER, "grand_total == prices", "prices", "taxes", "defines 'taxes' already"),
    "no name": (ORDER, "grand_total == prices", "prices", "Prices!", "is no name"),
    "a reserved name": (ORDER, "grand_total == prices", "prices", "lookup", "reserved"),
    "a member of NewStore": (ORDER, "path: order.grandTotal", "grandTotal", "x", "has its name here"),
    "what the runtime reads": (ORDER, "  currency:       order", "currency", "money", "erpmap itself reads"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "around", "word", "name", "words"), REFUSALS.values(), ids=REFUSALS
)
def test_a_rename_is_refused_in_words(
    editor: Editor, path: str, around: str, word: str, name: str, words: str
) -> None:
    where = at(editor, path, around, word)
    with pytest.raises(RefusedRequestError, match=words):
        editor.ask("textDocument/rename", {**where, "newName": name})


def test_what_is_shipped_is_not_renamed(tmp_path: Path, root: Path) -> None:
    """A tenant in a folder without base mappings extends those of the program."""
    folder = tmp_path / "mine"
    shutil.copytree(root / "dodici", folder / "dodici")
    with Editor(folder) as editor:
        editor.open(COMMON)
        assert editor.found(COMMON) == []
        where = at(editor, COMMON, "own_tax, of", "own_tax")
        with pytest.raises(RefusedRequestError, match="shipped with erpmap"):
            editor.ask("textDocument/rename", {**where, "newName": "x"})
        answer = editor.ask(
            "textDocument/rename",
            {**at(editor, COMMON, "tax_rest:   ", "tax_rest"), "newName": "rest"},
        )
        assert len(answer["changes"][editor.uri(COMMON)]) == 2
        (target, *_) = editor.ask("textDocument/definition", where)
        assert target["uri"].endswith("mappings/base/order.yaml")


def test_a_misspelling_is_corrected(editor: Editor) -> None:
    text = read(editor.root, COMMON).replace(
        "own_tax, of=posted_net, places=4", "own_tex, of=posted_net, places=4"
    )
    editor.change(COMMON, text)
    finding = next(each for each in editor.found(COMMON) if each["code"] == "E0207")
    answer = editor.ask(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": editor.uri(COMMON)},
            "range": finding["range"],
            "context": {"diagnostics": [finding]},
        },
    )
    assert [each["title"] for each in answer] == ["write own_tax"]
    (edit,) = answer[0]["edit"]["changes"][editor.uri(COMMON)]
    assert edit == {"range": finding["range"], "newText": "own_tax"}
