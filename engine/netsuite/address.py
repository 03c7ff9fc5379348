"""Builds the address of an account's services from its id; it comes from nowhere else.

Hosts and paths: netsuite.md §1.1 (Oracle's help, section_156334828635).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..findings.errors import AddressError
from ..wire.urls import loopback

_ACCOUNT = re.compile(r"[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*")
_LONGEST = 50
_TOKEN = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - a path
RECORDS = "/services/rest/record/v1"
SUITEQL = "/services/rest/query/v1/suiteql"


@dataclass(frozen=True, slots=True)
class NetSuiteAddress:
    """An account's id as NetSuite writes it (`1234567_SB1`), and the address of its services.

    With `trusts_environment`, proxies and certificates of the environment apply.
    """

    account: str
    base_url: str
    trusts_environment: bool = False

    @property
    def token_url(self) -> str:
        """The URL of the token endpoint; it is also the audience of an assertion."""
        return self.base_url + _TOKEN


def build_address(account: str) -> NetSuiteAddress:
    """Return the address of an account. Raise AddressError for an invalid id."""
    checked = _check_account(account)
    host = checked.lower().replace("_", "-")
    return NetSuiteAddress(checked, f"https://{host}.suitetalk.api.netsuite.com")


def build_simulated_address(account: str, address: str) -> NetSuiteAddress:
    """Return the address of an account at a simulator. Raise AddressError unless it is on loopback."""
    return NetSuiteAddress(_check_account(account), loopback(address))


def _check_account(account: str) -> str:
    if len(account) > _LONGEST or not _ACCOUNT.fullmatch(account):
        raise AddressError("a NetSuite account id is letters and digits, as in 1234567_SB1")
    return account.upper()
