"""The client of SQS: sends, receives and deletes the keys of deliveries.

A message contains the key of a delivery and nothing else: its id in the journal, and its tenant. Errors
contain the codes of AWS, never text of a message.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import certifi
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's name
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from ...documents import read_json, write_json_bytes
from ...findings.diagnostics import SourceText
from ...findings.errors import QueueError, ReadError
from ...findings.quote import quoted, shortened

# Limits of AWS: messages in a request, and seconds by which a message can be delayed.
MAX_BATCH = 10
MAX_DELAY_SECONDS = 900
# Seconds that a request waits for messages.
_POLL_SECONDS = 20
# Longer than a delivery usually takes; a longer one is received twice, and not claimed the second time.
_HIDDEN_SECONDS = 300
_TIMES = {
    "connect_timeout": 5,
    "read_timeout": _POLL_SECONDS + 5,
    "retries": {"total_max_attempts": 2, "mode": "standard"},
}
_DEADLINE_SECONDS = 2.0 * _POLL_SECONDS
_REGION = re.compile(r"https?://sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/")
_ABSENT = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}
_BUSY = {"RequestThrottled", "ThrottlingException", "OverLimit", "KmsThrottled"}
_NO_ACCESS = {
    "ExpiredToken",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_ACCESS = "give credentials as for any program of AWS: a role, a profile, AWS_ACCESS_KEY_ID"
_ALLOW = "allow sqs:SendMessage, ReceiveMessage, DeleteMessage and GetQueueAttributes on the queue"
_PLACE = "its name, region and account have to be those that the credentials are for"
_SET_REGION = "set AWS_DEFAULT_REGION"
_ENDPOINT = "AWS_ENDPOINT_URL_SQS is a URL, or not set"
_VERSION = 1
_MAX_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """A delivery's id in the journal, and its tenant."""

    delivery: int
    tenant: str

    def text(self) -> str:
        """Return the body of its message."""
        document = {"erpmap": _VERSION, "tenant": self.tenant, "delivery": self.delivery}
        return write_json_bytes(document).decode()


@dataclass(frozen=True, slots=True)
class SqsMessage:
    """A received message: its id, the receipt that deletes it, and its key if erpmap sent it."""

    id: str
    receipt: str
    key: DeliveryKey | None


class SqsQueue:
    """A queue by its URL; use it inside `connected`. Every failure is raised as QueueError."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = get_session()
        # Proxies and certificates of the environment are not used.
        self._session.set_default_client_config(AioConfig(proxies={}))
        self._session.set_config_variable("ca_bundle", certifi.where())
        self._client: Any = None

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Connect a client during the block. Raise QueueError: no region, or an invalid profile."""
        # botocore's clients write their TLS keys to this file, and no option prevents it.
        os.environ.pop("SSLKEYLOGFILE", None)
        found = _REGION.match(self.url)
        region = {"region_name": found[1]} if found else {}
        with self._translate_errors():
            making = self._session.create_client("sqs", config=AioConfig(**_TIMES), **region)
            client = await making.__aenter__()
        try:
            self._client = client
            yield
        finally:
            self._client = None
            await making.__aexit__(None, None, None)

    async def check(self) -> None:
        """Raise QueueError unless the queue exists and may be used."""
        await self._request("get_queue_attributes", AttributeNames=["QueueArn"])

    async def send(self, keys: Sequence[tuple[DeliveryKey, int]]) -> None:
        """Send at most ten keys, each with its delay in seconds. After an error some may have been sent."""
        entries = [
            {"Id": str(at), "MessageBody": key.text(), "DelaySeconds": seconds}
            for at, (key, seconds) in enumerate(keys)
        ]
        answer = await self._request("send_message_batch", Entries=entries)
        if failed := answer.get("Failed"):
            code = shortened(str(failed[0].get("Code", "?")), 60)
            raise QueueError(f"SQS has refused {len(failed)} messages: {code}", is_away=True)

    async def receive(self, most: int) -> list[SqsMessage]:
        """Return at most ten messages, or none after a while."""
        answer = await self._request(
            "receive_message",
            MaxNumberOfMessages=min(most, MAX_BATCH),
            WaitTimeSeconds=_POLL_SECONDS,
            VisibilityTimeout=_HIDDEN_SECONDS,
        )
        return [
            SqsMessage(
                str(message["MessageId"]),
                str(message["ReceiptHandle"]),
                read_key(str(message["Body"])),
            )
            for message in answer.get("Messages") or ()
        ]

    async def delete(self, receipts: Sequence[str]) -> None:
        """Delete at most ten messages; one that cannot be deleted is gone, or is received again."""
        entries = [{"Id": str(at), "ReceiptHandle": receipt} for at, receipt in enumerate(receipts)]
        await self._request("delete_message_batch", Entries=entries)

    async def _request(self, operation: str, **arguments: object) -> Any:
        assert self._client is not None, "the queue is not open"
        with self._translate_errors():
            async with asyncio.timeout(_DEADLINE_SECONDS):
                return await getattr(self._client, operation)(QueueUrl=self.url, **arguments)

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Raise every error of the library as a QueueError with its words."""
        try:
            yield
        except ClientError as error:
            raise _error_of_response(self.url, error.response) from error
        except NoRegionError as error:
            raise _unusable(self.url, "AWS has regions, and none is given", _SET_REGION) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise _unusable(self.url, "there are no credentials for AWS", _ACCESS) from error
        except (
            ConnectionError, HTTPClientError, ResponseParserError, TimeoutError, OSError, aiohttp.ClientError
        ) as error:  # fmt: skip
            raise _unavailable(type(error).__name__) from error
        except ValueError as error:
            raise _unusable(self.url, "the endpoint is no address", _ENDPOINT) from error
        except BotoCoreError as error:
            raise _unusable(self.url, type(error).__name__, _ACCESS) from error


def read_key(body: str) -> DeliveryKey | None:
    """Return the key in a message; None if erpmap did not write the message."""
    try:
        document = read_json(SourceText("message", body))
    except ReadError:
        return None
    match document:
        case {"erpmap": 1, "tenant": str(tenant), "delivery": int(id_), **rest} if not rest:
            return DeliveryKey(id_, tenant) if id_ is not True and 0 < id_ <= _MAX_ID else None
        case _:
            return None


def _error_of_response(url: str, response: Any) -> QueueError:
    """Return the error for an error response, by its code and status."""
    code = shortened(str(response.get("Error", {}).get("Code", "?")), 60)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _ABSENT:
        return QueueError(f"there is no queue {quoted(url, 200)}; {_PLACE}")
    if code in _BUSY or status >= 500:
        return _unavailable(code)
    return _unusable(url, code, _ACCESS if code in _NO_ACCESS else _ALLOW)


def _unusable(url: str, why: str, hint: str) -> QueueError:
    return QueueError(f"the queue {quoted(url, 200)} cannot be used: {why}; {hint}")


def _unavailable(reason: str) -> QueueError:
    return QueueError(f"SQS does not answer: {reason}", is_away=True)
