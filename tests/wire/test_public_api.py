"""Code in engine/ uses third-party packages through their public API only."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from functools import cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from conftest import ROOT

MODULES = sorted([*ROOT.glob("engine/**/*.py"), ROOT / "cli.py"])
# Every package that engine/ imports, with the release that its use was checked with.
CHECKED = {
    "aiobotocore": "3.10.0",
    "aiohttp": "3.14.5",
    "alembic": "1.20.1",
    "boto3": "1.43.117",
    "botocore": "1.43.117",
    "certifi": "2026.10.19.post1",
    "click": "8.5.1",
    "cryptography": "50.0.2",
    "gql": "4.4.0",
    "graphql": "3.3.2",
    "httptools": "0.9.0",
    "httpx": "0.28.1",
    "jinja2": "3.1.6",
    "jmespath": "1.1.0",
    "jsonschema": "4.26.0",
    "jsonschema_rs": "0.61.2",
    "jwt": "2.15.1",
    "lsprotocol": "2025.0.0",
    "markupsafe": "3.0.4",
    "msgspec": "0.23.0",
    "oauthlib": "4.0.1",
    "opentelemetry": "1.45.2",
    "prometheus_client": "0.26.0",
    "psycopg": "3.3.9",
    "pygls": "2.1.1",
    "questionary": "2.1.1",
    "rich": "15.0.0",
    "sqlalchemy": "2.1.9",
    "sqlglot": "30.30.0",
    "starlette": "1.10.0",
    "structlog": "26.1.0",
    "uvicorn": "0.54.0",
    "yaml": "6.0.4",
    "yarl": "1.25.1",
}
# Modules without an underscore that their packages do not document for users.
INTERNAL = (
    "aiohttp.client_proto",
    "aiohttp.client_reqrep",
    "aiohttp.connector",
    "oauthlib.common",
    "oauthlib.oauth1.rfc5849",
    "uvicorn.protocols",
)
# SQLAlchemy documents `_mapping`, named so because a column may be called `mapping`. The standard
# library has no public name for the type of a decompressor.
DOCUMENTED = {"row._mapping", "zlib._Decompress"}
DISTRIBUTIONS = {
    "graphql": "graphql-core",
    "jwt": "pyjwt",
    "opentelemetry": "opentelemetry-sdk",
    "yaml": "pyyaml",
}
# Runs within Alembic only, and defines no class.
NOT_IMPORTABLE = {"engine/journal/migrations/env.py"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def is_third_party(module: str) -> bool:
    package = module.partition(".")[0]
    return package not in {*sys.stdlib_module_names, "engine", "cli"}


def is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def imports_in(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Line, dotted name and local name of what is imported from third-party packages."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named = [(alias.name, alias.asname or alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            named = [
                (f"{node.module}.{alias.name}", alias.asname or alias.name) for alias in node.names
            ]
        else:
            continue
        for whole, local in named:
            if is_third_party(whole):
                yield node.lineno, whole, local.partition(".")[0]


def private_imports(tree: ast.Module) -> Iterator[str]:
    for line, whole, _ in imports_in(tree):
        if any(map(is_private, whole.split("."))):
            yield f"{line}: imports {whole}, which is private"
        elif f"{whole}.".startswith(tuple(f"{internal}." for internal in INTERNAL)):
            yield f"{line}: imports {whole}, which is not documented"


def private_attributes(tree: ast.Module) -> Iterator[str]:
    """`_x` of anything but `self` and `cls`, also by `getattr`; undocumented submodules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            text = ast.unparse(node)
            is_own = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
            if is_private(node.attr) and not is_own and text not in DOCUMENTED:
                yield f"{node.lineno}: uses {text}"
            elif text in INTERNAL:
                yield f"{node.lineno}: uses {text}, which is not documented"
        elif isinstance(node, ast.Call) and len(node.args) > 1:
            named = node.args[1]
            is_access = ast.unparse(node.func) in {"getattr", "setattr", "delattr"}
            if is_access and isinstance(named, ast.Constant) and is_private(str(named.value)):
                yield f"{node.lineno}: uses {ast.unparse(node)}"


def hidden_classes(tree: ast.Module) -> Iterator[str]:
    """Classes within functions on a third-party base: `private_members` cannot look at them."""
    local = {name for _, _, name in imports_in(tree)}
    at_top = set(tree.body)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node not in at_top:
            bases = [re.match(r"\w+", ast.unparse(base)) for base in node.bases]
            if any(base and base[0] in local for base in bases):
                yield f"{node.lineno}: defines {node.name} within another block"


def classes_in(path: Path) -> list[type]:
    has_bases = any(isinstance(node, ast.ClassDef) and node.bases for node in tree_of(path).body)
    if not has_bases or name_of(path) in NOT_IMPORTABLE:
        return []
    module = import_module(name_of(path).removesuffix(".py").replace("/", "."))
    return [
        member
        for member in vars(module).values()
        if isinstance(member, type) and member.__module__ == module.__name__
    ]


def members_in(source: str, *, stored: bool) -> set[str]:
    """Private names of `self`, `cls` and `super()` in a class: those stored, or all."""
    found = set()
    for node in ast.walk(ast.parse(textwrap.dedent(source))):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            is_stored = isinstance(node.ctx, ast.Store)
            if ast.unparse(node.value) in {"self", "cls", "super()"} and (is_stored or not stored):
                found.add(node.attr)
    return found


def source_of(class_: type) -> str:
    """The text of a class; empty for one that is written in C."""
    try:
        return inspect.getsource(class_)
    except (OSError, TypeError):
        return ""


def private_members(class_: type) -> Iterator[str]:
    """Private members of third-party bases that a class uses, replaces or collides with."""
    ours = [
        base
        for base in class_.__mro__
        if base.__module__.startswith("engine.") or base.__module__ == class_.__module__
    ]
    theirs = [
        base for base in class_.__mro__ if base not in ours and is_third_party(base.__module__)
    ]
    if not theirs:
        return
    own = set[str]()
    for base in ours:
        own |= {name for name in vars(base) if is_private(name)}
        own |= members_in(source_of(base), stored=True)
    used = members_in(source_of(class_), stored=False)
    for name in sorted(used - own):
        yield f"{class_.__name__} uses {name}, which it does not define"
    for base in theirs:
        taken = {*vars(base), *members_in(source_of(base), stored=False)}
        for name in sorted(own & taken):
            # Python adds these to every class of its kind.
            if name not in {"_abc_impl", "_is_protocol"}:
                yield f"{class_.__name__} defines {name}, which {base.__qualname__} has, too"


def breaches(path: Path) -> list[str]:
    tree = tree_of(path)
    found = [*private_imports(tree), *private_attributes(tree), *hidden_classes(tree)]
    for class_ in classes_in(path):
        found += private_members(class_)
    return [f"{name_of(path)}:{breach}" for breach in found]


def releases() -> str:
    """What was checked, and what is installed where that differs."""
    return ", ".join(
        f"{package} {checked}" + (f" (installed: {installed})" if installed != checked else "")
        for package, checked in CHECKED.items()
        for installed in [metadata.version(DISTRIBUTIONS.get(package, package))]
    )


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_uses_public_api_only(path: Path) -> None:
    found = breaches(path)
    assert not found, "\n".join([*found, f"checked with {releases()}"])


def test_the_packages_are_those_that_were_checked() -> None:
    imported = {
        whole.partition(".")[0] for path in MODULES for _, whole, _ in imports_in(tree_of(path))
    }
    assert imported == set(CHECKED)
    assert "aiohttp 3." in releases()


@pytest.mark.parametrize(
    "source",
    [
        "from aiohttp.x import _y",
        "from aiohttp._x import y",
        "import aiohttp._x",
        "import aiohttp._x as x",
        "from oauthlib.oauth1.rfc5849 import signature",
        "from oauthlib.common import generate_nonce",
        "import aiohttp\naiohttp.client._x()",
        "from httpx import AsyncClient\nclient = AsyncClient()\nclient._transport",
        "import httpx\nhttpx.AsyncClient()._transport",
        "import httpx\ngetattr(httpx.AsyncClient(), '_transport')",
        "import oauthlib.oauth1\noauthlib.oauth1.rfc5849.signature",
        "import aiohttp\ndef f():\n    class A(aiohttp.TCPConnector): pass",
        "from aiohttp.client_proto import ResponseHandler\nclass A(ResponseHandler): pass",
    ],
)
def test_a_breach_is_found(source: str) -> None:
    tree = ast.parse(source)
    assert [*private_imports(tree), *private_attributes(tree), *hidden_classes(tree)]


@pytest.mark.parametrize(
    "source",
    [
        "from aiohttp import TCPConnector\nfrom __future__ import annotations",
        "import aiohttp\naiohttp.__version__",
        "from .room import _own\nclass A:\n    def f(self): return self._x",
        "from dataclasses import _x",
    ],
)
def test_public_api_is_no_breach(source: str) -> None:
    tree = ast.parse(source)
    assert not [*private_imports(tree), *private_attributes(tree), *hidden_classes(tree)]


class Reaches(aiohttp.TCPConnector):
    def count(self) -> int:
        return len(self._conns)


class Replaces(aiohttp.TCPConnector):
    async def _get(self, *arguments: Any, **options: Any) -> Any:
        return None


class Collides(aiohttp.TCPConnector):
    def forget(self) -> None:
        self._acquired = set()


class Keeps(aiohttp.TCPConnector):
    def remember(self) -> None:
        self._seen = self.closed


@pytest.mark.parametrize(
    ("class_", "name"),
    [(Reaches, "_conns"), (Replaces, "_get"), (Collides, "_acquired"), (Keeps, None)],
)
def test_a_subclass_keeps_to_its_own_members(class_: type, name: str | None) -> None:
    found = list(private_members(class_))
    assert bool(found) is (name is not None)
    assert name is None or all(f" {name}," in breach for breach in found)
