"""Adds what is new to the files of a tenant that exists; hand edits and comments stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...findings.diagnostics import SourceText, TextEdit, apply_edits
from ...findings.errors import FindingsError, ReadError
from ...mapping.files.nodes import ListNode, MapNode, Node, as_data
from ...mapping.files.parse_yaml import MAX_BYTES, read_yaml
from ...mapping.files.source_texts import KeptFolder
from ...mapping.load import TENANT_FILE, load_tenant
from ...simulator.tenants import ACCOUNT_FILE
from ..file_changes import FileChange, OriginalFile, read_original
from .answers import ANY, Answers, CompleteAnswers, list_payment_key
from .insert_entries import append_lines, append_rows, insert_into_list, insert_into_map
from .readme import describe_made_up, list_made_up
from .tenant_on_disk import ITEM_ANSWERS, ExistingTenant
from .tenant_texts import (
    COLUMNS,
    LEVELS,
    LOCATIONS,
    PAYMENTS,
    list_account_entries,
    list_location,
    list_payment,
)
from .yaml_text import write_flow

_README = "README.md"
_PAYMENT_COLUMNS = ("method", "provider", "currency", "item")


@dataclass(slots=True)
class Extension:
    """The changes that add what is new, what they add in words, and what a person has to add by hand."""

    changes: list[FileChange] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)


def extend_tenant(root: Path, existing: ExistingTenant, complete: CompleteAnswers) -> Extension:
    """Return the changes that add to a tenant what its files lack of the answers.

    Raise ReadError for a file that cannot be changed, FindingsError when the result would not load.
    """
    new = list_new(existing, complete)
    files = _Files(root, existing.loaded.name)
    extension = Extension(added=_name_new(new))
    for add in (_add_rows, _add_map_entries, _add_settings, _add_goods, _add_account, _add_readme):
        extension.by_hand += add(files, existing, complete, new)
    extension.changes = files.list_changes()
    _check(existing, files)
    return extension


def list_new(existing: ExistingTenant, complete: CompleteAnswers) -> Answers:
    """Return the entries of answers that the tenant lacks, without those that were assumed."""
    old, answers = existing.answers, complete.answers
    channels = {store["channel"] for store in old.get("stores", ())}
    payments = [_fold(each) for each in old.get("payments", ())]
    new: Answers = {
        "stores": [each for each in answers["stores"] if each["channel"] not in channels],
        "payments": [
            each for each in answers["payments"] if not _is_covered(_fold(each), payments)
        ],
        "gift_cards": [each for each in answers["gift_cards"] if each not in old["gift_cards"]],
    }
    for key in ("currencies", "service_levels", "items"):
        new[key] = _pick(answers[key], set(answers[key]) - set(old.get(key, {})))
    new["goods"] = _pick(answers["goods"], _list_new_goods(existing, answers))
    homes = {each["country"] for each in new["stores"]} | set(new["currencies"])
    for key in ("tax_codes", "tax_rates"):
        new[key] = _pick(answers.get(key) or {}, homes - set(old.get(key, {})))
    return {key: value for key, value in new.items() if value and key not in complete.assumed}


def _list_new_goods(existing: ExistingTenant, answers: Answers) -> set[str]:
    """Return the SKUs that the recorded answers lack; none where items are found otherwise."""
    if not any(live.name == "item" for plan in existing.loaded.plans for live in plan.live_lookups):
        return set()
    cards = {*answers["gift_cards"], *existing.answers["gift_cards"]}
    return set(answers["goods"]) - set(existing.answers.get("goods", {})) - cards


def _pick(entries: Mapping[str, Any], names: set[str]) -> Answers:
    return {name: value for name, value in entries.items() if name in names}


def _fold(payment: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(part.casefold() for part in list_payment_key(payment))


def _is_covered(wanted: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> bool:
    """Whether a row matches a payment; `*` in a row matches anything."""
    return any(
        all(cell in (ANY, part) for cell, part in zip(row, wanted, strict=True)) for row in rows
    )


def _name_new(new: Answers) -> list[str]:
    words = []
    for key, value in new.items():
        names = value if isinstance(value, list) else list(value)
        shown = [_name_entry(each) for each in names]
        more = f" and {len(shown) - 8} more" if len(shown) > 8 else ""
        words.append(f"{key.replace('_', ' ')}: {', '.join(shown[:8])}{more}")
    return words


def _name_entry(entry: object) -> str:
    if not isinstance(entry, Mapping):
        return str(entry)
    return str(entry["channel"]) if "channel" in entry else " ".join(list_payment_key(entry))


@dataclass(slots=True)
class _Files:
    """The files of a tenant's folder that are changed, each with its edits, by its path in the folder."""

    root: Path
    tenant: str
    originals: dict[str, OriginalFile] = field(default_factory=dict)
    edits: dict[str, list[TextEdit]] = field(default_factory=dict)

    def read(self, name: str) -> SourceText | None:
        """Return the text of a file; None where there is none."""
        if name not in self.originals:
            path = self.root / self.tenant / name
            if not path.is_file():
                return None
            self.originals[name] = read_original(path, self.root / self.tenant, MAX_BYTES)
        return self.originals[name].text

    def edit(self, name: str, edit: TextEdit, expected: Callable[[], object] | None = None) -> bool:
        """Add an edit; return False, without it, where the text would not hold what is expected."""
        edits = [*self.edits.get(name, ()), edit]
        if expected is not None:
            text = self.originals[name].text
            try:
                found = as_data(read_yaml(replace(text, content=apply_edits(text.content, edits))))
            except ReadError:
                return False
            if found != expected():
                return False
        self.edits[name] = edits
        return True

    def list_changes(self) -> list[FileChange]:
        """Return the change of each file."""
        return [self.originals[name].change(edits) for name, edits in self.edits.items()]

    def list_texts(self) -> dict[str, SourceText]:
        """Return the new texts by their paths below the folder of mappings."""
        texts = {}
        for name, edits in self.edits.items():
            text = self.originals[name].text
            texts[f"{self.tenant}/{name}"] = SourceText(text.name, apply_edits(text.content, edits))
        return texts


def _add_rows(
    files: _Files, _existing: ExistingTenant, complete: CompleteAnswers, new: Answers
) -> Iterator[str]:
    """Append rows to the CSV tables; yield those of tables in another form."""
    ids = complete.answers["subsidiaries"]
    stores = [{**each, "subsidiary": ids[each["subsidiary"]]} for each in new.get("stores", ())]
    rows: dict[str, list[dict[str, object]]] = {
        LOCATIONS: [dict(zip(COLUMNS, list_location(each), strict=True)) for each in stores],
        PAYMENTS: [
            dict(zip(_PAYMENT_COLUMNS, list_payment(each), strict=True))
            for each in new.get("payments", ())
        ],
        LEVELS: [
            {"service_level": level, "id": found}
            for level, found in new.get("service_levels", {}).items()
        ],
    }
    for name, added in rows.items():
        text = files.read(name) if added else None
        if text is not None:
            files.edit(name, append_rows(text, added))
        elif added:
            for row in added:
                yield f"{name} is no file of the tenant: add {write_flow(row)} to its table"


def _add_map_entries(
    files: _Files, existing: ExistingTenant, _complete: CompleteAnswers, new: Answers
) -> Iterator[str]:
    """Add currencies, tax codes and rates to the tables that mappings hold themselves."""
    included = existing.answers["tax"] == "included"
    wanted = {
        "currency": new.get("currencies", {}),
        "vat_code" if included else "tax_code": new.get("tax_codes", {}),
        "vat_rate": new.get("tax_rates", {}),
    }
    for lookup, entries in wanted.items():
        places = list(_find_tables(files, existing, lookup)) if entries else []
        for name, text, node in places:
            if not _add_to_map(files, name, text, node, ("lookups", lookup, "values"), entries):
                yield f"{name}: add {write_flow(entries)} to the lookup {lookup}"
        if entries and not places:
            yield f"no mapping of the tenant holds the lookup {lookup}: add {write_flow(entries)}"


def _find_tables(
    files: _Files, existing: ExistingTenant, lookup: str
) -> Iterator[tuple[str, SourceText, MapNode]]:
    prefix = f"{existing.loaded.name}/"
    for path in existing.loaded.texts:
        name = path.removeprefix(prefix)
        if not path.startswith(prefix) or not name.endswith(".yaml"):
            continue
        text = files.read(name)
        node = _find(read_yaml(text), "lookups", lookup, "values") if text is not None else None
        if text is not None and isinstance(node, MapNode) and node.entries:
            yield name, text, node


def _add_to_map(
    files: _Files,
    name: str,
    text: SourceText,
    node: MapNode,
    path: Sequence[str],
    entries: Mapping[str, object],
) -> bool:
    def expected() -> object:
        data = _read_present(files, name)
        _dig(data, path).update({key: _as_yaml(value) for key, value in entries.items()})
        return data

    return files.edit(name, insert_into_map(text, node, entries), expected)


def _add_settings(
    files: _Files, _existing: ExistingTenant, _complete: CompleteAnswers, new: Answers
) -> Iterator[str]:
    """Add items that new currencies need, and SKUs that are gift cards."""
    items = {f"{kind}_item": found for kind, found in new.get("items", {}).items()}
    cards = new.get("gift_cards", [])
    text = files.read(TENANT_FILE) if items or cards else None
    if text is None:
        return
    settings = _find(read_yaml(text), "settings")
    assert isinstance(settings, MapNode)
    if items and not _add_to_map(files, TENANT_FILE, text, settings, ("settings",), items):
        yield f"{TENANT_FILE}: add to settings: {write_flow(items)}"
    node = settings.get("gift_cards")

    def expected() -> object:
        data = _read_present(files, TENANT_FILE)
        _dig(data, ("settings", "gift_cards")).extend(cards)
        return data

    is_list = isinstance(node, ListNode) and bool(node.items)
    if cards and not (
        is_list
        and isinstance(node, ListNode)
        and files.edit(TENANT_FILE, insert_into_list(text, node, cards), expected)
    ):
        yield f"{TENANT_FILE}: add to settings: gift_cards: {write_flow(cards)}"


def _add_goods(
    files: _Files, _existing: ExistingTenant, _complete: CompleteAnswers, new: Answers
) -> Iterator[str]:
    goods = new.get("goods")
    name = ITEM_ANSWERS.as_posix()
    text = files.read(name) if goods else None
    node = read_yaml(text) if text is not None else None
    if text is None or not isinstance(node, MapNode) or not node.entries or not goods:
        return

    def expected() -> object:
        data: Any = _read_present(files, name)
        data.update({sku: str(found) for sku, found in goods.items()})
        return data

    if not files.edit(name, insert_into_map(text, node, goods, is_json=True), expected):
        yield f"{name}: add the SKUs {', '.join(goods)}"


def _add_account(
    files: _Files, existing: ExistingTenant, complete: CompleteAnswers, new: Answers
) -> Iterator[str]:
    """Add to the simulated account what it lacks, by id."""
    text = files.read(ACCOUNT_FILE) if new else None
    if text is None:
        return
    node = read_yaml(text)
    keys = ("stores", "payments", "currencies", "service_levels", "goods", "items", "tax_codes")
    added = {
        **complete.answers,
        **{key: [] if key in ("stores", "payments") else {} for key in keys},
        **new,
    }
    for name, entries in list_account_entries(added).items():
        known = {str(entry.get("id")) for entry in existing.account.get(name) or ()}
        missing = [entry for entry in entries if str(entry["id"]) not in known]
        if missing and not _add_to_list(files, text, node, name, missing):
            yield f"{ACCOUNT_FILE}: add to {name}: {write_flow(missing)}"


def _add_to_list(
    files: _Files, text: SourceText, root: Node, name: str, entries: Sequence[Answers]
) -> bool:
    node = _find(root, name)

    def expected() -> object:
        data: Any = _read_present(files, ACCOUNT_FILE)
        data.setdefault(name, []).extend(_as_yaml(entry) for entry in entries)
        return data

    if node is None:
        lines = [f"{name}:", *(f"  - {write_flow(entry)}" for entry in entries)]
        return files.edit(ACCOUNT_FILE, append_lines(text, lines), expected)
    if not isinstance(node, ListNode) or not node.items:
        return False
    return files.edit(ACCOUNT_FILE, insert_into_list(text, node, entries), expected)


def _add_readme(
    files: _Files, _existing: ExistingTenant, complete: CompleteAnswers, new: Answers
) -> Iterator[str]:
    """Add the ids that are made up to the list of what is left to do."""
    names = {name for value in new.values() for name in map(_name_entry, value)}
    made_up = [each for each in complete.made_up if each[1] in names]
    text = files.read(_README) if made_up else None
    if text is not None:
        lines = "\n".join(list_made_up(made_up)).split("\n")
        files.edit(_README, append_lines(text, lines))
    else:
        yield from describe_made_up(made_up)


def _check(existing: ExistingTenant, files: _Files) -> None:
    """Raise FindingsError when the tenant would not load with the changes."""
    texts = {**existing.loaded.texts, **files.list_texts()}
    loaded = load_tenant(KeptFolder(texts), existing.loaded.name, with_snapshots=False)
    if not loaded.ok:
        raise FindingsError("what is new does not fit the tenant's mappings", loaded.findings)


def _find(node: Node | None, *path: str) -> Node | None:
    for key in path:
        node = node.get(key) if isinstance(node, MapNode) else None
    return node


def _dig(data: Any, path: Sequence[str]) -> Any:
    for key in path:
        data = data[key]
    return data


def _read_present(files: _Files, name: str) -> Any:
    """Return the data of a file with the edits so far."""
    text = files.originals[name].text
    content = apply_edits(text.content, files.edits.get(name, ()))
    return as_data(read_yaml(replace(text, content=content)))


def _as_yaml(value: object) -> object:
    """Return a value as it is read back from what is written of it."""
    node = read_yaml(SourceText("value", f"value: {write_flow(value)}\n"))
    data = as_data(node)
    assert isinstance(data, dict)
    return data["value"]
