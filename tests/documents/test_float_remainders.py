"""What computing with floats leaves in an event is stored as it is; it matters where it is used."""

from __future__ import annotations

import pytest

from engine.documents import read_json_bytes, write_json_bytes
from engine.documents.exact import fits
from engine.findings.errors import ExpressionError, ReadError
from engine.journal.pack import pack, unpack
from engine.language.types import convert_value

REMAINDERS = [
    "5.551115123125783e-17",
    "-5.551115123125783E-17",
    "1.7976931348623157e+308",
    "5e-324",
    "2.2250738585072014e-308",
    "0.00000000000000005551",
]


@pytest.mark.parametrize("text", REMAINDERS)
def test_it_is_read_and_written_and_kept_as_it_was(text: str) -> None:
    document = f'{{"tax":{text},"a":1}}'.encode()
    read = read_json_bytes("the event", document)
    assert write_json_bytes(read) == document
    assert write_json_bytes(unpack(pack(read))) == document


@pytest.mark.parametrize("kind", ["decimal", "integer"])
@pytest.mark.parametrize("text", ["5.551115123125783e-17", "1.7976931348623157e+308"])
def test_it_is_no_number_where_one_is_used(text: str, kind: str) -> None:
    read = read_json_bytes("the event", f'{{"tax":{text}}}'.encode())
    assert isinstance(read, dict)
    if not fits(read["tax"]):
        with pytest.raises(ExpressionError):
            convert_value(read["tax"], kind)


@pytest.mark.parametrize(
    "text", ["1e400", "1e-400", "9" * 41, "0." + "1" * 41, "1e99999999999999999999"]
)
def test_what_no_float_is_does_not_fit(text: str) -> None:
    with pytest.raises(ReadError):
        read_json_bytes("the event", f'{{"tax":{text}}}'.encode())
