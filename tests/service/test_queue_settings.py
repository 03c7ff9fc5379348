"""A queue that cannot be used as it is set: one sentence that says what to do, and the exit code."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from command import PATIENCE, erpmap
from conftest import ROOT
from postgres_server import database
from processes import environment
from sqs_server import SQS

QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/keys"
_WITHOUT = """
import sys
sys.modules["aiobotocore"] = None  # what an import of something not installed looks like
from cli import main
main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def journal() -> Iterator[str]:
    with database() as url:
        yield url


def told(journal: str, queue: str, environ: Mapping[str, str]) -> tuple[int, str]:
    """The exit code of a worker with these settings, and the last thing it says."""
    aws = {key: value for key, value in environ.items() if value}
    ended = erpmap("worker", "dodici", "--journal", journal, "--sqs", queue, variables=aws)
    return ended.returncode, ended.stderr.strip().splitlines()[-1]


@contextmanager
def refusing(code: str) -> Iterator[str]:
    """The address of an SQS that refuses everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps({"__type": f"com.amazonaws.sqs#{code}", "message": "hush-hush"})
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_what_aws_has_to_be_told(journal: str) -> None:
    with SQS() as sqs:
        environ = dict(sqs.environ)
        missing = told(journal, sqs.url.replace("keys", "kyes"), environ)
        place = told(journal, sqs.url, {**environ, "AWS_DEFAULT_REGION": ""})
    assert missing[0] == place[0] == 1
    assert "there is no queue" in missing[1]
    assert place[1].endswith("none is given; set AWS_DEFAULT_REGION")
    keys = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    nobody = told(journal, QUEUE, {**environ, **keys, "AWS_ENDPOINT_URL_SQS": ""})
    assert nobody[0] == 1
    assert "no credentials for AWS; give credentials" in nobody[1]
    with refusing("AccessDenied") as address:
        code, words = told(journal, QUEUE, {**environ, "AWS_ENDPOINT_URL_SQS": address})
    assert code == 1
    assert "AccessDenied; allow sqs:SendMessage" in words
    assert "hush-hush" not in words


def test_what_is_seen_without_asking_aws(journal: str) -> None:
    seen = (
        (journal, "keys", "write https://sqs."),
        (journal, f"{QUEUE}.fifo", "use a standard queue"),
        ("sqlite:////tmp/erpmap-none/j.db", QUEUE, "needs a journal on PostgreSQL"),
    )
    for url, queue, words in seen:
        code, last = told(url, queue, {})
        assert code == 2
        assert words in last


def test_what_is_not_installed(journal: str) -> None:
    options = ("worker", "dodici", "--journal", journal, "--sqs", QUEUE)
    ended = subprocess.run(
        [sys.executable, "-c", _WITHOUT, *options],
        capture_output=True,
        cwd=ROOT,
        env=environment(),
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.decode().endswith("Error: SQS needs an extra: pip install 'erpmap[sqs]'\n")
