"""The new version of a tenant's mappings, as it is loaded: to be run, or why it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...findings.diagnostics import Finding, select_errors
from ...mapping.load import LoadedTenant
from ...mapping.plan import Plan


@dataclass(frozen=True, slots=True)
class Shadow:
    """A tenant's mappings by name; none where its files have `findings` that are errors."""

    tenant: str
    plans: Mapping[str, Plan] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def trouble(self) -> str | None:
        """The codes of what keeps it from running, if anything does."""
        codes = dict.fromkeys(finding.code for finding in select_errors(self.findings))
        return ", ".join(codes) or None


def make_shadow(loaded: LoadedTenant) -> Shadow:
    """A loaded tenant as a shadow."""
    return Shadow(loaded.name, {plan.name: plan for plan in loaded.plans}, loaded.findings)
