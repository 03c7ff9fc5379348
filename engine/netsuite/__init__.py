"""NetSuite's REST services: where they are, how one signs in, what one may ask, what answers mean."""

from __future__ import annotations

from .addresses import NetSuiteAddress, address_of, simulated
from .allowance import Allowance, FixedAllowance
from .answers import Answer, Sent, Verdict, answer_in, answer_of, error_of, verdict_for
from .client import BOUNDS, NetSuite
from .external_ids import LONGEST_ID, safe_id
from .signing import CertificateKey, Clocks, TokenKey, read_key
from .suiteql import filled, literal
from .wordings import PERIOD_CLOSED

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
    "Sent",
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
