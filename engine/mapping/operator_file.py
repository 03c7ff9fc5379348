"""The operator's file: read, checked, and made into the grant of each tenant.

It is named by `--operator` or ERPMAP_OPERATOR, and is outside the tenants' folders: who writes it
decides what a tenant's files may reach. All processes of a command inherit the variable.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ..files.beneath import Root, read_beneath
from ..files.read_record import ReadRecord
from ..findings.diagnostics import Finding, Place, SourceText, select_errors
from ..findings.errors import ReadError
from ..findings.quote import quoted
from ..wire.grant import Grant, Names, host_and_port
from .files.grammar import operator_schema
from .files.nodes import ListNode, MapNode, Node, Scalar, as_data, entries_of
from .files.parse_yaml import MAX_BYTES, decode_text, read_yaml
from .files.schema_check import check_shape

VARIABLE = "ERPMAP_OPERATOR"

Block = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator's file without findings; `folder` is the real folder that its paths are relative to.

    `defaults` is None where the file has none: then it refuses tenants that it does not name.
    """

    place: Place
    folder: str
    defaults: Block | None
    tenants: Mapping[str, Block]

    def grant(self, name: str, root: Path, known: Iterable[str]) -> Grant:
        """Return what a tenant below `root` may use; `known` are the names of all tenants there.

        Raise ReadError: the file does not name it and has no `defaults` (E1201), the file is inside a
        tenant's folder (E1207).
        """
        self._refuse_inside(root, known)
        if name not in self.tenants and self.defaults is None:
            raise self._unnamed(name)
        texts = {key: self._texts(name, key) for key in _LISTS}
        others = {
            key: tuple(self._texts_of_others(name, key, known))
            for key in ("environment", "files", "parameters")
        }
        files = tuple(self._real_prefix(path) for path in texts["files"])
        allowance = self._value(name, "allowance")
        return Grant(
            environment=Names(texts["environment"], others["environment"]),
            files=Names(files, tuple(map(self._real_prefix, others["files"]))),
            secret_roots=(Root(os.path.realpath(root), entry=name), *map(_root_of, files)),
            parameters=Names(texts["parameters"], others["parameters"]),
            accounts=frozenset(account.upper() for account in texts["accounts"]),
            newstore=frozenset(texts["newstore"]),
            hosts=frozenset(_known_hosts(texts["hosts"])),
            allowance=allowance if isinstance(allowance, int) else None,
            folders=tuple(_root_of(self._real_prefix(path)) for path in texts["folders"]),
        )

    def _refuse_inside(self, root: Path, known: Iterable[str]) -> None:
        """Raise ReadError where a tenant could write the file."""
        for tenant in known:
            inside = os.path.realpath(root / tenant)
            if f"{self.folder}/".startswith(f"{inside}/"):
                message = f"the operator's file is inside the folder of the tenant {quoted(tenant)}"
                hint = "keep it where tenants cannot write: it decides what they may use"
                raise ReadError(message, [Finding("E1207", message, self.place, hint=hint)])

    def _unnamed(self, name: str) -> ReadError:
        message = f"the operator's file does not name the tenant {quoted(name)}"
        hint = f"add `{name}:` below `tenants`, or give all tenants `defaults`"
        return ReadError(message, [Finding("E1201", message, self.place, hint=hint)])

    def _value(self, name: str, key: str) -> object:
        own = self.tenants.get(name, {})
        return own[key] if key in own else (self.defaults or {}).get(key)

    def _texts(self, name: str, key: str) -> tuple[str, ...]:
        """Return the entries of a tenant's list, or of the list of `defaults`, filled in."""
        found = self._value(name, key)
        entries = found if isinstance(found, list | tuple) else ()
        upper = name.upper().replace("-", "_")
        return tuple(
            str(entry).replace("{tenant}", name).replace("{TENANT}", upper) for entry in entries
        )

    def _texts_of_others(self, name: str, key: str, known: Iterable[str]) -> Iterator[str]:
        """Yield the entries of other tenants; one that this tenant has of its own is shared."""
        own = self.tenants.get(name, {})
        mine = self._texts(name, key) if key in own else ()
        fixed = self._pattern_without_tenant(key)
        for other in {*self.tenants, *known} - {name}:
            if other in self.tenants or self.defaults is not None:
                yield from (text for text in self._texts(other, key) if text not in (*mine, *fixed))

    def _pattern_without_tenant(self, key: str) -> tuple[str, ...]:
        """Return the entries of `defaults` that are the same for all tenants."""
        entries = (self.defaults or {}).get(key)
        texts = map(str, entries) if isinstance(entries, list | tuple) else ()
        return tuple(text for text in texts if "{tenant}" not in text.lower())

    def _real_prefix(self, path: str) -> str:
        """Return a path with the links of its folder resolved; a final slash stays."""
        whole = os.path.join(self.folder, path)  # noqa: PTH118 - a text, which may be absolute
        if whole.endswith("/"):
            return os.path.realpath(whole).rstrip("/") + "/"
        folder, _, name = whole.rpartition("/")
        return f"{os.path.realpath(folder or '/').rstrip('/')}/{name}"


_LISTS = (
    "environment",
    "files",
    "parameters",
    "accounts",
    "newstore",
    "hosts",
    "folders",
)


def read_operator() -> Operator | None:
    """Read the operator's file that the environment names; None where it names none.

    Raise ReadError with every finding about the file.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    text = _read_text(named)
    folder = os.path.dirname(os.path.realpath(named))  # noqa: PTH120 - paths are texts here
    return _parse(text.name, text.content, folder)


def note_operator(record: ReadRecord) -> None:
    """Note the operator's file, so that a change of it is a change of the tenant's files."""
    named = os.environ.get(VARIABLE)
    if named:
        record.note_file(os.path.abspath(named), None)  # noqa: PTH100 - paths are texts here


@lru_cache(maxsize=4)
def _parse(name: str, content: str, folder: str) -> Operator:
    """Return the operator of a text. Raise ReadError."""
    node = read_yaml(SourceText(name, content))
    findings = [*check_shape(node, operator_schema()), *_host_findings(node)]
    if select_errors(findings):
        raise ReadError(f"{name} cannot be used", findings)
    document = as_data(node)
    assert isinstance(document, dict), "the schema requires a map"
    defaults, tenants = document.get("defaults"), document.get("tenants")
    return Operator(
        place=node.place,
        folder=folder,
        defaults=defaults if isinstance(defaults, dict) else None,
        tenants={
            str(key): block if isinstance(block, dict) else {}
            for key, block in (tenants if isinstance(tenants, dict) else {}).items()
        },
    )


def _read_text(path: str) -> SourceText:
    try:
        found = read_beneath((Root("/"),), os.path.realpath(path), MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "not a path"
        message = f"the operator's file {quoted(_shown(path), 80)} cannot be read: {reason.lower()}"
        hint = f"name it with --operator FILE or {VARIABLE}"
        raise ReadError(message, [Finding("E0102", message, hint=hint)]) from error
    return decode_text(_shown(path), found.data)


def _shown(path: str) -> str:
    """Return a path as a user would type it: relative if it is below the working directory."""
    try:
        return Path(path).relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return path


def _host_findings(node: Node) -> Iterator[Finding]:
    """Find hosts that no address can have."""
    if not isinstance(node, MapNode):
        return
    blocks = [node.get("defaults"), *(entry.value for entry in entries_of(node.get("tenants")))]
    for block in blocks:
        hosts = _entries(block.get("hosts")) if isinstance(block, MapNode) else ()
        for host in hosts:
            if not list(_known_hosts([str(host.value).replace("{tenant}", "t")])):
                message = f"{quoted(str(host.value))} is not a host"
                hint = "write HOST or HOST:PORT, without https://; another alphabet as xn--…"
                yield Finding("E0205", message, place=host.place, hint=hint)


def _entries(node: Node | None) -> tuple[Scalar, ...]:
    """Return the values of a list; none for any other node."""
    items = node.items if isinstance(node, ListNode) else ()
    return tuple(item for item in items if isinstance(item, Scalar))


def _known_hosts(texts: Iterable[str]) -> Iterator[str]:
    for host in texts:
        found = host_and_port(f"https://{host}") if "/" not in host and "?" not in host else None
        if found is not None:
            yield found


def _root_of(prefix: str) -> Root:
    """Return the folder of a prefix, limited to the entries that it names."""
    if prefix.endswith("/"):
        return Root(prefix.rstrip("/") or "/")
    folder, _, name = prefix.rpartition("/")
    is_exact = name[-1:].isalnum()
    return Root(folder or "/", entry=name if is_exact else "", begins="" if is_exact else name)


def describe_walls(tenants: Sequence[str], root: Path) -> str:
    """Return in a line what stands between these tenants: the operator's file, or their trust."""
    named = os.environ.get(VARIABLE)
    if named:
        return f"the operator's file {named} says what each tenant may use"
    count = len(tenants)
    if count == 1:
        return f"no operator's file: {tenants[0]} may use every secret and account of this process"
    return (
        f"no operator's file: the {count} tenants of {root} trust each other, and may use every secret "
        "and account of this process"
    )
