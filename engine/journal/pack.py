"""Documents in the journal: exact JSON, compressed."""

from __future__ import annotations

import zlib

from ..documents import read_json_bytes, write_json_bytes
from ..findings.errors import DamagedError

# More than any document had before it was compressed; a damaged one must not fill the memory.
_MAX_BYTES = 256 * 1024 * 1024


def pack(document: object) -> bytes:
    """Compress a JSON document, whose numbers are int or Decimal."""
    return zlib.compress(write_json_bytes(document), 1)


def unpack(data: bytes) -> object:
    """The document that was packed. Raise DamagedError for other bytes."""
    return read_json_bytes("a document in the journal", unpack_text(data))


def unpack_text(data: bytes) -> bytes:
    """The JSON text of a packed document. Raise DamagedError for other bytes."""
    inflate = zlib.decompressobj()
    try:
        content = inflate.decompress(data, _MAX_BYTES)
    except zlib.error:
        content = b""
    if not inflate.eof:
        raise DamagedError("a document in the journal is damaged")
    return content
