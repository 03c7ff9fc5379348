"""What the house is built like: sizes, the tree of exceptions, and what is imported when."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import pytest
from conftest import ROOT
from processes import environment

from engine.findings import errors
from engine.findings.codes import CODES
from engine.mapping.systems import EVENTS, RECORDS

MODULES = sorted([*ROOT.glob("engine/**/*.py"), ROOT / "cli.py"])
LONGEST_FUNCTION, LONGEST_MODULE, MOST_PARAMETERS = 40, 450, 6
MOST_GERUNDS = 20
# Where a mistake of ours is parked and logged, where it is handed to the caller, and where the editor's
# server survives it: half-typed text must not take all findings from its author.
LAST_RESORTS = {
    "engine/editor/guard.py",
    "engine/journal/writer.py",
    "engine/processes/worker.py",
    "engine/service/dispatch/worker.py",
    "engine/service/reload/tenant_unit.py",
    "engine/service/shadow/shadow_folder.py",
}
# Exceptions for the flow of control within one room: no caller outside it sees one.
JUMPS = {
    "ReadingEndedError", "RenameRefusedError", "RefusalError", "SkippedError", "UnclearError", "_MultipliedError", "_StoppedError",
}  # fmt: skip
# What `erpmap --help` and completion, typed many times a day, have to do without.
HEAVY = {
    "aiohttp",
    "boto3",
    "botocore",
    "cryptography",
    "gql",
    "graphql",
    "httpx",
    "jinja2",
    "jmespath",
    "jsonschema",
    "jsonschema_rs",
    "jwt",
    "lsprotocol",
    "oauthlib",
    "pygls",
    "rich",
    "sqlglot",
    "starlette",
    "tzdata",
    "uvicorn",
    "yaml",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[Function]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(node: Function) -> int:
    """Lines of a function without its docstring and decorators: what has to be understood."""
    assert node.end_lineno is not None
    documented = ast.get_docstring(node) is not None and len(node.body) > 1
    first = node.body[0]
    docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
    return node.end_lineno - node.lineno + 1 - docstring


def parameters(node: Function) -> int:
    own = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return sum(parameter.arg not in ("self", "cls") for parameter in own)


def is_command(node: Function) -> bool:
    """Whether click gives it its arguments."""
    return any("command" in ast.unparse(decorator) for decorator in node.decorator_list)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_are_short(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_MODULE
    for node in functions(path):
        assert length(node) <= LONGEST_FUNCTION, node.name
        assert parameters(node) <= MOST_PARAMETERS or is_command(node), node.name


def test_most_functions_are_very_short() -> None:
    lengths = [length(node) for path in MODULES for node in functions(path)]
    assert median(lengths) <= 8
    assert quantiles(lengths, n=10)[-1] <= 25


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_makes_a_promise(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text))
    assert not re.search(r"\b(?:TODO|FIXME|XXX)\b|type: ignore(?!\[)", text)
    assert text.count("except Exception") == (name_of(path) in LAST_RESORTS)


def is_of_the_command_line(path: Path) -> bool:
    """Whether its functions import what they need: `--help` answers at once."""
    return path.name == "cli.py" or path.name.endswith("options.py")


@pytest.mark.parametrize(
    "path", [path for path in MODULES if not is_of_the_command_line(path)], ids=name_of
)
def test_the_engine_imports_relatively_and_at_the_top(path: Path) -> None:
    """What is heavy and seldom needed may be imported by a function, with the reason beside it."""
    text = path.read_text(encoding="utf-8")
    tree, lines = ast.parse(text), text.splitlines()
    top = set(map(id, tree.body)) | {
        id(node) for block in tree.body if isinstance(block, ast.If) for node in block.body
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            is_lazy = re.search(r"# noqa: PLC0415 - \w", lines[node.lineno - 1])
            assert id(node) in top or is_lazy, f"line {node.lineno}: an import inside a function"
            assert "engine" not in ast.unparse(node).split(), f"line {node.lineno}"


def test_a_class_name_stands_once() -> None:
    public = [
        node.name
        for path in MODULES
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert {name for name in public if public.count(name) > 1} == set()


def test_constructor_calls_name_their_values() -> None:
    """More than three positional values are a riddle; a table of SQLAlchemy lists its columns."""
    classes = {
        node.name
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    unnamed = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        if name_of(path) != "engine/journal/tables.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and len(node.args) > 3
        and ast.unparse(node.func).rpartition(".")[2] in classes
    ]
    assert not unnamed


def test_modules_are_named_by_nouns_and_verbs() -> None:
    gerunds = [name_of(path) for path in MODULES if path.stem.endswith("ing")]
    assert len(gerunds) <= MOST_GERUNDS, gerunds


RUNTIME = ("language", "journal", "run", "delivery", "service")
# Names that a reader of these rooms would know a system by, and those that are declared elsewhere.
SYSTEMS = re.compile(r"newstore|netsuite|suiteql", re.IGNORECASE)
# Operators watch these measures: their names are promised.
PROMISED = {"erpmap_netsuite_allowance", "erpmap_netsuite_in_use"}


def declared_names() -> set[str]:
    """The names of both systems that code might be tempted to spell: fields, events, types of records."""
    records = {path.name.partition(".")[0] for path in ROOT.glob("schemas/netsuite/*.json")}
    of_events = {*EVENTS.moments, *EVENTS.order_ids, EVENTS.sent_at} - {"id", "created_at"}
    return records | of_events | {RECORDS.external_id, "tranDate", "order.opened", "order.created"}


@pytest.mark.parametrize("room", RUNTIME)
def test_the_runtime_names_neither_system(room: str) -> None:
    """Neither in an identifier nor in a text, but for documentation."""
    names, found = declared_names(), list[str]()
    for path in sorted(ROOT.glob(f"engine/{room}/**/*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | Function)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                is_named = SYSTEMS.search(node.value) and node.value not in PROMISED
                if id(node) not in documented and (is_named or node.value in names):
                    found.append(f"{name_of(path)}:{node.lineno}: {node.value[:60]!r}")
            else:
                spelled = getattr(node, "id", None) or getattr(node, "attr", None)
                spelled = spelled or getattr(node, "arg", None) or getattr(node, "name", None)
                if isinstance(spelled, str) and SYSTEMS.search(spelled):
                    found.append(f"{name_of(path)}: {spelled}")
    assert not found, "\n".join(found)


def test_the_tree_of_exceptions_is_the_one_drawn() -> None:
    drawn = re.findall(r"^([│ ├└─]*)(\w+Error) +(\d)  \S", errors.__doc__ or "", re.MULTILINE)
    assert [(len(indent) // 4, name, int(code)) for indent, name, code in drawn] == list(
        tree_of(errors.ErpmapError)
    )


def tree_of(kind: type[errors.ErpmapError], depth: int = 0) -> Iterator[tuple[int, str, int]]:
    """Every exception below, itself first, each with its depth and exit code."""
    if kind.__module__ == errors.__name__:
        yield depth, kind.__name__, kind.exit_code
        for narrower in kind.__subclasses__():
            yield from tree_of(narrower, depth + 1)


def test_every_exception_is_in_the_tree() -> None:
    raised = {
        node.name
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Error", "Exception"))
    }
    assert raised - JUMPS == {name for _, name, _ in tree_of(errors.ErpmapError)}


def test_every_code_is_used_and_every_code_used_exists() -> None:
    used = {
        code
        for path in MODULES
        if path.name != "codes.py"
        for code in re.findall(r'"([EW]\d{4})"', path.read_text(encoding="utf-8"))
    }
    assert used == set(CODES)


@pytest.mark.parametrize("arguments", [["--help"], ["render", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom cli import main\n"
        "main(sys.argv[1:], standalone_mode=False)\nprint(*sys.modules, file=sys.stderr)"
    )
    process = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True, text=True, check=True, cwd=ROOT, env=environment(),
    )  # fmt: skip
    loaded = {module.partition(".")[0] for module in process.stderr.split()}
    assert "click" in loaded
    assert not loaded & HEAVY
