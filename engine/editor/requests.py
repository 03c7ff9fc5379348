"""The requests of an editor about a position, answered from the views of the tenants that its file matters to."""

from __future__ import annotations

from pathlib import PurePosixPath

from lsprotocol import types

from .completion import complete
from .cursor import locate_cursor
from .mappings import facts_of
from .session import Session


def complete_at(session: Session, params: types.CompletionParams) -> types.CompletionList:
    """Return what may be written at a position."""
    nothing = types.CompletionList(is_incomplete=False, items=[])
    file = session.find(params.text_document.uri)
    text = None if file is None else file.text
    if file is None or text is None or not file.path.endswith((".yaml", ".yml")):
        return nothing
    cursor = locate_cursor(text.content, session.ranges.offset_at(text, params.position))
    if cursor is None:
        return nothing
    facts = facts_of(file.mappings.views.values(), file.path)
    files = file.mappings.list_files(PurePosixPath(file.path).parts[0])
    return types.CompletionList(is_incomplete=False, items=complete(file.path, cursor, facts, files))
