"""Parameters of AWS Systems Manager, read with boto3, which is imported when it is first needed.

A message names a parameter and what AWS calls the trouble, never what the parameter holds. Proxies and
certificate files of the environment count only where they are asked for, as everywhere; boto3 by itself
would follow them all.
"""

from __future__ import annotations

import asyncio
import os
import threading
from typing import Any

import certifi

from ..findings.diagnostics import Finding
from ..findings.errors import ReadError
from ..findings.quote import quoted, shortened

_TIMES = {"connect_timeout": 5, "read_timeout": 10, "retries": {"total_max_attempts": 3}}
_INSTALL = "pip install 'erpmap[aws]'"
_ALLOW = "allow ssm:GetParameter for it, and kms:Decrypt where it is a SecureString"
_ACCESS = (
    "give credentials and a region as for any program of AWS: AWS_DEFAULT_REGION, a role, a profile"
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
    """A client of Systems Manager, made when it is first asked; threads share it.

    `options` are those of boto3's `client`: region_name, endpoint_url, credentials. Without them,
    boto3 finds its own. With `trust_env`, so it does proxies and certificate files (HTTPS_PROXY,
    NO_PROXY, AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE, `ca_bundle` of a profile).
    """

    def __init__(self, *, trust_env: bool = False, **options: object) -> None:
        self._options = options
        self._trust_env = trust_env
        self._client: Any = None
        self._making = threading.Lock()

    async def read(self, name: str) -> str:
        """The text of a parameter, decrypted.

        Raise ReadError: it is not there or not given out (E0616), AWS does not answer (E0617), boto3
        is not installed (E0619).
        """
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
            message = "parameters of AWS are read with boto3, which is not installed"
            raise _refusal("E0619", message, _INSTALL) from error
        try:
            with self._making:
                if self._client is None:
                    self._client = _client(boto3, self._options, trust_env=self._trust_env)
            answer = self._client.get_parameter(Name=name, WithDecryption=True)
        except exceptions.ClientError as error:
            raise _of_answer(name, error.response) from error
        except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
            raise _unavailable(name, type(error).__name__) from error
        except (exceptions.BotoCoreError, ValueError) as error:
            message = f"the parameter {quoted(name, 80)} cannot be read: {type(error).__name__}"
            raise _refusal("E0616", message, _ACCESS) from error
        return str(answer["Parameter"]["Value"])


def _client(boto3: Any, options: dict[str, object], *, trust_env: bool) -> Any:
    import botocore.session  # noqa: PLC0415 - optional, and heavy
    from botocore.config import Config  # noqa: PLC0415 - optional, and heavy

    # Every client of botocore's, those that fetch credentials later among them, writes the keys of
    # its connections to this file, and there is no option against it.
    os.environ.pop("SSLKEYLOGFILE", None)
    session = botocore.session.get_session()
    if not trust_env:
        session.set_default_client_config(Config(proxies={}))
        session.set_config_variable("ca_bundle", certifi.where())
    return boto3.session.Session(botocore_session=session).client(
        "ssm", config=Config(**_TIMES), **options
    )


def _of_answer(name: str, response: Any) -> ReadError:
    """What an answer of AWS that is no value means, by its code and status."""
    code = shortened(str(response.get("Error", {}).get("Code", "?")), 60)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _ABSENT:
        hint = "its name, region and account have to be those that the credentials are for"
        return _refusal("E0616", f"there is no parameter {quoted(name, 80)}", hint)
    if code in _BUSY or status >= 500:
        return _unavailable(name, code)
    message = f"AWS does not give out the parameter {quoted(name, 80)}: {code}"
    return _refusal("E0616", message, _ALLOW)


def _unavailable(name: str, what: str) -> ReadError:
    message = f"AWS does not answer for the parameter {quoted(name, 80)}: {what}"
    return _refusal("E0617", message, _LATER)


def _refusal(code: str, message: str, hint: str) -> ReadError:
    return ReadError(message, [Finding(code, message, hint=hint)])
