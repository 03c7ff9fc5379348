"""Rules of our own about what no module of the program does, beside ruff's (S); each with its few places."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from conftest import ROOT

MODULES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
    for path in [ROOT / "cli.py", *sorted((ROOT / "engine").rglob("*.py"))]
}
# Rooms where numbers may be amounts.
AMOUNTS = (
    "engine/documents/",
    "engine/language/",
    "engine/mapping/",
    "engine/run/",
    "engine/netsuite/",
    "engine/newstore/",
    "engine/delivery/",
    "engine/orders/",
    "engine/commands/reconcile/",
)
WEAK_DIGESTS = ("hashlib.md5", "hashlib.sha1")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a call must not be, an example of it, and the modules or rooms where it may stand."""

    is_met: Callable[[str, ast.Call], bool]
    example: str
    places: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ("engine/", "cli.py")


def _has(call: ast.Call, name: str, value: object) -> bool:
    return any(
        word.arg == name and isinstance(word.value, ast.Constant) and word.value.value is value
        for word in call.keywords
    )


RULES = {
    "text becomes code in the compiler alone": Rule(
        lambda name, _: name in ("eval", "exec", "compile", "builtins.eval", "builtins.exec"),
        "eval(text)",
        ("engine/run/compiled/program.py",),
    ),
    "certificates are verified": Rule(
        lambda name, call: (
            _has(call, "verify", value=False)
            or _has(call, "ssl", value=False)
            or name.endswith("_create_unverified_context")
        ),
        "httpx.get(url, verify=False)",
    ),
    "no shell": Rule(
        lambda name, call: _has(call, "shell", value=True) or name in ("os.system", "os.popen"),
        "subprocess.run(text, shell=True)",
    ),
    "YAML is read by a loader that makes no objects": Rule(
        lambda name, call: (
            name in ("yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load")
            and not any(word.arg == "Loader" for word in call.keywords)
        ),
        "yaml.load(text)",
    ),
    "objects are unpickled between our own processes alone": Rule(
        lambda name, _: name.rpartition(".")[0] in ("pickle", "marshal", "shelve", "dill"),
        "pickle.loads(data)",
        ("engine/processes/",),
    ),
    "no weak digest": Rule(lambda name, _: name in WEAK_DIGESTS, "hashlib.md5(data)"),
    "no amount becomes a float": Rule(
        lambda name, call: (
            name == "float" and not (call.args and isinstance(call.args[0], ast.Constant))
        ),
        "float(amount)",
        # Seconds of waits and of tokens.
        ("engine/delivery/retry_rules.py", "engine/netsuite/auth.py", "engine/newstore/auth.py"),
        AMOUNTS,
    ),
    "files have names that nobody can guess": Rule(
        lambda name, _: name == "tempfile.mktemp", "tempfile.mktemp()"
    ),
}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_no_module_breaks_the_rule(rule: Rule) -> None:
    found = {
        module: node.lineno
        for module, tree in MODULES.items()
        if module.startswith(rule.rooms)
        for name, node in calls(tree)
        if rule.is_met(name, node) and not (rule.places and module.startswith(rule.places))
    }
    assert not found


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_each_rule_finds_its_example(rule: Rule) -> None:
    assert any(rule.is_met(name, node) for name, node in calls(ast.parse(rule.example)))
