"""Who may come in: assertions and tokens of OAuth 2.0, signatures of OAuth 1.0a, by the clock."""

from __future__ import annotations

import string
from collections.abc import Iterator
from importlib import import_module
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from netsuite_account import (
    ACCOUNT,
    CONSUMER_SECRET,
    NOW,
    RECORDS,
    TOKEN,
    TOKEN_SECRET,
    NetSuite,
    assertion,
    logged_out,
    netsuite,
    pem_of,
    token_form,
)
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client
from scale import scaled
from starlette.applications import Starlette
from starlette.routing import Mount

from engine.simulator.faults import Fault, Faults
from engine.simulator.netsuite import build_netsuite_app, read_account
from engine.simulator.netsuite.signatures import build_base_string, compute_signature, parse_query
from engine.simulator.serve import serve_in_thread

theirs: Any = import_module("oauthlib.oauth1.rfc5849.signature")
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def there() -> Iterator[NetSuite]:
    with netsuite() as served:
        yield served


def code_of(answer: httpx.Response) -> str:
    found: str = answer.json()["o:errorDetails"][0]["o:errorCode"]
    return found


def test_a_token_lasts_an_hour(there: NetSuite) -> None:
    answer = there.client.post(TOKEN, data=token_form(assertion(there.address)))
    assert {**answer.json(), "access_token": ""} == {
        "access_token": "", "expires_in": 3600, "token_type": "Bearer",
    }  # fmt: skip
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert there.ask("GET", "/customer", headers=bearer).status_code == 200
    there.now[0] += 3600
    answer = there.ask("GET", "/customer", headers=bearer)
    there.now[0] = NOW
    assert (answer.status_code, code_of(answer)) == (401, "INVALID_LOGIN")
    assert answer.headers["content-type"] == "application/vnd.oracle.resource+json; type=error"


@pytest.mark.parametrize(
    "other",
    [
        {"key": OTHER_KEY},
        {"kid": "key-2"},
        {"iss": "client-2"},
        {"iss": None},
        {"aud": "https://elsewhere.example" + TOKEN},
        {"scope": ["restlets"]},
        {"scope": None},
        {"iat": None},
        {"exp": int(NOW)},
        {"exp": int(NOW) + 3600},
        {"exp": None},
        {"iat": int(NOW) + 3000, "exp": int(NOW) + 3300},
        {"exp": "soon"},
        {"algorithm": "RS256", "key": RSA_KEY},
        {"algorithm": "HS256", "key": "x" * 32},
    ],
)
def test_an_assertion_that_is_not_right_gives_no_token(there: NetSuite, other: Any) -> None:
    answer = there.client.post(TOKEN, data=token_form(assertion(there.address, **other)))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "invalid_grant"),
        (token_form("no.jwt.atall"), "invalid_grant"),
        (token_form("x", client_assertion_type="y"), "invalid_grant"),
    ],
)
def test_a_form_that_is_not_right_gives_no_token(there: NetSuite, form: Any, error: str) -> None:
    answer = there.client.post(TOKEN, data=form)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_scopes_may_be_a_text(there: NetSuite) -> None:
    signed = assertion(there.address, scope="restlets, rest_webservices")
    assert there.client.post(TOKEN, data=token_form(signed)).status_code == 200


@pytest.mark.parametrize("algorithm", ["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"])
def test_each_algorithm_with_its_key(algorithm: str) -> None:
    curves: dict[str, ec.EllipticCurve] = {
        "ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1(),
    }  # fmt: skip
    curve = curves.get(algorithm)
    key = ec.generate_private_key(curve) if curve else RSA_KEY
    certificate = {"client_id": "client-1", "id": "key-1", "public_key": pem_of(key)}
    with logged_out(certificates=[certificate]) as client:
        signed = assertion(str(client.base_url).rstrip("/"), algorithm=algorithm, key=key)
        assert client.post(TOKEN, data=token_form(signed)).status_code == 200


def test_mounted_below_a_path_the_audience_is_what_the_client_sees() -> None:
    inner = build_netsuite_app(read_account(ACCOUNT), faults=Faults(), clock=lambda: NOW)
    app = Starlette(routes=[Mount("/netsuite", inner)])
    with serve_in_thread(app) as address, httpx.Client(base_url=address, trust_env=False) as client:
        signed = assertion(f"{address}/netsuite")
        answer = client.post(f"/netsuite{TOKEN}", data=token_form(signed))
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        answer = client.get(f"/netsuite{RECORDS}/customer", headers=bearer)
        assert answer.json()["links"][0]["href"] == f"{address}/netsuite{RECORDS}/customer"


def test_a_fault_refuses_a_valid_token_once(there: NetSuite) -> None:
    there.faults.script.append(Fault.TOKEN_EXPIRED)
    assert code_of(there.ask("GET", "/customer")) == "INVALID_LOGIN"
    assert there.ask("GET", "/customer").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic eDp5", "OAuth", "OAuth realm"])
def test_nobody_comes_in_without_a_login(there: NetSuite, header: str) -> None:
    answer = there.ask("GET", "/customer", headers={"Authorization": header})
    assert (answer.status_code, code_of(answer)) == (401, "INVALID_LOGIN")


# OAuth 1.0a, signed by oauthlib as a client would


def signed_by(**other: Any) -> Client:
    arguments = {
        "client_secret": CONSUMER_SECRET, "resource_owner_key": "token",
        "resource_owner_secret": TOKEN_SECRET, "signature_method": SIGNATURE_HMAC_SHA256,
        "realm": "1234567_SB1", "timestamp": str(int(NOW)), "nonce": "abcdef123456",
    } | other  # fmt: skip
    return Client(arguments.pop("client_key", "consumer"), **arguments)


def asked_with(there: NetSuite, client: Client, url: str) -> httpx.Response:
    _, headers, _ = client.sign(url, "GET")
    return httpx.get(url, headers=headers, trust_env=False)


def test_a_request_signed_by_oauthlib_comes_in_and_only_once(there: NetSuite) -> None:
    url = f"{there.address}{RECORDS}/customer?limit=5&offset=0"
    client = signed_by(nonce="onceonly1")
    assert asked_with(there, client, url).status_code == 200
    assert asked_with(there, client, url).status_code == 401
    assert asked_with(there, signed_by(nonce="another12"), url).status_code == 200


def test_odd_characters_in_an_address_are_signed_too(there: NetSuite) -> None:
    url = f"{there.address}{RECORDS}/customer/eid%3AA-1?fields=a%20b%2Cc&x=%C3%A9%2B"
    assert asked_with(there, signed_by(nonce="oddchars1"), url).status_code == 404


@pytest.mark.parametrize(
    "other",
    [
        {"client_key": "stranger"},
        {"client_secret": "wrong"},
        {"resource_owner_key": "stranger"},
        {"resource_owner_secret": "wrong"},
        {"signature_method": "HMAC-SHA1"},
        {"realm": "1234567"},
        {"realm": None},
        {"timestamp": str(int(NOW) - 301)},
        {"timestamp": str(int(NOW) + 301)},
        {"timestamp": "soon"},
        {"nonce": "short"},
        {"nonce": "with-dashes"},
    ],
)
def test_a_signature_that_is_not_right_does_not_come_in(there: NetSuite, other: Any) -> None:
    url = f"{there.address}{RECORDS}/customer"
    answer = asked_with(there, signed_by(**{"nonce": "refused1"} | other), url)
    assert (answer.status_code, code_of(answer)) == (401, "INVALID_LOGIN")


def test_a_changed_query_does_not_come_in(there: NetSuite) -> None:
    url = f"{there.address}{RECORDS}/customer?limit=5"
    _, headers, _ = signed_by(nonce="changed123").sign(url, "GET")
    assert httpx.get(url + "0", headers=headers, trust_env=False).status_code == 401


TEXTS = st.text(string.printable + "é€𝄞&=+%~ ", max_size=12)
PAIRS = st.lists(st.tuples(TEXTS.filter(bool), TEXTS), max_size=5)
PATHS = st.lists(TEXTS.map(lambda text: quote(text, safe="")), max_size=4)
HOSTS = st.sampled_from(
    [
        "http://Example.COM:80",
        "https://example.com:443",
        "https://example.com:8443",
        "http://[::1]:80",
    ]
)


@settings(max_examples=scaled(100, full=3_000), deadline=None)
@given(host=HOSTS, path=PATHS, query=PAIRS, secrets=st.tuples(TEXTS, TEXTS),
       encode=st.sampled_from([quote, quote_plus]))  # fmt: skip
def test_base_strings_and_signatures_are_those_of_oauthlib(
    host: str, path: list[str], query: Any, secrets: tuple[str, str], encode: Any
) -> None:
    written = urlencode(query, quote_via=encode)
    url = f"{host}/{'/'.join(path)}" + (f"?{written}" if written else "")
    own = [("oauth_nonce", "a b+c"), ("oauth_version", "1.0")]
    pairs = theirs.normalize_parameters([*query, *own])
    expected = theirs.signature_base_string("post", theirs.base_string_uri(url), pairs)
    base = build_base_string("post", url, own)
    assert base == expected
    client = Client("consumer", client_secret=secrets[0], resource_owner_secret=secrets[1])
    assert compute_signature(base, *secrets) == theirs.sign_hmac_sha256_with_client(
        expected, client
    )


@given(PAIRS)
def test_parameters_come_back_as_they_were_written(pairs: Any) -> None:
    assert parse_query(urlencode(pairs)) == pairs


LIMITS = "/services/rest/system/v1/governanceLimits"


def test_limits_are_told_to_administrators_only() -> None:
    with netsuite() as there:
        answer = there.client.get(LIMITS)
        code = answer.json()["o:errorDetails"][0]["o:errorCode"]
        assert (answer.status_code, code) == (403, "INSUFFICIENT_PERMISSION")
    with netsuite(tells_limits=True, concurrency=7) as there:
        assert there.client.get(LIMITS).json() == {
            "accountConcurrencyLimit": 7,
            "accountUnallocatedConcurrencyLimit": 7,
        }
        assert there.client.get(LIMITS, headers={"Authorization": "Bearer x"}).status_code == 401
