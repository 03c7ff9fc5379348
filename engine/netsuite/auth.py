"""Authenticates requests: OAuth 2.0 with a certificate, or token-based authentication (OAuth 1.0a).

Facts: netsuite.md §4. oauthlib signs requests and PyJWT signs assertions.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import httpx
import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256
from oauthlib.oauth1 import Client as OAuth1

from ..findings.errors import CredentialError, NoAnswerError
from ..wire.bearer import AccessToken, AccessTokenCache, BearerAuth
from ..wire.json_body import document_in, words_of
from .address import NetSuiteAddress

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SCOPE = ["rest_webservices"]
# NetSuite accepts assertions valid for less than an hour; one request needs seconds.
_ASSERTION_SECONDS = 300
_SMALLEST_RSA = 2048
# How long a token is valid (netsuite.md §4.1) if the answer does not say.
_DEFAULT_SECONDS = 3600.0
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_REFUSED = re.compile(r"[a-z_]{1,40}")
_TOKEN = re.compile(r"[!-~]+")
_COUNT = re.compile(r"[0-9]{1,9}")
_BUSY = frozenset((httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS))
# oauthlib logs token ids, base strings and signatures at DEBUG. A filter on its logger drops them at
# any log level.
logging.getLogger("oauthlib.oauth1.rfc5849").addFilter(
    lambda record: record.levelno >= logging.WARNING
)


@dataclass(frozen=True, slots=True)
class CertificateKey:
    """OAuth 2.0 client credentials; `key` is the private key as PEM, `id` the certificate's id."""

    client_id: str = field(repr=False)
    key: str = field(repr=False)
    id: str


@dataclass(frozen=True, slots=True)
class TokenKey:
    """Token-based authentication: the four secrets of OAuth 1.0a."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token_id: str = field(repr=False)
    token_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Two clocks in seconds: `wall` since 1970, `steady` monotonic."""

    wall: Callable[[], float]
    steady: Callable[[], float]


def build_auth(
    address: NetSuiteAddress,
    key: CertificateKey | TokenKey,
    clocks: Clocks,
    post: Callable[[str, dict[str, str]], Any],
) -> httpx.Auth:
    """Return the authentication for an account; `post` sends an unsigned form to the token endpoint.

    Raise CredentialError when NetSuite does not accept this kind of key.
    """
    if isinstance(key, TokenKey):
        return TokenAuth(address.account, key, clocks.wall)
    return build_certificate_auth(address, key, clocks, post)


def is_unauthorized(response: httpx.Response) -> bool:
    """Whether NetSuite refuses the token or signature (401)."""
    return response.status_code == httpx.codes.UNAUTHORIZED


class TokenAuth(httpx.Auth):
    """OAuth 1.0a with HMAC-SHA256: signs a request when it is sent, and once more after a 401.

    A signature made before the wait for a free slot could be too old when the request is sent.
    """

    def __init__(self, account: str, key: TokenKey, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._client = OAuth1(
            client_key=key.consumer_key,
            client_secret=key.consumer_secret,
            resource_owner_key=key.token_id,
            resource_owner_secret=key.token_secret,
            signature_method=SIGNATURE_HMAC_SHA256,
            realm=account,
        )

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign and send the request; if the signature is refused, sign and send it once more."""
        response = yield self._sign(request)
        if is_unauthorized(response):
            yield self._sign(request)

    def _sign(self, request: httpx.Request) -> httpx.Request:
        """Add the header of RFC 5849 §3.5.1, with a new nonce and the time of `wall`."""
        self._client.timestamp = str(int(self._wall()))
        url, method = str(request.url), request.method
        _, headers, _ = self._client.sign(url, method)  # type: ignore[arg-type] # any method is signed
        request.headers.update(headers)
        return request


def build_certificate_auth(
    address: NetSuiteAddress,
    key: CertificateKey,
    clocks: Clocks,
    post: Callable[[str, dict[str, str]], Any],
) -> BearerAuth:
    """Return OAuth 2.0 authentication, which exchanges a signed assertion for a token."""
    private, algorithm = read_key(key.key)

    async def fetch() -> AccessToken:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION,
            "client_assertion": _sign_assertion(address, key, private, algorithm, clocks.wall()),
        }
        return _read_token_response(await post(address.token_url, form))

    return BearerAuth(AccessTokenCache(fetch, clocks.steady), is_unauthorized)


def read_key(pem: str) -> tuple[RSAPrivateKey | EllipticCurvePrivateKey, str]:
    """Return a private key and its signature algorithm: PS256, ES256, ES384 or ES512.

    Raise CredentialError for a key that is not unencrypted PEM, is too short, or of another kind.
    """
    try:
        private = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        words = "the certificate's key is not a private key in PEM without a password"
        raise CredentialError(words) from None
    if isinstance(private, RSAPrivateKey) and private.key_size >= _SMALLEST_RSA:
        return private, "PS256"
    if isinstance(private, EllipticCurvePrivateKey) and private.curve.name in _CURVES:
        return private, _CURVES[private.curve.name]
    words = "the certificate's key is neither RSA of 2048 bits or more nor EC P-256, P-384 or P-521"
    raise CredentialError(words)


def _sign_assertion(
    address: NetSuiteAddress,
    key: CertificateKey,
    private: RSAPrivateKey | EllipticCurvePrivateKey,
    algorithm: str,
    now: float,
) -> str:
    claims = {
        "iss": key.client_id,
        "scope": _SCOPE,
        "aud": address.token_url,
        "iat": int(now),
        "exp": int(now) + _ASSERTION_SECONDS,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, private, algorithm=algorithm, headers={"kid": key.id})


def _read_token_response(response: httpx.Response) -> AccessToken:
    """Return the token in an answer of the token endpoint. Raise CredentialError, NoAnswerError.

    Only a 4xx in JSON refuses the credentials. When this fails, no request that needs the token was
    sent.
    """
    status = response.status_code
    if status not in _BUSY and (status == httpx.codes.OK or 400 <= status < 500):
        try:
            document = document_in(response, about="the answer of NetSuite's token endpoint")
        except NoAnswerError as error:
            raise NoAnswerError(error.kind, str(error), sent=False) from None
        fields = document if isinstance(document, dict) else {}
        if status != httpx.codes.OK:
            _raise_refusal(fields, status)
        return _read_token(fields)
    words = f"NetSuite's token endpoint is unavailable ({words_of(response)})"
    raise NoAnswerError("unavailable", words, sent=False)


def _read_token(fields: dict[str, object]) -> AccessToken:
    text, seconds = fields.get("access_token"), str(fields.get("expires_in"))
    if not isinstance(text, str) or not _TOKEN.fullmatch(text):
        words = "the answer of NetSuite's token endpoint holds no token"
        raise NoAnswerError("malformed", words, sent=False)
    return AccessToken(text, float(seconds) if _COUNT.fullmatch(seconds) else _DEFAULT_SECONDS)


def _raise_refusal(fields: dict[str, object], status: int) -> NoReturn:
    error = fields.get("error")
    reason = error if isinstance(error, str) and _REFUSED.fullmatch(error) else "no reason"
    hint = "check client id, certificate id, its expiry, and this machine's clock"
    raise CredentialError(f"NetSuite gives no token: {reason} ({status}); {hint}")
