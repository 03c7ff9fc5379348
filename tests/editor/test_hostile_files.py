"""Files that are broken, huge, gone or forbidden: findings or silence, and a server that goes on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from editor_client import Editor, copy_mappings
from marked_text import read
from scale import IS_FULL

MAPPING, BASE = "dodici/sales_order.yaml", "base/order.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_mappings(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor for texts that are not stored."""
    with Editor(copy_mappings(tmp_path_factory.mktemp("editor"))) as editor:
        editor.open(MAPPING)
        yield editor
        assert not editor.said()


@pytest.fixture
def editor(root: Path) -> Iterator[Editor]:
    with Editor(root) as editor:
        yield editor
        assert not editor.said()


def ask_everything(editor: Editor, path: str) -> None:
    """Every request, at the start, in the middle and behind the end of a file."""
    for line, character in ((0, 0), (3, 20), (10**6, 10**6)):
        where = editor.at(path, line, character)
        for method in ("completion", "hover", "definition", "documentSymbol"):
            editor.ask(f"textDocument/{method}", where)
        editor.ask("textDocument/references", {**where, "context": {"includeDeclaration": True}})
        start = where["position"]
        both = {"start": {"line": 0, "character": 0}, "end": start}
        editor.ask(
            "textDocument/codeAction", {**where, "range": both, "context": {"diagnostics": []}}
        )


def remove_base(root: Path) -> None:
    shutil.rmtree(root / "base")


def break_schema(root: Path) -> None:
    (root / "dodici/schemas/netsuite").mkdir(parents=True)
    (root / "dodici/schemas/netsuite/salesOrder.schema.json").write_text("{", encoding="utf-8")


def break_types(root: Path) -> None:
    (root / "dodici/schemas").mkdir()
    (root / "dodici/schemas/newstore.graphql").write_text("type {", encoding="utf-8")


def lead_out(root: Path) -> None:
    (root / "dodici/common.yaml").unlink()
    (root.parent / "outside.yaml").write_text("erpmap: 1\n", encoding="utf-8")
    (root / "dodici/common.yaml").symlink_to(root.parent / "outside.yaml")


def lock(root: Path) -> None:
    (root / "dodici/lookups").chmod(0)


def write_utf_16(root: Path) -> None:
    path = root / "dodici/common.yaml"
    path.write_text(read(root, "dodici/common.yaml"), encoding="utf-16")


def make_device(root: Path) -> None:
    (root / "dodici/common.yaml").unlink()
    os.mkfifo(root / "dodici/common.yaml")


BROKEN: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "the base is deleted": (remove_base, set()),
    "a schema is broken": (break_schema, {"E0502"}),
    "the types are broken": (break_types, {"E1008"}),
    "a link leads out": (lead_out, {"E0103"}),
    "a folder cannot be read": (lock, set() if os.geteuid() == 0 else {"E0102"}),
    "a file is UTF-16": (write_utf_16, {"E0105"}),
    "a file is a pipe": (make_device, {"E0102"}),
}


@pytest.mark.parametrize(("damage", "codes"), BROKEN.values(), ids=BROKEN)
def test_a_broken_folder(
    editor: Editor, root: Path, damage: Callable[[Path], None], codes: set[str]
) -> None:
    damage(root)
    try:
        editor.open(MAPPING)
        editor.checked()
        found = {each["code"] for some in editor.diagnostics.values() for each in some}
        assert codes <= found
        ask_everything(editor, MAPPING)
    finally:
        (root / "dodici/lookups").chmod(0o755)


TEXTS = {
    "nothing": "",
    "a byte order mark": "\ufefferpmap: 1\nextends: [base/sales_order, common]\n",
    "no YAML": "{{{{\n\t- : ]",
    "a control": "erpmap: \x00\x07\n",
    "half a character": "erpmap: 1\nsummary: \ud83d\n",
    "carriage returns": "erpmap: 1\rextends: base/sales_order\r",
    "Unicode lines": "erpmap: 1\u2028\u0085extends: x\x0b\x0c\n",
    "deep": "a:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 600)),
    "deep in brackets": "fields: " + "{a: " * 3000,
    "a list": "- a\n- b\n",
    "an endless key": "a" * 100_000,
    "endless brackets": 'fields: {a: "' + "x[?" * 30_000,
    "many lines": "a: b\n" * 30_000,
    "500 kB": "erpmap: 1\nextends: [base/sales_order, common]\nfields:\n"
    + "".join(
        f'  f{n}: {{path: "order.x{n}", type: money}}\n' for n in range(9_000 if IS_FULL else 300)
    )
    + "# 500 kB\n" * (0 if IS_FULL else 53_000),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_hostile_text(shared: Editor, text: str) -> None:
    shared.change(MAPPING, text)
    shared.checked()
    ask_everything(shared, MAPPING)
    shared.change(MAPPING, "erpmap: 1\nextends: [base/sales_order, common]\n")
    assert shared.found(MAPPING) == []


def test_windows_lines_have_the_same_findings(editor: Editor, root: Path) -> None:
    text = read(root, BASE).replace("order.grandTotal,", "order.grandTotl,")
    editor.open(BASE, text)
    plain = editor.found(BASE)
    editor.change(BASE, text.replace("\n", "\r\n"))
    assert editor.found(BASE) == plain
    assert plain


def test_addresses_of_nowhere(editor: Editor) -> None:
    for uri in (
        "untitled:Untitled-1",
        "file:///",
        "file:///nowhere/at/all.yaml",
        "",
        "file://%00",
        "x:y",
    ):
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": "a: b"}
        editor.tell("textDocument/didOpen", {"textDocument": document})
        where = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 1}}
        editor.ask("textDocument/completion", where)
        editor.ask("textDocument/hover", where)


def test_what_is_no_request_is_survived(editor: Editor) -> None:
    editor.tell("textDocument/didChange", {"nonsense": 1})
    editor.tell("textDocument/didChange", None)
    editor.tell("erpmap/unknown", {})
    editor.open(MAPPING)
    assert editor.found(MAPPING) == []


def test_files_change_on_disk(editor: Editor, root: Path) -> None:
    editor.open(MAPPING)
    assert editor.found(MAPPING) == []
    path = root / "dodici/common.yaml"
    path.write_text(read(root, "dodici/common.yaml") + "nonsense: 1\n", encoding="utf-8")
    change = {"uri": editor.uri("dodici/common.yaml"), "type": 2}
    editor.tell("workspace/didChangeWatchedFiles", {"changes": [change]})
    assert "E0201" in editor.codes("dodici/common.yaml")


def test_a_connection_that_closes_ends_the_server(root: Path) -> None:
    editor = Editor(root)
    editor.open(MAPPING)
    editor.stdin.close()
    editor.process.wait(30)
    editor.__exit__(RuntimeError, None, None)
