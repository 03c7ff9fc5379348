"""NetSuite's REST services, simulated with their traps: records, SuiteQL, logins, concurrency limit."""

from __future__ import annotations

from .account import Account, AccountEntry, Certificate, StockItem, TaxCode, TokenSecrets
from .account_settings import PARSERS as ACCOUNT_SETTINGS
from .account_settings import AccountSettings
from .app import build_netsuite_app
from .ledger import SimulatedLedger, StoredRecord
from .periods import Periods, parse_months
from .read_account import read_account

__all__ = [
    "ACCOUNT_SETTINGS",
    "Account",
    "AccountEntry",
    "AccountSettings",
    "Certificate",
    "Periods",
    "SimulatedLedger",
    "StockItem",
    "StoredRecord",
    "TaxCode",
    "TokenSecrets",
    "build_netsuite_app",
    "parse_months",
    "read_account",
]
