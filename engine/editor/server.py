"""The language server: requests of an editor over stdin, answers over stdout. Needs the extra `editor`."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from .guard import guard
from .paths import path_of
from .ranges import Ranges
from .requests import (
    complete_at,
    define_at,
    fix_at,
    hover_at,
    outline,
    prepare_rename_at,
    refer_at,
    rename_at,
)
from .session import EditorSession

_NAME = "erpmap"
# A check makes some 100,000 objects, of which few are in circles.
_ROUNDS = (100_000, 20, 20)
# A request of our own: it is answered when all that was typed is checked.
_CHECKED = "erpmap/checked"


def serve_editor(version: str, root: Path | None) -> None:
    """Serve an editor until it says `exit`, or closes the connection.

    `root` is the mappings folder, where the command names one; the editor's settings may name another.
    """
    # What goes wrong between the editor and us is answered or guarded; its log would be tracebacks.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    spare_the_collector()
    create_server(version, root).start_io()


def spare_the_collector() -> None:
    """Take what was imported out of the collector's rounds: each would be a tenth of a second after a key."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_ROUNDS)


def create_server(version: str, root: Path | None = None) -> LanguageServer:
    """Return a server with all its handlers, each guarded."""
    server = LanguageServer(_NAME, version, types.TextDocumentSyncKind.Full)
    session = EditorSession(server.text_document_publish_diagnostics)
    session.root = None if root is None else root.absolute()
    handlers: dict[str, Callable[[Any], Any]] = {
        types.INITIALIZE: lambda params: _initialize(server, session, params),
        types.SHUTDOWN: lambda *_: session.stop(),
        types.TEXT_DOCUMENT_DID_OPEN: lambda params: session.set_text(
            params.text_document.uri, params.text_document.text
        ),
        types.TEXT_DOCUMENT_DID_CHANGE: lambda params: session.set_text(
            params.text_document.uri,
            server.workspace.get_text_document(params.text_document.uri).source,
        ),
        types.TEXT_DOCUMENT_DID_SAVE: lambda params: session.changed_on_disk(
            [params.text_document.uri]
        ),
        types.TEXT_DOCUMENT_DID_CLOSE: lambda params: session.close(params.text_document.uri),
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES: lambda params: session.changed_on_disk(
            change.uri for change in params.changes
        ),
    }
    for method, answer in _ANSWERS.items():
        handlers[method] = partial(answer, session)

    async def wait(_params: Any) -> None:
        await session.wait()

    server.feature(_CHECKED)(wait)
    for method, handler in handlers.items():
        server.feature(method, _OPTIONS.get(method))(guard(handler, method))
    return server


_ANSWERS: dict[str, Callable[[EditorSession, Any], Any]] = {
    types.TEXT_DOCUMENT_COMPLETION: complete_at,
    types.TEXT_DOCUMENT_HOVER: hover_at,
    types.TEXT_DOCUMENT_DEFINITION: define_at,
    types.TEXT_DOCUMENT_REFERENCES: refer_at,
    types.TEXT_DOCUMENT_PREPARE_RENAME: prepare_rename_at,
    types.TEXT_DOCUMENT_RENAME: rename_at,
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: outline,
    types.TEXT_DOCUMENT_CODE_ACTION: fix_at,
}
_OPTIONS: dict[str, Any] = {
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions([types.CodeActionKind.QuickFix]),
    types.TEXT_DOCUMENT_COMPLETION: types.CompletionOptions(
        trigger_characters=[".", "|", "'", '"', " ", "[", "?", "&", "{"]
    ),
}


def _initialize(
    server: LanguageServer, session: EditorSession, params: types.InitializeParams
) -> None:
    """Take the unit of columns, and the mappings folder that the editor's settings name."""
    encoding = server.workspace.position_encoding
    session.ranges = Ranges(str(getattr(encoding, "value", encoding)))
    options = params.initialization_options
    named = options.get("mappings") if isinstance(options, dict) else None
    if isinstance(named, str) and named:
        above = path_of(params.root_uri) if params.root_uri else None
        session.root = (above or Path.cwd()) / named
