"""SuiteQL: one SELECT in Oracle's manner over what the account holds and has stored."""

from __future__ import annotations

from .asking import PATH, asked
from .database import Database

__all__ = ["PATH", "Database", "asked"]
