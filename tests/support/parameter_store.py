"""The parameters of an AWS account, on a server on loopback that speaks as Systems Manager does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from engine.wire.parameter_store import ParameterStore

SECRET = "hush-hush"


class Store:
    """The parameters of an account by name; `asked` are the requests."""

    def __init__(self, **parameters: str) -> None:
        self.parameters = parameters
        self.asked: list[dict[str, object]] = []
        self.trouble: tuple[int, str] | None = None

    def answer(self, request: dict[str, object]) -> tuple[int, dict[str, object]]:
        self.asked.append(request)
        name = str(request["Name"])
        if self.trouble is not None:
            return self.trouble[0], {"__type": self.trouble[1], "message": SECRET}
        if name not in self.parameters:
            return 400, {"__type": "ParameterNotFound"}
        value = self.parameters[name]
        return 200, {"Parameter": {"Name": name, "Type": "SecureString", "Value": value}}


@contextmanager
def served(store: Store, *, trust_env: bool = False) -> Iterator[ParameterStore]:
    """A client of a server that has these parameters."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["X-Amz-Target"] == "AmazonSSM.GetParameter"
            length = int(self.headers["Content-Length"])
            status, answer = store.answer(json.loads(self.rfile.read(length)))
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    parameters = client_of(server.server_port, trust_env=trust_env)
    try:
        yield parameters
    finally:
        parameters.close()
        server.shutdown()
        thread.join()
        server.server_close()


def client_of(port: int, *, trust_env: bool = False, **options: object) -> ParameterStore:
    access = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    where = {"endpoint_url": f"http://127.0.0.1:{port}", "region_name": "eu-west-1"}
    return ParameterStore(trust_env=trust_env, **{**access, **where, **options})
