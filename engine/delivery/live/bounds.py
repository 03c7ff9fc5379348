"""How much is asked at once, and how much is remembered for how long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LookupLimits:
    """Limits of live lookups; times in seconds.

    `entries` answers are remembered at most, the least recently used go first. `kept` is how long,
    where a lookup has no `cache:`, and `misses_kept` how long at most that something is not there.
    """

    entries: int = 100_000
    # A page of SuiteQL has at most 1,000 rows (netsuite.md §3): one query, one page.
    keys_a_query: int = 1_000
    rounds: int = 8
    kept: int = 300
    misses_kept: int = 30
