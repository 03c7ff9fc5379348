"""Signing in: signatures that the account and oauthlib agree with, tokens asked for once, nothing told."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import cache
from typing import Any
from urllib.parse import quote, unquote, urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from netsuite_account import ACCOUNT, PRIVATE_KEY, pem_of
from netsuite_server import CERTIFICATE_KEY, REAL, TOKEN_KEY, Scripted, asking
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256
from oauthlib.oauth1 import Client as OAuth1
from scale import scaled
from starlette.responses import HTMLResponse, JSONResponse, Response

from engine.findings.errors import CredentialError, LedgerError
from engine.netsuite import CertificateKey, Clocks, NetSuite, TokenKey, read_key
from engine.netsuite.auth import TokenAuth
from engine.run.ledger import Answer, Verdict
from engine.simulator.faults import Fault, Faults
from engine.simulator.netsuite import Account, build_netsuite_app, read_account
from engine.simulator.netsuite.logins import Logins
from engine.simulator.netsuite.signatures import parse_header
from engine.simulator.serve import serve_in_thread

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20
)
SECRET = TEXT | st.text(st.sampled_from("&%+ =/~'\"é😀"), min_size=1, max_size=12)
ODD = st.text(st.sampled_from("aZ09-._~!$&'()*+,;=:@/?%20#[]|{}\\\"<>^` é😀"), max_size=20)


def account(**other: object) -> Account:
    return read_account(ACCOUNT | other)


ECHO = Scripted([JSONResponse({})])


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    """The same server for every example of a property."""
    with serve_in_thread(ECHO.app()) as address:
        yield address


@settings(
    max_examples=scaled(50, full=1_500), deadline=None, suppress_health_check=list(HealthCheck)
)
@given(
    path=ODD, queries=st.lists(st.tuples(ODD, ODD), max_size=3), raw=ODD,
    key=st.builds(TokenKey, SECRET, SECRET, SECRET, SECRET),
)  # fmt: skip
def test_signatures_are_what_the_account_and_oauthlib_make_them(
    echo: str, path: str, queries: list[tuple[str, str]], raw: str, key: TokenKey
) -> None:
    """Of the address as it arrived: whatever was done to it on the way, it is what was signed."""
    query = "&".join(
        part for part in (urlencode(queries), quote(raw, safe="'!*(),;:@/$~ ")) if part
    )
    # A bare `;` at the end of a path is lost by oauthlib; the client's own paths encode it.
    address = f"/services/rest/record/v1/{quote(path, safe='~!*(),:@')}?{query}"

    async def ask(netsuite: NetSuite) -> None:
        await netsuite.document(address, "application/json")

    ECHO.asked.clear()
    asking(nullcontext(echo), ask, key=key)
    [(method, url, header, _)] = ECHO.asked
    received = echo + url
    logins = Logins(
        account(tokens=[{
            "consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret,
            "id": key.token_id, "secret": key.token_secret,
        }]), time.time,
    )  # fmt: skip
    assert logins.accepts(header, method, received)
    given_ = parse_header(header)
    assert given_ is not None
    assert given_["realm"] == "1234567_SB1"
    oracle = OAuth1(
        key.consumer_key, key.consumer_secret, key.token_id, key.token_secret,
        signature_method=SIGNATURE_HMAC_SHA256, realm="1234567_SB1",
        nonce=given_["oauth_nonce"], timestamp=given_["oauth_timestamp"],
    )  # fmt: skip
    _, headers, _ = oracle.sign(received, method)  # type: ignore[arg-type] # bytes do as well
    theirs = parse_header(headers["Authorization"])
    assert theirs is not None
    assert theirs["oauth_signature"] == given_["oauth_signature"]
    assert unquote(given_["oauth_signature"]) == given_["oauth_signature"]


def test_a_request_is_signed_when_its_turn_comes() -> None:
    """The second one waits for the only turn there is: it is signed after that, not before.

    The clock that was passed in counts the requests that have arrived.
    """
    scripted = Scripted([JSONResponse({})])
    clocks = Clocks(lambda: 1_800_000_000.5 + len(scripted.asked), time.monotonic)

    async def ask(netsuite: NetSuite) -> None:
        await asyncio.gather(netsuite.document("/a", "*/*"), netsuite.document("/b", "*/*"))

    asking(scripted, ask, key=TOKEN_KEY, clocks=clocks, allowance=1)
    first, second = (parse_header(header) or {} for _, _, header, _ in scripted.asked)
    assert first["oauth_timestamp"] == "1800000000"
    assert second["oauth_timestamp"] == "1800000001"
    assert first["oauth_nonce"] != second["oauth_nonce"]


@pytest.mark.parametrize("key", [TOKEN_KEY, CERTIFICATE_KEY])
def test_a_login_that_is_refused_is_tried_once_more_and_not_twice(key: Any) -> None:
    no = JSONResponse({"o:errorDetails": [{"o:errorCode": "INVALID_LOGIN"}]}, 401)

    async def ask(netsuite: NetSuite) -> Answer:
        return await netsuite.create("customer", {})

    for answers, verdict, times in (
        ([no, Response(status_code=204)], Verdict.UNKNOWN, 2),  # 204 that does not say what it made
        ([no, no], Verdict.REFUSED, 2),
    ):
        scripted = Scripted(answers)
        answer = asking(scripted, ask, key=key)
        assert (answer.verdict, len(scripted.asked)) == (verdict, times)
        assert len({header for _, _, header, _ in scripted.asked}) == 2
        assert scripted.tokens == (2 if key is CERTIFICATE_KEY else 0)


def pem(key: Any, encryption: Any = NoEncryption()) -> str:  # noqa: B008 - it has no state
    private: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    return private.decode()


@cache
def rsa_key(bits: int) -> Any:
    return rsa.generate_private_key(65537, bits)


KEYS: dict[str, Callable[[], Any]] = {
    "PS256": lambda: rsa_key(2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
}


@pytest.mark.parametrize("algorithm", KEYS)
def test_certificates_of_every_kind_are_accepted(algorithm: str) -> None:
    key = KEYS[algorithm]()
    certificate = {"client_id": "c", "id": "k", "public_key": pem_of(key)}

    async def ask(netsuite: NetSuite) -> list[dict[str, object]]:
        return await netsuite.rows("SELECT id FROM item WHERE id = 501")

    app = build_netsuite_app(account(certificates=[certificate]), faults=Faults())
    assert asking(serve_in_thread(app), ask, key=CertificateKey("c", pem(key), "k")) == [
        {"id": "501"}
    ]
    assert read_key(pem(key))[1] == algorithm


@pytest.mark.parametrize(
    "text",
    [
        lambda: pem(rsa_key(1024)),
        lambda: pem(rsa_key(2048), BestAvailableEncryption(b"secret-phrase")),
        lambda: pem(ed25519.Ed25519PrivateKey.generate()),
        lambda: pem(ec.generate_private_key(ec.SECP256K1())),
        lambda: pem_of(rsa_key(2048)),
        lambda: PRIVATE_KEY[:100],
        lambda: "",
        lambda: "not a key \udcff é",
        lambda: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ],
    ids=["short", "encrypted", "ed25519", "k1", "public", "cut", "empty", "garbage", "hollow"],
)
def test_keys_that_netsuite_does_not_take_are_refused_at_once(text: Any) -> None:
    with pytest.raises(CredentialError, match="the certificate's key is ") as caught:
        read_key(text())
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_assertions_of_an_old_algorithm_are_refused_by_the_account() -> None:
    """NetSuite takes no RS256 any more: were it sent, it would be refused."""
    certificate = {"client_id": "c", "id": "k", "public_key": pem_of(rsa_key(2048))}
    logins = Logins(account(certificates=[certificate]), time.time)
    now = int(time.time())
    claims = {"iss": "c", "scope": ["rest_webservices"], "aud": "a", "iat": now, "exp": now + 300}
    form = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    for algorithm in ("RS256", "PS256"):
        signed = jwt.encode(claims, rsa_key(2048), algorithm=algorithm, headers={"kid": "k"})
        token = logins.issue_token(form | {"client_assertion": signed}, "a")
        assert (token is None) is (algorithm == "RS256")


def test_one_token_serves_many_requests_and_is_renewed_in_time() -> None:
    scripted = Scripted([JSONResponse({})])
    now = [1_000.0]

    async def ask(netsuite: NetSuite) -> list[int]:
        counts = []
        for later in (0.0, 3_500.0, 60.0):
            now[0] += later
            await asyncio.gather(*(netsuite.document("/a", "*/*") for _ in range(50)))
            counts.append(scripted.tokens)
        return counts

    assert asking(scripted, ask, clocks=Clocks(REAL.wall, lambda: now[0])) == [1, 1, 2]


def test_a_token_that_ends_early_is_fetched_once_more() -> None:
    faults = Faults()
    app = build_netsuite_app(account(), faults=faults)

    async def ask(netsuite: NetSuite) -> None:
        query = "SELECT id FROM item WHERE id = 501"
        assert await netsuite.rows(query)
        faults.script.append(Fault.TOKEN_EXPIRED)
        assert await netsuite.rows(query)
        faults.script.extend([Fault.TOKEN_EXPIRED, None, Fault.TOKEN_EXPIRED])
        with pytest.raises(LedgerError) as caught:
            await netsuite.rows(query)
        assert caught.value.codes == ("LOGIN_REFUSED", "INVALID_LOGIN")

    asking(serve_in_thread(app), ask)


@pytest.mark.parametrize(
    ("answer", "verdict", "words"),
    [
        (JSONResponse({"error": "invalid_grant"}, 400), "refused", "invalid_grant (400)"),
        (JSONResponse({"error": "Jane Doe"}, 401), "refused", "no reason (401)"),
        (JSONResponse([], 400), "refused", "no reason (400)"),
        (HTMLResponse("<p>", 403), "unavailable", "is not JSON"),
        (JSONResponse({}, 429), "unavailable", "unavailable (429"),
        (HTMLResponse("<p>", 503), "unavailable", "unavailable (503"),
        (
            Response(status_code=302, headers={"location": "http://x.invalid"}),
            "unavailable",
            "(302",
        ),
        (HTMLResponse("<p>"), "unavailable", "is not JSON"),
        (JSONResponse({"access_token": "a b"}), "unavailable", "no token"),
        (JSONResponse({"access_token": "a\nb"}), "unavailable", "no token"),
        (JSONResponse({"access_token": ""}), "unavailable", "no token"),
        (JSONResponse({"access_token": 5}), "unavailable", "no token"),
        (JSONResponse([]), "unavailable", "no token"),
    ],
)
def test_no_token_is_told_apart_and_nothing_was_written(
    answer: Response, verdict: str, words: str
) -> None:
    scripted = Scripted([Response(status_code=204)], [answer])

    async def ask(netsuite: NetSuite) -> Answer:
        return await netsuite.create("customer", {})

    found = asking(scripted, ask)
    assert (found.verdict.value, scripted.asked) == (verdict, [])
    assert words in found.words
    assert "Jane" not in found.words


@pytest.mark.parametrize("lasts", [None, "3600", "²", "9" * 5_000, -1, 0, True, [], 10**12])
def test_how_long_a_token_lasts_may_be_said_badly(lasts: object) -> None:
    given_ = {"access_token": "t", "expires_in": lasts}
    scripted = Scripted([JSONResponse({})], [JSONResponse(given_)])

    async def ask(netsuite: NetSuite) -> None:
        await netsuite.document("/a", "*/*")

    asking(scripted, ask)
    assert [header for _, _, header, _ in scripted.asked] == ["Bearer t"]


def test_secrets_are_in_no_repr_message_or_log(caplog: pytest.LogCaptureFixture) -> None:
    secrets = ("consumer-SECRET-1", "SECRET-2", "token-SECRET-3", "SECRET-4", "SECRET-5")
    key = TokenKey(*secrets[:4])
    certificate = CertificateKey("client-SECRET-5", PRIVATE_KEY, "key-1")
    names = ("", "httpx", "aiohttp", "oauthlib", "oauthlib.oauth1", "oauthlib.oauth1.rfc5849")
    for name in names:
        caplog.set_level(logging.DEBUG, name or None)
    shown = [repr(key), repr(certificate), str(key)]

    async def ask(netsuite: NetSuite) -> None:
        shown.extend((repr(netsuite), repr(TokenAuth("1234567", key, time.time))))
        for what in (netsuite.read("customer", "1"), netsuite.rows("SELECT x FROM y")):
            try:
                await what
            except LedgerError as error:
                shown.append(f"{error!r} {error}")
        shown.append(repr(await netsuite.create("customer", {})))

    logged_in = read_account(ACCOUNT | {"tokens": []})
    for each in (key, certificate):
        asking(serve_in_thread(build_netsuite_app(logged_in, faults=Faults())), ask, key=each)
    assert "httpx" in {record.name.partition(".")[0] for record in caplog.records}
    told = "\n".join([*shown, caplog.text])
    assert not [secret for secret in secrets if secret in told]
    assert "oauth_signature" not in told
    assert PRIVATE_KEY[60:100] not in told
