"""The limits in mappings/README.md are those of the code."""

from __future__ import annotations

import re

from conftest import ROOT

from engine.language.budget import STEPS_PER_ORDER
from engine.language.functions.values import MAX_LIST, MAX_TEXT
from engine.mapping.files.compose import MAX_NODES
from engine.mapping.files.folder import MAX_LOOKUP_BYTES, MAX_SCHEMA_BYTES
from engine.mapping.files.parse_yaml import MAX_BYTES
from engine.mapping.files.source_texts import MAX_WEIGHT
from engine.mapping.load import MAX_MAPPINGS
from engine.mapping.lookups.table import MAX_ROWS
from engine.mapping.plan.selection.graphql_types import MOST
from engine.mapping.record_schemas.schema_form import MAX_LISTED, MAX_PATHS

LIMITS = (
    STEPS_PER_ORDER, MAX_TEXT, MAX_LIST, MAX_BYTES, MAX_NODES, MAX_MAPPINGS, MAX_LOOKUP_BYTES, MAX_ROWS, MAX_WEIGHT,
    MAX_SCHEMA_BYTES, MOST["types"], MOST["fields and arguments"], MAX_PATHS, MAX_LISTED,
)  # fmt: skip


def test_the_limits_are_those_of_the_code() -> None:
    guide = (ROOT / "mappings/README.md").read_text(encoding="utf-8")
    section = guide.partition("## Limits\n")[2].partition("\n## ")[0]
    figures = re.findall(r"^\|[^|]+\| ([0-9,]+) \|", section, re.MULTILINE)
    assert [int(figure.replace(",", "")) for figure in figures] == list(LIMITS)
