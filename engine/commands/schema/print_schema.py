"""What `erpmap schema mapping` and its neighbours do: print the JSON Schema of a kind of our files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...mapping.editor_schemas import FILE_SCHEMAS, format_schema
from ...mapping.files.grammar import Schema
from ...simulator.account_schema import account_schema
from ..new.answers_schema import answers_schema
from ..output.terminal import print_data

SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    **FILE_SCHEMAS,
    "simulator": account_schema,
    "answers": answers_schema,
}


def print_schema(kind: str) -> None:
    """Print the schema of a kind of files, such as `mapping`."""
    print_data(format_schema(SCHEMAS[kind]()))
