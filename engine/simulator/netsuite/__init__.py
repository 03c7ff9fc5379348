"""NetSuite's REST services with their traps: records, SuiteQL, logins, the limit of requests at once."""

from __future__ import annotations

from .account import Account, Certificate, Entry, Item, TaxCode, Token
from .app import netsuite_app
from .ledger import Ledger, Stored
from .periods import Periods, months_in
from .read_account import read_account

__all__ = [
    "Account",
    "Certificate",
    "Entry",
    "Item",
    "Ledger",
    "Periods",
    "Stored",
    "TaxCode",
    "Token",
    "months_in",
    "netsuite_app",
    "read_account",
]
