"""Writes the folder of a new tenant: files, cases with their outcomes, all or nothing."""

from __future__ import annotations

from pathlib import Path

from ...documents import write_json
from ...findings.errors import ErpmapError, FindingsError
from ...mapping.editor_schemas import FILE_SCHEMAS, format_schema
from ...mapping.load import LoadedTenant, load_tenant, open_folder
from ...orders.cases import find_cases, run_case, update_expectation
from ...orders.samples.sample_orders import SampleWish
from ...simulator.account_schema import account_schema
from ..new_folder import new_folder
from ..recorded_lookups import read_recorded_lookups
from ..sample.sample import sample_tenant, write_order
from .answers import CompleteAnswers
from .readme import write_readme
from .tenant_texts import write_tenant_files

# A day of its own, on which `erpmap sample` makes no orders unless it is named.
_CASES = SampleWish(count=3, day="2026-11-02", seed=0)
_SCHEMAS = "../../schemas"
_OWN_SCHEMAS = "editor"


def write_tenant(root: Path, tenant: str, complete: CompleteAnswers) -> None:
    """Write the tenant's folder below `root`; it appears when it validates without a finding.

    Raise FindingsError for what does not validate, ErpmapError for what does not render, OSError.
    """
    is_checkout = (root.parent / "schemas" / "tenant.schema.json").is_file()
    schemas = _SCHEMAS if is_checkout else _OWN_SCHEMAS
    with new_folder(root / tenant) as draft:
        texts = write_tenant_files(tenant, complete.answers, schemas)
        texts["README.md"] = write_readme(tenant, complete)
        texts |= {} if is_checkout else _write_schemas()
        texts["cases/lookups/item.json"] = _write_items(complete)
        for name, text in texts.items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        _write_cases(draft.parent, tenant, root.name)


def _write_schemas() -> dict[str, str]:
    """Return the schemas that the files' first lines refer to."""
    schemas = {name: FILE_SCHEMAS[name]() for name in ("tenant", "mapping")}
    schemas["simulator"] = account_schema()
    return {
        f"{_OWN_SCHEMAS}/{name}.schema.json": format_schema(schema)
        for name, schema in schemas.items()
    }


def _write_items(complete: CompleteAnswers) -> str:
    goods = complete.answers["goods"]
    return write_json({sku: str(found) for sku, found in goods.items()}, indent=2) + "\n"


def _write_cases(root: Path, tenant: str, shown_as: str) -> None:
    """Sample orders with the draft, and write each with its outcome. Raise FindingsError, ErpmapError."""
    loaded = _load(root, tenant, shown_as)
    cases = root / tenant / "cases"
    for order in sample_tenant(root, tenant, loaded.plans, _CASES):
        name = order.name.partition("-")[2]
        is_taken = (cases / name).exists()
        write_order(cases / (f"{name}-{order.name[:4].lstrip('0')}" if is_taken else name), order)
    shared = read_recorded_lookups(root, tenant, (), "human")
    for name, folder in find_cases(cases):
        result = run_case(name, folder, loaded.plans, shared)
        if result.file != "payloads.json":
            raise ErpmapError(f"the case {name} is not rendered: {result.actual}")
        update_expectation(result)


def _load(root: Path, tenant: str, shown_as: str) -> LoadedTenant:
    loaded = load_tenant(open_folder(root, shown_as), tenant)
    if loaded.findings:
        raise FindingsError(f"the new tenant {tenant} does not validate", loaded.findings)
    return loaded
