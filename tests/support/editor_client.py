"""An editor: a JSON-RPC client that drives `erpmap lsp` over stdin and stdout."""

from __future__ import annotations

import json
import os
import queue
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from conftest import ROOT
from processes import environment, start

# Seconds after which an answer does not come any more; another process may hold the machine.
LONGEST = 60.0


class RefusedRequestError(Exception):
    """An error that the server has answered: its code, and its words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


def copy_mappings(folder: Path) -> Path:
    """The shipped mappings, without their cases, in a folder that a test may change."""
    ignored = shutil.ignore_patterns("cases")
    return Path(shutil.copytree(ROOT / "mappings", folder / "mappings", ignore=ignored))


class Editor:
    """A running server and what it has sent; addresses are made from paths below `root`."""

    def __init__(
        self,
        root: Path,
        *arguments: str,
        options: Any = None,
        encodings: Sequence[str] = ("utf-16",),
    ) -> None:
        self.root = root
        self.log: list[bytes] = []
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self._answers: dict[int, dict[str, Any]] = {}
        self._arrived = threading.Condition()
        self._ids = iter(range(1, 10**9))
        self._versions: dict[str, int] = {}
        self.notified: queue.Queue[dict[str, Any]] = queue.Queue()
        (read, given), (out, written), (err, said) = os.pipe(), os.pipe(), os.pipe()
        try:
            self.process = start(
                *arguments, "lsp", env=environment(), streams=(read, written, said)
            )
        finally:
            for descriptor in (read, written, said):
                os.close(descriptor)
        self.stdin, self._stdout, self._stderr = (
            os.fdopen(given, "wb"),
            os.fdopen(out, "rb"),
            os.fdopen(err, "rb"),
        )
        self._threads = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._read_log, daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        self.capabilities = self.ask(
            "initialize",
            {
                "processId": None,
                "rootUri": root.as_uri(),
                "capabilities": {
                    "general": {"positionEncodings": list(encodings)},
                    "textDocument": {"rename": {"prepareSupport": True}},
                },
                "initializationOptions": options,
            },
        )["capabilities"]
        self.tell("initialized", {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None and kind is None:
            self.ask("shutdown", None)
            self.tell("exit", None)
            self.process.wait(LONGEST)
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(LONGEST)
        for stream in (self.stdin, self._stdout, self._stderr):
            stream.close()

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    def tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        """Return the result; raise RefusedRequestError for an error, fail when the server has ended."""
        number = next(self._ids)
        self._send({"id": number, "method": method, "params": params})
        with self._arrived:
            came = self._arrived.wait_for(
                lambda: number in self._answers or self.process.poll() is not None, LONGEST
            )
        assert came, f"no answer to {method}: {self.said()}"
        assert number in self._answers, f"the server has ended: {self.said()}"
        answer = self._answers.pop(number)
        if "error" in answer:
            raise RefusedRequestError(answer["error"]["code"], answer["error"]["message"])
        return answer["result"]

    def open(self, path: str, text: str | None = None) -> None:
        """Open a document, with the text of the file by default."""
        if text is None:
            text = (self.root / path).read_text(encoding="utf-8")
        self._versions[path] = 1
        document = {"uri": self.uri(path), "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def change(self, path: str, text: str) -> None:
        self._versions[path] += 1
        document = {"uri": self.uri(path), "version": self._versions[path]}
        self.tell(
            "textDocument/didChange",
            {"textDocument": document, "contentChanges": [{"text": text}]},
        )

    def close(self, path: str) -> None:
        self.tell("textDocument/didClose", {"textDocument": {"uri": self.uri(path)}})

    def at(self, path: str, line: int, character: int) -> dict[str, Any]:
        """The parameters of a request about a position; both count from 0."""
        return {
            "textDocument": {"uri": self.uri(path)},
            "position": {"line": line, "character": character},
        }

    def checked(self) -> None:
        """Wait until all that was typed is checked and its diagnostics are here."""
        self.ask("erpmap/checked", None)

    def found(self, path: str) -> list[dict[str, Any]]:
        """The diagnostics of a file, after all checks."""
        self.checked()
        return self.diagnostics.get(self.uri(path), [])

    def codes(self, path: str) -> list[str]:
        return [each["code"] for each in self.found(path)]

    def said(self) -> str:
        """What the server has written to stderr."""
        return b"".join(self.log).decode()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.stdin.flush()

    def _read(self) -> None:
        stream = self._stdout
        while True:
            length = 0
            while (line := stream.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            body = stream.read(length)
            if not body:
                break
            self._take(json.loads(body))
        with self._arrived:
            self._arrived.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        with self._arrived:
            if "id" in message and "method" not in message:
                self._answers[message["id"]] = message
            elif message.get("method") == "textDocument/publishDiagnostics":
                params = message["params"]
                self.diagnostics[params["uri"]] = params["diagnostics"]
                self.notified.put(params)
            self._arrived.notify_all()

    def _read_log(self) -> None:
        self.log.extend(iter(self._stderr.readline, b""))
