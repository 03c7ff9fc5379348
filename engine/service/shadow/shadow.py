"""A shadow as loaded: the new version of a tenant's mappings, or why it cannot run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...findings.diagnostics import Finding, select_errors
from ...mapping.load import LoadedTenant
from ...mapping.plan import Plan


@dataclass(frozen=True, slots=True)
class Shadow:
    """A tenant's mappings by name; there are none if its files have `findings` that are errors."""

    tenant: str
    plans: Mapping[str, Plan] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def trouble(self) -> str | None:
        """The codes of the findings that keep it from running, None if it can run."""
        codes = dict.fromkeys(finding.code for finding in select_errors(self.findings))
        return ", ".join(codes) or None


def make_shadow(loaded: LoadedTenant) -> Shadow:
    """Return a loaded tenant as a shadow."""
    return Shadow(loaded.name, {plan.name: plan for plan in loaded.plans}, loaded.findings)
