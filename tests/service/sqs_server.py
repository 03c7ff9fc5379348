"""A queue for a test at moto's SQS, in a process that is killed and started again; loopback alone."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from botocore.config import Config
from botocore.session import get_session
from waiting import until

_SCRIPT = Path(__file__).with_name("sqs_process.py")
_PLACE = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "of-a-test",
    "AWS_SECRET_ACCESS_KEY": "of-a-test",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


class SQS:
    """`with SQS() as sqs`: `environ` is what lets a program use the queue at `url`."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        address = f"http://127.0.0.1:{self.port}"
        self.url = f"{address}/123456789012/keys"
        self.environ: Mapping[str, str] = {**_PLACE, "AWS_ENDPOINT_URL_SQS": address}
        # Nothing of this machine's own settings counts.
        self.client: Any = get_session().create_client(
            "sqs",
            endpoint_url=address,
            region_name=_PLACE["AWS_DEFAULT_REGION"],
            aws_access_key_id="of-a-test",
            aws_secret_access_key="of-a-test",
            config=Config(proxies={}),
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        self.client.close()

    def start(self) -> None:
        """Start it with an empty queue: it remembers nothing."""
        command = [sys.executable, str(_SCRIPT), str(self.port)]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until(self._answers, "moto does not answer")
        self.client.create_queue(QueueName="keys")

    def kill(self) -> None:
        """Kill it, with all messages."""
        self.process.kill()
        self.process.wait()

    def put(self, *bodies: str) -> None:
        """Messages of somebody else."""
        for body in bodies:
            self.client.send_message(QueueUrl=self.url, MessageBody=body)

    def left(self) -> int:
        """How many messages it has, those received and not deleted among them."""
        seen = self._number("ApproximateNumberOfMessages")
        return seen + self._number("ApproximateNumberOfMessagesNotVisible")

    def _number(self, name: str) -> int:
        answer = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])
        return int(answer["Attributes"][name])

    def counts(self) -> Mapping[str, int]:
        """How often it was asked for what since it was started."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/counts")
            counts: Mapping[str, int] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return counts

    def _answers(self) -> bool:
        assert self.process.poll() is None, "moto has ended"
        try:
            return self.counts() is not None
        except (OSError, http.client.HTTPException):
            return False
