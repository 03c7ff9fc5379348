"""Folders of tenants that are broken in many ways: texts changed, files exchanged, cut, doubled, hostile."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

# Values that validate in one place or another, and cannot be opened, computed or kept.
ODD = (
    "Nowhere/City", "xn--a", "https://xn--a/", "https://[::1", "${env:}", "${env:PATH}", "${file:/etc/passwd}",
    "${file:../dodici/tenant.yaml}", "[]", "{}", "null", "~", "1e999", "-0", "0x10", "2026-02-30", "&a [*a]",
    "!!python/object/apply:os.system [true]", "!remove", "'" + "x" * 5_000 + "'", "9" * 400, "\u202e", "''",
    "base/order", "../dodici/sales_order", "event.payload.*.*[].@", "{{ lines.all | total('a.b.c') }}",
    "{{ 1 / 0 }}", "{{ 'x' * 9999999 }}", "{% for a in b %}", "[[[[[[[[", "not_null(", "customrecord_x",
)  # fmt: skip
_SCHEMA = "schemas/netsuite/salesOrder.schema.json"
_SNAPSHOTS = (
    '{"type": "object", "properties": {"memo": {"enum": ["a", null]}}}',
    '{"type": "object", "properties": {"memo": {"anyOf": [false]}}}',
    '{"type": "object", "properties": {"item": {"items": true}}}',
    "[1, 2]",
    '{"$ref": "#"}',
    '{"type": "object", "properties": {"a": {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}}}',
    '{"type": "object", "properties": {"memo": {"pattern": "(a+)+$"}}}',
    "{",
    "\ufeff{}",
)


def mutate(folder: Path, random: Random) -> str:
    """Break a tenant's folder in one to three ways; return them in words."""
    return ", ".join(random.choice(_WAYS)(folder, random) for _ in range(random.randint(1, 3)))


def _pick(folder: Path, random: Random) -> Path:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    return random.choice(files or [folder / "tenant.yaml"])


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", errors="replace").splitlines() if path.exists() else [""]


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8", errors="surrogatepass")


def _replace_value(folder: Path, random: Random) -> str:
    path = _pick(folder, random)
    lines = _lines(path)
    at = random.randrange(len(lines)) if lines else 0
    odd = random.choice(ODD)
    if lines:
        lines[at] = re.sub(
            r"(: *|, *)[^:,{}\[\]]+(?=[,}\]]|$)", lambda match: match[1] + odd, lines[at], count=1
        )
    _write(path, "\n".join(lines))
    return f"a value of {path.name}:{at + 1} is {odd[:30]}"


def _drop_line(folder: Path, random: Random) -> str:
    path = _pick(folder, random)
    lines = _lines(path)
    at = random.randrange(len(lines)) if lines else 0
    _write(path, "\n".join(lines[:at] + lines[at + 1 :]))
    return f"{path.name}:{at + 1} is dropped"


def _double_line(folder: Path, random: Random) -> str:
    path = _pick(folder, random)
    lines = _lines(path)
    at = random.randrange(len(lines)) if lines else 0
    _write(path, "\n".join(lines[: at + 1] + lines[at:]))
    return f"{path.name}:{at + 1} is doubled"


def _indent_line(folder: Path, random: Random) -> str:
    path = _pick(folder, random)
    lines = _lines(path)
    at = random.randrange(len(lines)) if lines else 0
    lines[at : at + 1] = [f"   {lines[at] if lines else ''}"]
    _write(path, "\n".join(lines))
    return f"{path.name}:{at + 1} is indented"


def _odd_bytes(folder: Path, random: Random) -> str:
    path = _pick(folder, random)
    data = bytearray(path.read_bytes() if path.exists() else b"")
    for _ in range(random.randint(1, 20)):
        data.insert(random.randrange(len(data) + 1), random.randrange(256))
    path.write_bytes(bytes(data))
    return f"odd bytes in {path.name}"


def _cut(folder: Path, random: Random) -> str:
    path = _pick(folder, random)
    data = path.read_bytes() if path.exists() else b""
    path.write_bytes(data[: random.randrange(len(data) + 1)])
    return f"{path.name} is cut"


def _remove(folder: Path, random: Random) -> str:
    path = _pick(folder, random)
    path.unlink(missing_ok=True)
    return f"{path.name} is gone"


def _exchange(folder: Path, random: Random) -> str:
    """Put something that is no file in the place of a file."""
    path = _pick(folder, random)
    path.unlink(missing_ok=True)
    what = random.choice(("folder", "pipe", "loop", "link to a device", "link outside"))
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    else:
        targets = {
            "loop": path.name,
            "link to a device": "/dev/zero",
            "link outside": "/etc/passwd",
        }
        path.symlink_to(targets[what])
    return f"{path.name} is a {what}"


def _snapshot(folder: Path, random: Random) -> str:
    path = folder / _SCHEMA
    path.parent.mkdir(parents=True, exist_ok=True)
    text = random.choice(_SNAPSHOTS)
    _write(path, text)
    return f"a snapshot {text[:40]}"


def _setting(folder: Path, random: Random) -> str:
    path, odd = folder / "tenant.yaml", random.choice(ODD)
    _write(path, "\n".join(_lines(path)).replace("timezone: America/New_York", f"timezone: {odd}"))
    return f"timezone: {odd[:30]}"


def _aliases(folder: Path, random: Random) -> str:
    path = _pick(folder, random)
    rows = [f"x{at}: &x{at} [{', '.join([f'*x{at - 1}'] * 9) if at else '1'}]" for at in range(12)]
    _write(path, "\n".join(rows))
    return f"{path.name} is a billion laughs"


def _nested(folder: Path, random: Random) -> str:
    path = _pick(folder, random)
    _write(path, random.choice("[{") * 100_000)
    return f"{path.name} is nested deeply"


_WAYS: tuple[Callable[[Path, Random], str], ...] = (
    _replace_value, _replace_value, _replace_value, _replace_value, _drop_line, _double_line, _indent_line,
    _odd_bytes, _cut, _remove, _exchange, _snapshot, _setting, _aliases, _nested,
)  # fmt: skip


def copy_tenant(source: Path, target: Path) -> None:
    """Copy a tenant's folder, with the new folder's name for its own; a few of its cases go with it."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("cases"))
    for case in sorted((source / "cases").iterdir())[:2]:
        if case.is_dir():
            shutil.copytree(case, target / "cases" / case.name)
    tenant = target / "tenant.yaml"
    _write(
        tenant,
        tenant.read_text("utf-8").replace(f"tenant: {source.name}\n", f"tenant: {target.name}\n"),
    )
