"""Reads parameters of AWS Systems Manager with boto3, which is imported on first use.

Messages name a parameter and AWS's error code, never its value. Proxies and certificate files of the
environment apply only with `trust_env`; boto3 alone would always use them.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from typing import Any

import certifi

from ..findings.diagnostics import Finding
from ..findings.errors import ReadError
from ..findings.quote import quoted, shortened

_TIMES = {"connect_timeout": 5, "read_timeout": 10, "retries": {"total_max_attempts": 3}}
_INSTALL = "pip install 'erpmap[aws]'"
_ALLOW = "allow ssm:GetParameter for it, and kms:Decrypt where it is a SecureString"
_ACCESS = (
    "set credentials and a region as for any AWS client: AWS_DEFAULT_REGION, a role, a profile"
)
_LATER = "it is tried again with the order"
_ABSENT = {"ParameterNotFound", "ParameterVersionNotFound"}
_BUSY = {
    "RequestLimitExceeded",
    "RequestTimeout",
    "ThrottlingException",
    "TooManyRequestsException",
}


class ParameterStore:
    """A client of Systems Manager, created on first use; threads share it.

    `options` are those of boto3's `client`: region_name, endpoint_url, credentials. Without them, boto3
    uses those of the environment. Parameters that `allows` refuses are not asked for. With `trust_env`, it uses proxies and certificate files too
    (HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE, `ca_bundle` of a profile).
    """

    def __init__(
        self,
        allows: Callable[[str], bool] = lambda _name: True,
        /,
        *,
        trust_env: bool = False,
        **options: object,
    ) -> None:
        self._options = options
        self._allows = allows
        self._trust_env = trust_env
        self._client: Any = None
        self._lock = threading.Lock()

    async def read(self, name: str) -> str:
        """Return the text of a parameter, decrypted.

        Raise ReadError: it does not exist or may not be read (E0616), AWS does not answer (E0617),
        boto3 is not installed (E0619), the operator's file does not grant it (E1205).
        """
        if not self._allows(name):
            message = f"the parameter {quoted(name, 80)} is not granted to this tenant"
            raise _refusal("E1205", message, "the operator's file may grant it: `parameters`")
        return await asyncio.to_thread(self._read, name)

    def close(self) -> None:
        """Close the connections, if there are any."""
        if self._client is not None:
            self._client.close()

    def _read(self, name: str) -> str:
        try:
            import boto3  # noqa: PLC0415 - optional, and heavy
            from botocore import exceptions  # noqa: PLC0415 - optional, and heavy
        except ImportError as error:
            message = "reading parameters of AWS needs boto3, which is not installed"
            raise _refusal("E0619", message, _INSTALL) from error
        try:
            with self._lock:
                if self._client is None:
                    self._client = _build_client(boto3, self._options, trust_env=self._trust_env)
            answer = self._client.get_parameter(Name=name, WithDecryption=True)
        except exceptions.ClientError as error:
            raise _refused_read(name, error.response) from error
        except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
            raise _unavailable(name, type(error).__name__) from error
        except (exceptions.BotoCoreError, ValueError) as error:
            message = f"the parameter {quoted(name, 80)} cannot be read: {type(error).__name__}"
            raise _refusal("E0616", message, _ACCESS) from error
        return str(answer["Parameter"]["Value"])


def _build_client(boto3: Any, options: dict[str, object], *, trust_env: bool) -> Any:
    import botocore.session  # noqa: PLC0415 - optional, and heavy
    from botocore.config import Config  # noqa: PLC0415 - optional, and heavy

    # Every client of botocore, also one that fetches credentials later, writes the keys of its
    # connections to this file, and no option prevents it.
    os.environ.pop("SSLKEYLOGFILE", None)
    session = botocore.session.get_session()
    if not trust_env:
        session.set_default_client_config(Config(proxies={}))
        session.set_config_variable("ca_bundle", certifi.where())
    return boto3.session.Session(botocore_session=session).client(
        "ssm", config=Config(**_TIMES), **options
    )


def _refused_read(name: str, response: Any) -> ReadError:
    """Return the error for an answer of AWS without a value, by its code and status."""
    code = shortened(str(response.get("Error", {}).get("Code", "?")), 60)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _ABSENT:
        hint = "check its name, and that region and account are those of the credentials"
        return _refusal("E0616", f"the parameter {quoted(name, 80)} does not exist", hint)
    if code in _BUSY or status >= 500:
        return _unavailable(name, code)
    message = f"AWS refuses to read the parameter {quoted(name, 80)}: {code}"
    return _refusal("E0616", message, _ALLOW)


def _unavailable(name: str, cause: str) -> ReadError:
    message = f"AWS does not answer for the parameter {quoted(name, 80)}: {cause}"
    return _refusal("E0617", message, _LATER)


def _refusal(code: str, message: str, hint: str) -> ReadError:
    return ReadError(message, [Finding(code, message, hint=hint)])
