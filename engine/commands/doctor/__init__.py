"""A tenant's connections, credentials, clock and permissions, checked for real; nothing is written.

Every check ends within a deadline, whatever answers. No word holds a secret, a token or what an
answer says about a customer.
"""

from __future__ import annotations

from ...findings.check import Check, Verdict
from .checks import CREDENTIALS, SIMULATOR, Bench, Service, checks

__all__ = ["CREDENTIALS", "SIMULATOR", "Bench", "Check", "Service", "Verdict", "checks"]
