"""The messages between the processes: pickles, each after its length in eight bytes.

Both ends are this program. What tenants write is data in them, never a class or a function.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

LENGTH_BYTES = 8


@dataclass(frozen=True, slots=True)
class Request:
    """A call of a function of this program, which may take so many seconds of processor time.

    `kept` are pickles that the process keeps by their keys; an argument that is a `KeptKey` stands for one.
    `dropped` are keys that it no longer needs.
    """

    function: Callable[..., Any]
    arguments: tuple[object, ...]
    cpu_seconds: int
    kept: tuple[tuple[object, bytes], ...] = ()
    dropped: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptKey:
    """The place of an argument that the process keeps."""

    key: object


@dataclass(frozen=True, slots=True)
class Result:
    """What a function returned, as a pickle, and the memory of the process after it, in bytes."""

    pickled: bytes
    memory: int


@dataclass(frozen=True, slots=True)
class Failure:
    """The exception of a function: its class, and its trace in words; `is_memory` if memory ran out."""

    error: str
    trace: str
    is_memory: bool = False


def pack_frame(message: object) -> bytes:
    """Return a message with its length."""
    content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(content).to_bytes(LENGTH_BYTES, "big") + content


def read_frame(stream: BinaryIO) -> Any:
    """Return the next message of a stream. Raise EOFError at its end."""
    head = stream.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        raise EOFError
    content = stream.read(int.from_bytes(head, "big"))
    return pickle.loads(content)  # noqa: S301 - written by this program
