"""NetSuite as the ledger: its REST client, its sign-in, the meaning of its answers, each record written once."""

from __future__ import annotations

from .address import NetSuiteAddress, build_address, build_simulated_address
from .auth import CertificateKey, Clocks, TokenKey, read_key
from .client import BOUNDS, NetSuite
from .external_ids import LONGEST_ID, safe_id
from .ledger import NetSuiteLedger
from .refusals import PERIOD_CLOSED, build_catalogue
from .suiteql import fill_query, format_literal
from .verdicts import SentRequest, find_verdict, read_answer

__all__ = [
    "BOUNDS",
    "LONGEST_ID",
    "PERIOD_CLOSED",
    "CertificateKey",
    "Clocks",
    "NetSuite",
    "NetSuiteAddress",
    "NetSuiteLedger",
    "SentRequest",
    "TokenKey",
    "build_address",
    "build_catalogue",
    "build_simulated_address",
    "fill_query",
    "find_verdict",
    "format_literal",
    "read_answer",
    "read_key",
    "safe_id",
]
