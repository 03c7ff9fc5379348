"""What `erpmap simulate` does: simulate tenants' systems on loopback until a signal stops it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import click

from ...findings.errors import FindingsError
from ...mapping.load import open_folder
from ...simulator.faults import Fault
from ...simulator.figures import parse_rates, parse_seconds
from ...simulator.serve import format_address, listen, serve
from ...simulator.tenants import ACCOUNT_FILE, add_cases, load_simulated_tenant
from ...simulator.world import NETSUITE, SimulatedTenant, build_simulator_app
from ..exit import exit_with_findings
from ..tenants import select_tenants


@dataclass(frozen=True, slots=True)
class SimulationSettings:
    """Seconds before each answer, seconds until payments appear, and the rates of NetSuite's faults."""

    latency: float
    payments_delay: float
    rates: Mapping[Fault, Fraction]


def read_settings(latency: str, payments_delay: float, faults: Sequence[str]) -> SimulationSettings:
    """Return the settings of the command line, faults as `NAME=PART`. Raise click.UsageError."""
    try:
        seconds = parse_seconds(latency)
    except ValueError as error:
        raise click.UsageError(f"--latency: {error}") from None
    try:
        rates = parse_rates(map(_split_fault, faults))
    except ValueError as error:
        raise click.UsageError(f"{error}; write --fault FAULT=PART, as in drop=0.05") from None
    return SimulationSettings(seconds, payments_delay, rates)


def simulate(root: Path, tenant: str | None, port: int, settings: SimulationSettings) -> None:
    """Simulate a tenant, or all with a simulator.yaml, until the process is stopped."""
    names = _select_simulated(root, select_tenants(root, tenant), tenant)
    try:
        simulations = [load_simulated_tenant(open_folder(root), name) for name in names]
    except FindingsError as error:
        exit_with_findings(error.findings, "human")
    for simulation in simulations:
        simulation.faults[NETSUITE].change(rates=settings.rates)
        for faults in simulation.faults.values():
            faults.latency = settings.latency
        simulation.shop.settings.payments_delay = settings.payments_delay
    listening = _open_socket(port)
    _print_introduction(simulations, root, format_address(listening))
    asyncio.run(serve(build_simulator_app(simulations), listening))


def _print_introduction(simulations: Sequence[SimulatedTenant], root: Path, address: str) -> None:
    """Print the address, the orders of each tenant, and a command to try."""
    click.echo(f"NewStore and NetSuite at {address} until Ctrl-C", err=True)
    for tenant in simulations:
        numbers = sorted(add_cases(tenant, root / tenant.name / "cases"))
        click.echo(f"{tenant.name}: {len(numbers)} orders, {', '.join(numbers[:3])} …", err=True)
        if numbers:
            order = f"erpmap send {tenant.name} --order {numbers[len(numbers) > 1]} --simulator {address}"
            click.echo(f"  try: {order}", err=True)


def _select_simulated(root: Path, names: Sequence[str], tenant: str | None) -> list[str]:
    simulated = [name for name in names if (root / name / ACCOUNT_FILE).is_file()]
    if not simulated:
        missing = tenant or "any tenant"
        raise click.UsageError(
            f"there is no {ACCOUNT_FILE} for {missing}: it describes the simulated NetSuite account; "
            "see mappings/dodici for an example"
        )
    return simulated


def _split_fault(fault: str) -> tuple[str, str]:
    name, _, part = fault.partition("=")
    return name, part


def _open_socket(port: int) -> socket.socket:
    try:
        return listen(port)
    except OSError as error:
        hint = "choose another with --port; --port 0 takes any free one"
        raise click.UsageError(f"port {port} cannot be used ({error.strerror}); {hint}") from error
