"""SuiteQL: one SELECT in Oracle's dialect over the account's lists and stored records."""

from __future__ import annotations

from .database import Database
from .query import PATH, run_query

__all__ = ["PATH", "Database", "run_query"]
