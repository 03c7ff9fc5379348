"""Logins: OAuth 2.0 tokens issued for signed assertions, and OAuth 1.0a signatures.

Sources: Oracle's help, section_162755359851 and section_162790605110 (OAuth 2.0, client
credentials), section_1534941088 (token-based authentication).
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

import jwt
from starlette.requests import Request
from starlette.responses import Response

from .account import Account, Certificate, TokenSecrets
from .bodies import read_whole_body
from .responses import respond_json
from .signatures import build_base_string, compute_signature, parse_header, parse_query

LIFETIME = 3600
ALGORITHMS = ("PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
GRANT = "client_credentials"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE = "rest_webservices"
_MAX_CLOCK_SKEW = 300  # seconds
_MALFORMED = (jwt.PyJWTError, ValueError, TypeError, RecursionError)


class Logins:
    """The valid tokens and the used nonces of one account."""

    def __init__(self, account: Account, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._realm = account.id
        self._certificates = {entry.id: entry for entry in account.certificates}
        self._tokens = {entry.id: entry for entry in account.tokens}
        self._expiries: dict[str, float] = {}
        self._nonces: dict[tuple[str, str, int], None] = {}

    def issue_token(self, form: Mapping[str, str], audience: str) -> str | None:
        """Return a token for an assertion; None when the assertion is not valid.

        `audience` is the address of the token endpoint as the client uses it.
        """
        if form.get("client_assertion_type") != ASSERTION:
            return None
        if not self._is_valid_assertion(form.get("client_assertion", ""), audience):
            return None
        now = self._clock()
        self._expiries = {token: expiry for token, expiry in self._expiries.items() if expiry > now}
        token = secrets.token_urlsafe(48)
        self._expiries[token] = now + LIFETIME
        return token

    def accepts(self, authorization: str, method: str, url: str) -> bool:
        """Return whether the `Authorization` header is valid; `url` is the URL as requested."""
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return self._expiries.get(rest.strip(), 0) > self._clock()
        parameters = parse_header(authorization)
        return parameters is not None and self._is_valid_signature(parameters, method, url)

    def _is_valid_assertion(self, assertion: str, audience: str) -> bool:
        try:
            header = jwt.get_unverified_header(assertion)
            certificate = self._certificates.get(str(header.get("kid")))
            if certificate is None or header.get("alg") not in ALGORITHMS:
                return False
            claims = _decode_claims(assertion, header["alg"], certificate, audience)
        except _MALFORMED:
            return False
        return claims.get("iss") == certificate.client_id and self._has_valid_times(claims)

    def _has_valid_times(self, claims: Mapping[str, Any]) -> bool:
        issued, expires = claims.get("iat"), claims.get("exp")
        if (
            not _is_timestamp(issued)
            or not _is_timestamp(expires)
            or not _is_in_scope(claims.get("scope"))
        ):
            return False
        now = self._clock()
        return issued <= now + _MAX_CLOCK_SKEW and now < expires and 0 < expires - issued < LIFETIME

    def _is_valid_signature(self, parameters: dict[str, str], method: str, url: str) -> bool:
        token = self._tokens.get(parameters.get("oauth_token", ""))
        stamp = parameters.get("oauth_timestamp", "")
        if token is None or not _is_complete(parameters, token, self._realm):
            return False
        if (
            not re.fullmatch(r"[0-9]{1,12}", stamp)
            or abs(int(stamp) - self._clock()) > _MAX_CLOCK_SKEW
        ):
            return False
        signed = {key: value for key, value in parameters.items() if key.startswith("oauth_")}
        sent = signed.pop("oauth_signature", "")
        base = build_base_string(method, url, signed.items())
        expected = compute_signature(base, token.consumer_secret, token.secret)
        is_equal = hmac.compare_digest(expected.encode(), sent.encode())
        return is_equal and self._is_new_nonce(token.id, parameters["oauth_nonce"], int(stamp))

    def _is_new_nonce(self, token: str, nonce: str, stamp: int) -> bool:
        """Return whether the nonce is new; drop the nonces of timestamps that are refused anyway."""
        oldest = self._clock() - _MAX_CLOCK_SKEW
        while self._nonces and next(iter(self._nonces))[2] < oldest:
            del self._nonces[next(iter(self._nonces))]
        use = (token, nonce, stamp)
        if use in self._nonces:
            return False
        self._nonces[use] = None
        return True


def _decode_claims(
    assertion: str, algorithm: str, certificate: Certificate, audience: str
) -> dict[str, Any]:
    """Return the claims of an assertion with a valid signature; the caller checks times by its own clock."""
    claims: dict[str, Any] = jwt.decode(
        assertion,
        certificate.public_key,
        algorithms=[algorithm],
        audience=audience,
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )
    return claims


def _is_timestamp(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_in_scope(scope: object) -> bool:
    """Return whether the scope covers REST: a list as in Oracle's sample, or a text with commas as in its prose."""
    scopes = scope.split(",") if isinstance(scope, str) else scope
    return isinstance(scopes, list) and SCOPE in [str(name).strip() for name in scopes]


def _is_complete(parameters: Mapping[str, str], token: TokenSecrets, realm: str) -> bool:
    nonce = parameters.get("oauth_nonce", "")
    return (
        parameters.get("realm") == realm
        and parameters.get("oauth_consumer_key") == token.consumer_key
        and parameters.get("oauth_signature_method") == "HMAC-SHA256"
        and parameters.get("oauth_version") == "1.0"
        and nonce.isascii()
        and nonce.isalnum()
        and 6 <= len(nonce) <= 64
    )


_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


async def post_token(request: Request) -> Response:
    """`POST /services/rest/auth/oauth2/v1/token`."""
    logins: Logins = request.app.state.logins
    body = await read_whole_body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    form = dict(parse_query(body.decode("ascii", "replace"))) if kind == _FORM else {}
    if "grant_type" not in form:
        return _respond_error("invalid_request")
    if form["grant_type"] != GRANT:
        return _respond_error("unsupported_grant_type")
    audience = str(request.url.replace(query="", fragment=""))
    token = logins.issue_token(form, audience)
    if token is None:
        return _respond_error("invalid_grant")
    document = {"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"}
    return respond_json(document, _JSON)


def _respond_error(error: str) -> Response:
    return respond_json({"error": error}, _JSON, status=400)
