"""A tenant's own JSON Schemas of NewStore's events and REST answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from ...documents import read_json
from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.errors import FindingsError, ReadError
from ..files.folder import MAX_SCHEMA_BYTES
from ..files.source_texts import Folder
from ..plan.tenant_schemas import PATH_KEY, Documents

EVENTS_FOLDER = "schemas/newstore/events"
ANSWERS_FOLDER = "schemas/newstore/rest"
_ENDING = ".schema.json"
_EVENT_FORM = "it is a JSON Schema of the payload, as in schemas/newstore/events of erpmap"
_ANSWER_FORM = (
    f'it is a JSON Schema of the answer with its path, as in "{PATH_KEY}": "/v0/orders/{{id}}"'
)


def read_newstore_documents(
    folder: Folder, tenant: str, wanted_by: Place | None
) -> tuple[Documents, tuple[Finding, ...]]:
    """Read the schemas of events and answers in a tenant's folder, and return the findings about them.

    E0101 to E0105 a file cannot be read, E05xx not JSON, E1009 not a schema of this use.
    """
    findings: list[Finding] = []
    events: dict[str, Mapping[str, object]] = {}
    answers: list[Mapping[str, object]] = []
    for where in (EVENTS_FOLDER, ANSWERS_FOLDER):
        for path in _list_files(folder, f"{tenant}/{where}"):
            is_event = where == EVENTS_FOLDER
            try:
                text = folder.read(path, wanted_by=wanted_by, limit=MAX_SCHEMA_BYTES)
                schema = _read_schema(text, is_event=is_event)
            except FindingsError as error:
                findings += error.findings
                continue
            if is_event:
                events[PurePosixPath(path).name.removesuffix(_ENDING)] = schema
            else:
                answers.append(schema)
    return Documents(events, tuple(answers)), tuple(findings)


def _list_files(folder: Folder, where: str) -> list[str]:
    beside = folder.names_beside(f"{where}/any{_ENDING}")
    return sorted(
        f"{where}/{PurePosixPath(each).name}" for each in beside if each.endswith(_ENDING)
    )


def _read_schema(text: SourceText, *, is_event: bool) -> Mapping[str, object]:
    schema = read_json(text)
    known = schema if isinstance(schema, Mapping) else {}
    has_path = is_event or isinstance(known.get(PATH_KEY), str)
    if isinstance(known.get("properties"), Mapping) and has_path:
        return known
    what = "the payload of an event" if is_event else "an answer"
    message = f"this is no schema of {what}"
    hint = _EVENT_FORM if is_event else _ANSWER_FORM
    finding = Finding("E1009", message, Place(text), hint=hint)
    raise ReadError(f"{text.name} cannot be used", [finding])
