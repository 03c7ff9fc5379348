"""What `erpmap lsp` says where the extra `editor` is not installed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import ROOT
from processes import environment

PROGRAM = "import sys\nsys.modules[sys.argv[1]] = None\nfrom cli import main\nmain(['lsp'])"


@pytest.mark.parametrize("missing", ["pygls", "lsprotocol"])
def test_a_missing_package_is_named_with_what_to_do(missing: str) -> None:
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM, missing],
        capture_output=True, text=True, check=False, cwd=ROOT, env=environment(),
    )  # fmt: skip
    assert process.returncode == 1
    words = f"the language server needs {missing}: pip install 'erpmap[editor]'"
    assert process.stderr == f"Error: {words}\n"
