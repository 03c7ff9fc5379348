"""NetSuite's REST services: where they are, how one signs in, what one may ask, what answers mean."""

from __future__ import annotations

from .address import NetSuiteAddress, address_of, simulated
from .allowance import Allowance, FixedAllowance
from .auth import CertificateKey, Clocks, TokenKey, read_key
from .client import BOUNDS, NetSuite
from .error_details import PERIOD_CLOSED
from .external_ids import LONGEST_ID, safe_id
from .suiteql import filled, literal
from .verdicts import Answer, SentRequest, Verdict, answer_in, answer_of, error_of, verdict_for

__all__ = [
    "BOUNDS",
    "LONGEST_ID",
    "PERIOD_CLOSED",
    "Allowance",
    "Answer",
    "CertificateKey",
    "Clocks",
    "FixedAllowance",
    "NetSuite",
    "NetSuiteAddress",
    "SentRequest",
    "TokenKey",
    "Verdict",
    "address_of",
    "answer_in",
    "answer_of",
    "error_of",
    "filled",
    "literal",
    "read_key",
    "safe_id",
    "simulated",
    "verdict_for",
]
