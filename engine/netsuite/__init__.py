"""NetSuite's REST services: where they are, how one signs in, what one may ask, what answers mean."""

from __future__ import annotations

from .address import NetSuiteAddress, address_of, simulated
from .auth import CertificateKey, Clocks, TokenKey, read_key
from .client import BOUNDS, NetSuite
from .error_details import PERIOD_CLOSED
from .external_ids import LONGEST_ID, safe_id
from .ledger import NetSuiteLedger
from .suiteql import filled, literal
from .verdicts import SentRequest, answer_of, verdict_for

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
    "address_of",
    "answer_of",
    "filled",
    "literal",
    "read_key",
    "safe_id",
    "simulated",
    "verdict_for",
]
