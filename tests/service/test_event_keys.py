"""Keys of events: what can be guessed is not accepted, and said."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

import pytest

from engine.findings.errors import CredentialError
from engine.mapping.load import load_tenant, open_folder
from engine.service.event_keys import find_weakness
from engine.service.tenant_settings import read_event_key, read_event_keys

GOOD = "u4Jt0Qw-9mZc_2LkVb7RxE"
WEAK = {
    "one character": "x",
    "a word": "secret",
    "repeated": "x" * 44,
    "a repeated block": "aB3dE6gH9" * 5,
    "not ASCII": "ключ" * 11,
    "a blank": "u4Jt0Qw 9mZc 2LkVb7RxE aaa",
    "hexadecimal and short": "0f8b2c6d4e9a1375" + "8c2e",
    "digits": "8305729164" + "2749503816" + "7184",
    "a run": "0123456789abcdefghijklmnopqrstuvwxyz",
    "small letters and digits": "k3v9x1q7z5m2n8b4c6t0r2w7",
}


@pytest.mark.parametrize("key", WEAK.values(), ids=WEAK)
def test_what_can_be_guessed_is_refused_without_a_quote(key: str) -> None:
    words = find_weakness(key)
    assert words is not None
    assert len(key) == 1 or key not in words


@pytest.mark.parametrize(
    "make",
    [
        lambda: secrets.token_urlsafe(32),
        lambda: secrets.token_hex(16),
        lambda: secrets.token_hex(32).upper(),
        lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
        lambda: GOOD,
    ],
)
def test_what_is_random_is_taken(make: object) -> None:
    assert callable(make)
    assert {find_weakness(make()) for _ in range(200)} == {None}


def test_a_weak_key_is_told_and_another_one_is_taken(tiny: tuple[object, Path]) -> None:
    tenant, folder = tiny
    both = read_event_keys(tenant, folder, {"OLD": "x", "NEW": GOOD})  # type: ignore[arg-type]
    assert both.keys == (GOOD,)
    (words,) = both.missing
    assert words.startswith("events.keys[0] is not accepted")
    assert "openssl rand -base64 32" in words
    with pytest.raises(CredentialError, match="not accepted"):
        read_event_key(tenant, folder, {"OLD": "x", "NEW": GOOD})  # type: ignore[arg-type]


@pytest.fixture
def tiny(tmp_path: Path) -> tuple[object, Path]:
    """A tenant with two keys."""
    from tiny_tenant import MAPPINGS  # noqa: PLC0415 - used here alone

    source = MAPPINGS / "tiny"
    folder = tmp_path / "tiny"
    folder.mkdir()
    for file in source.iterdir():
        if file.is_file():
            text = file.read_text("utf-8").replace(
                '["${env:TINY_EVENT_KEY}"]', '["${env:OLD}", "${env:NEW}"]'
            )
            (folder / file.name).write_text(text, "utf-8")
    loaded = load_tenant(open_folder(tmp_path), "tiny")
    assert loaded.tenant is not None
    return loaded.tenant, folder
