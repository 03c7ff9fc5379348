"""SQS, as far as it is used: keys of deliveries sent, received and deleted.

A message is the key of a delivery and nothing else: its number in the journal, and its tenant. What
AWS answers is told by its codes; nothing of a message is.
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

# AWS's own bounds: messages in a request, and seconds that a message can be delayed.
MAX_BATCH = 10
MAX_DELAY_SECONDS = 900
# A request for messages is open so long when there are none.
_POLL_SECONDS = 20
# Longer than a delivery takes, and no promise: one that takes longer comes twice, and is refused.
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
_NOBODY = {
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
_HIGHEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """A delivery's number in the journal, and its tenant."""

    delivery: int
    tenant: str

    def text(self) -> str:
        """The body of its message."""
        document = {"erpmap": _VERSION, "tenant": self.tenant, "delivery": self.delivery}
        return write_json_bytes(document).decode()


@dataclass(frozen=True, slots=True)
class SqsMessage:
    """A message that was received: AWS's id, what it is deleted by, and its key if it is one of ours."""

    id: str
    receipt: str
    key: DeliveryKey | None


class SqsQueue:
    """A queue by its URL; `opened` before anything is asked of it. Whatever fails is a QueueError."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = get_session()
        # Proxies and certificates of the environment count only where they are asked for.
        self._session.set_default_client_config(AioConfig(proxies={}))
        self._session.set_config_variable("ca_bundle", certifi.where())
        self._client: Any = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """A client of it while the block runs. Raise QueueError: no region, or a broken profile."""
        # botocore's clients write the keys of their connections to this file; no option is against it.
        os.environ.pop("SSLKEYLOGFILE", None)
        found = _REGION.match(self.url)
        region = {"region_name": found[1]} if found else {}
        with self._told():
            making = self._session.create_client("sqs", config=AioConfig(**_TIMES), **region)
            client = await making.__aenter__()
        try:
            self._client = client
            yield
        finally:
            self._client = None
            await making.__aexit__(None, None, None)

    async def check(self) -> None:
        """Whether it is there and may be used."""
        await self._asked("get_queue_attributes", AttributeNames=["QueueArn"])

    async def send(self, keys: Sequence[tuple[DeliveryKey, int]]) -> None:
        """Send keys, ten at most, each with the seconds until it is received. Some may have been sent."""
        entries = [
            {"Id": str(at), "MessageBody": key.text(), "DelaySeconds": seconds}
            for at, (key, seconds) in enumerate(keys)
        ]
        answer = await self._asked("send_message_batch", Entries=entries)
        if failed := answer.get("Failed"):
            code = shortened(str(failed[0].get("Code", "?")), 60)
            raise QueueError(f"SQS has refused {len(failed)} messages: {code}", is_away=True)

    async def receive(self, most: int) -> list[SqsMessage]:
        """Some messages, ten at most, or none after a while."""
        answer = await self._asked(
            "receive_message",
            MaxNumberOfMessages=min(most, MAX_BATCH),
            WaitTimeSeconds=_POLL_SECONDS,
            VisibilityTimeout=_HIDDEN_SECONDS,
        )
        return [
            SqsMessage(str(one["MessageId"]), str(one["ReceiptHandle"]), read_key(str(one["Body"])))
            for one in answer.get("Messages") or ()
        ]

    async def delete(self, receipts: Sequence[str]) -> None:
        """Delete messages, ten at most; one that cannot be any more is none of ours now, or comes again."""
        entries = [{"Id": str(at), "ReceiptHandle": one} for at, one in enumerate(receipts)]
        await self._asked("delete_message_batch", Entries=entries)

    async def _asked(self, operation: str, **what: object) -> Any:
        assert self._client is not None, "the queue is not open"
        with self._told():
            async with asyncio.timeout(_DEADLINE_SECONDS):
                return await getattr(self._client, operation)(QueueUrl=self.url, **what)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever the library raises becomes one error in words."""
        try:
            yield
        except ClientError as error:
            raise _of_answer(self.url, error.response) from error
        except NoRegionError as error:
            raise _refused(self.url, "AWS has regions, and none is given", _SET_REGION) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise _refused(self.url, "there are no credentials for AWS", _ACCESS) from error
        except (
            ConnectionError, HTTPClientError, ResponseParserError, TimeoutError, OSError, aiohttp.ClientError
        ) as error:  # fmt: skip
            raise _away(type(error).__name__) from error
        except ValueError as error:
            raise _refused(self.url, "the endpoint is no address", _ENDPOINT) from error
        except BotoCoreError as error:
            raise _refused(self.url, type(error).__name__, _ACCESS) from error


def read_key(body: str) -> DeliveryKey | None:
    """The key in a message; None when it is none that erpmap has written."""
    try:
        document = read_json(SourceText("message", body))
    except ReadError:
        return None
    match document:
        case {"erpmap": 1, "tenant": str(tenant), "delivery": int(id_), **others} if not others:
            return DeliveryKey(id_, tenant) if id_ is not True and 0 < id_ <= _HIGHEST else None
        case _:
            return None


def _of_answer(url: str, response: Any) -> QueueError:
    """What an answer that is an error means, by its code and status."""
    code = shortened(str(response.get("Error", {}).get("Code", "?")), 60)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _ABSENT:
        return QueueError(f"there is no queue {quoted(url, 200)}; {_PLACE}")
    if code in _BUSY or status >= 500:
        return _away(code)
    return _refused(url, code, _ACCESS if code in _NOBODY else _ALLOW)


def _refused(url: str, why: str, hint: str) -> QueueError:
    return QueueError(f"the queue {quoted(url, 200)} cannot be used: {why}; {hint}")


def _away(what: str) -> QueueError:
    return QueueError(f"SQS does not answer: {what}", is_away=True)
