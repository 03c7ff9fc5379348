"""The files of a tenant are bounded together, each as often as it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.findings.diagnostics import SourceText
from engine.findings.errors import ReadError
from engine.mapping.files.folder import MAX_LOOKUP_BYTES
from engine.mapping.files.source_texts import KeptFolder, RecordingFolder
from engine.mapping.load import load_tenant, open_folder


@pytest.mark.parametrize(
    ("content", "times"),
    [("x" * 5_000_000, 10), ("k,v\n" + "1,1\n" * 99_999, 5)],
    ids=["characters", "short rows"],
)
def test_twenty_lookups_on_one_table_are_too_many(content: str, times: int) -> None:
    folder = RecordingFolder(KeptFolder({"t/x.csv": SourceText("t/x.csv", content)}))
    for _ in range(times):
        folder.read("t/x.csv", limit=MAX_LOOKUP_BYTES)
    with pytest.raises(ReadError) as caught:
        folder.read("t/x.csv", limit=MAX_LOOKUP_BYTES)
    (finding,) = caught.value.findings
    assert finding.code == "E0104"
    assert "50,000,000 characters, or 500,000 rows" in finding.message


def test_a_hundred_large_mappings_are_too_many(tmp_path: Path) -> None:
    """One large file that many mappings extend counts for each of them."""
    names = [f"m{number}" for number in range(100)]
    tenant = f"erpmap: 1\ntenant: t\nmappings: [{', '.join(names)}]\n"
    files = {"tenant.yaml": tenant, "large.yaml": "erpmap: 1\nsummary: " + "x" * 450_000 + "\n"}
    files |= {f"{name}.yaml": "erpmap: 1\nextends: large\n" for name in names}
    (tmp_path / "t").mkdir()
    for name, content in files.items():
        (tmp_path / "t" / name).write_text(content)
    loaded = load_tenant(open_folder(tmp_path), "t")
    assert not loaded.ok
    too_many = [finding for finding in loaded.findings if finding.code == "E0104"]
    assert len(too_many) > 90  # the mappings that were not read any more
    assert all("3,000,000 characters" in finding.message for finding in too_many)
