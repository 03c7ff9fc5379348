"""The requests of an editor about a position, answered from the views of the tenants that its file matters to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from lsprotocol import types

from ..findings.diagnostics import Place
from .completion import complete
from .cursor import locate_cursor
from .fixes import list_fixes
from .hover import explain_spot
from .mappings import facts_of
from .occurrences import Spot, find_occurrences, find_spot
from .outline import list_outline
from .paths import real_file, uri_of
from .ranges import Ranges
from .rename import find_renamed, rename_symbol
from .session import EditorSession, OpenFile
from .targets import find_targets

_YAML = (".yaml", ".yml")
# The requests about a position.
Positioned = (
    types.HoverParams
    | types.DefinitionParams
    | types.ReferenceParams
    | types.RenameParams
    | types.PrepareRenameParams
)


def complete_at(session: EditorSession, params: types.CompletionParams) -> types.CompletionList:
    """Return what may be written at a position."""
    nothing = types.CompletionList(is_incomplete=False, items=[])
    file = _find(session, params.text_document.uri)
    text = None if file is None else file.text
    if file is None or text is None:
        return nothing
    cursor = locate_cursor(text.content, session.ranges.offset_at(text, params.position))
    if cursor is None:
        return nothing
    facts = facts_of(file.mappings.views.values(), file.path)
    files = file.mappings.list_files(PurePosixPath(file.path).parts[0])
    items = complete(file.path, cursor, facts, files)
    return types.CompletionList(is_incomplete=False, items=items)


def hover_at(session: EditorSession, params: types.HoverParams) -> types.Hover | None:
    """Return what is known of the word at a position."""
    found = _find_spot(session, params)
    if found is None:
        return None
    file, spot = found
    facts = facts_of(file.mappings.views.values(), file.path)
    words = explain_spot(spot, file.path, facts)
    if words is None:
        return None
    content = types.MarkupContent(types.MarkupKind.Markdown, words)
    return types.Hover(content, session.ranges.range_of(spot.place))


def define_at(session: EditorSession, params: types.DefinitionParams) -> list[types.Location]:
    """Return where what is named at a position is defined."""
    found = _find_spot(session, params)
    if found is None:
        return []
    file, spot = found
    places = find_targets(file.mappings, file.path, spot)
    return list(_locate(places, file.mappings.root, session.ranges))


def refer_at(session: EditorSession, params: types.ReferenceParams) -> list[types.Location]:
    """Return where the name at a position is written."""
    found = _find_spot(session, params)
    symbol = None if found is None else found[1].symbol
    if found is None or symbol is None:
        return []
    file = found[0]
    places = [
        each.place
        for each in find_occurrences(file.mappings, file.path, symbol)
        if params.context.include_declaration or not each.is_definition
    ]
    return list(_locate(places, file.mappings.root, session.ranges))


def prepare_rename_at(
    session: EditorSession, params: types.PrepareRenameParams
) -> types.Range | None:
    """Return the range of the name at a position. Raise RenameRefusedError where none can be changed."""
    found = _find_spot(session, params)
    if found is None:
        return None
    find_renamed(found[1])
    return session.ranges.range_of(found[1].place)


def rename_at(session: EditorSession, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """Return the edits that give the name at a position another one. Raise RenameRefusedError."""
    found = _find_spot(session, params)
    if found is None:
        return None
    file, spot = found
    places = rename_symbol(file.mappings, file.path, find_renamed(spot), params.new_name)
    changes: dict[str, list[types.TextEdit]] = {}
    for location in _locate(places, file.mappings.root, session.ranges):
        edit = types.TextEdit(location.range, params.new_name)
        changes.setdefault(location.uri, []).append(edit)
    return types.WorkspaceEdit(changes)


def outline(
    session: EditorSession, params: types.DocumentSymbolParams
) -> list[types.DocumentSymbol]:
    """Return the outline of a file; nothing while it is no YAML."""
    file = _find(session, params.text_document.uri)
    root = None if file is None else file.mappings.parsed(file.path)
    return [] if root is None else list_outline(root, session.ranges)


def fix_at(session: EditorSession, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Return the corrections of the findings in a range."""
    file = session.find(params.text_document.uri)
    if file is None:
        return []
    findings = [finding for view in file.views for finding in view.loaded.findings]
    uri = uri_of(real_file(file.path, file.mappings.root))
    fixes = list_fixes(findings, file.mappings.root, session.ranges, uri, params.range)
    unique = {(each.title, str(each.edit)): each for each in fixes}
    return list(unique.values())


def _find(session: EditorSession, uri: str) -> OpenFile | None:
    file = session.find(uri)
    return file if file is not None and file.path.endswith(_YAML) else None


def _find_spot(session: EditorSession, params: Positioned) -> tuple[OpenFile, Spot] | None:
    file = _find(session, params.text_document.uri)
    text = None if file is None else file.text
    if file is None or text is None:
        return None
    offset = session.ranges.offset_at(text, params.position)
    spot = find_spot(file.mappings, file.path, offset)
    return None if spot is None else (file, spot)


def _locate(places: Iterable[Place], root: Path, ranges: Ranges) -> Iterable[types.Location]:
    for place in places:
        yield types.Location(uri_of(real_file(place.text.name, root)), ranges.range_of(place))
