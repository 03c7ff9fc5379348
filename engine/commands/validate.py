"""What `erpmap validate` does: checks the mappings of a tenant, or of all."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

from ..orders.report.findings import FORMATS
from .exit import FINDINGS
from .output.terminal import print_data, print_validation
from .tenants import load_named_tenant, select_tenants


def validate_tenants(root: Path, tenant: str | None, form: str, *, is_strict: bool) -> NoReturn:
    """Print every finding of a tenant, or of all, and exit: 1 when one of them cannot run.

    A strict validation exits with 1 for warnings too.
    """
    loaded = [load_named_tenant(root, name) for name in select_tenants(root, tenant)]
    if form == "human":
        print_validation(loaded, is_strict=is_strict)
    else:
        print_data(FORMATS[form]([finding for it in loaded for finding in it.findings]))
    failed = any(not it.ok or (is_strict and it.findings) for it in loaded)
    sys.exit(FINDINGS if failed else 0)
