"""SuiteQL: one SELECT in Oracle's manner over what the account holds and has stored."""

from __future__ import annotations

from .database import Database
from .query import PATH, run_query

__all__ = ["PATH", "Database", "run_query"]
