"""Documents as the journal keeps them: JSON without a digit lost, compressed."""

from __future__ import annotations

import zlib

from ..documents import read_json_bytes, write_json_bytes
from ..findings.errors import DamagedError

# Beyond what any document here may have been before it was packed.
_MOST_BYTES = 256 * 1024 * 1024


def packed(document: object) -> bytes:
    """A document of JSON's kinds, numbers int or Decimal, as bytes."""
    return zlib.compress(write_json_bytes(document), 1)


def unpacked(data: bytes) -> object:
    """The document again. Raise DamagedError for bytes that are none of ours."""
    return read_json_bytes("a document in the journal", text_of(data))


def text_of(data: bytes) -> bytes:
    """The text of a document, as it was written. Raise DamagedError for bytes that are none of ours."""
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(data, _MOST_BYTES)
    except zlib.error:
        text = b""
    if not inflate.eof:
        raise DamagedError("a document in the journal is damaged")
    return text
