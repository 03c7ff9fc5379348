"""What `erpmap simulate` does: tenants played on loopback until it is told to stop."""

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
from ..selection import chosen_tenants, stop_with


@dataclass(frozen=True, slots=True)
class SimulationSettings:
    """What makes playing hard: seconds before each answer, seconds until payments, NetSuite's faults."""

    latency: float
    payments_delay: float
    rates: Mapping[Fault, Fraction]


def trouble_of(latency: str, payments_delay: float, faults: Sequence[str]) -> SimulationSettings:
    """What was asked for on the command line, faults as `NAME=PART`. Raise click.UsageError."""
    try:
        return SimulationSettings(
            parse_seconds(latency), payments_delay, parse_rates(map(_named_part, faults))
        )
    except ValueError as error:
        raise click.UsageError(f"{error}; a fault is FAULT=PART, as in drop=0.05") from None


def simulate(root: Path, tenant: str | None, port: int, trouble: SimulationSettings) -> None:
    """Play a tenant, or all that have an account to play, until the process is stopped."""
    names = _playable(root, chosen_tenants(root, tenant), tenant)
    try:
        played = [load_simulated_tenant(open_folder(root), name) for name in names]
    except FindingsError as error:
        stop_with(error.findings, "human")
    for one in played:
        one.faults[NETSUITE].change(rates=trouble.rates)
        for each in one.faults.values():
            each.latency = trouble.latency
        one.shop.settings.payments_delay = trouble.payments_delay
    listening = _listening(port)
    _introduce(played, root, format_address(listening))
    asyncio.run(serve(build_simulator_app(played), listening))


def _introduce(played: Sequence[SimulatedTenant], root: Path, address: str) -> None:
    """Say what is there and what can be done with it."""
    click.echo(f"NewStore and NetSuite at {address} until Ctrl-C", err=True)
    for one in played:
        numbers = sorted(add_cases(one, root / one.name / "cases"))
        click.echo(f"{one.name}: {len(numbers)} orders, {', '.join(numbers[:3])} …", err=True)
        if numbers:
            order = (
                f"erpmap send {one.name} --order {numbers[len(numbers) > 1]} --simulator {address}"
            )
            click.echo(f"  try: {order}", err=True)


def _playable(root: Path, names: Sequence[str], asked: str | None) -> list[str]:
    there = [name for name in names if (root / name / ACCOUNT_FILE).is_file()]
    if not there:
        missing = asked or "any tenant"
        raise click.UsageError(
            f"there is no {ACCOUNT_FILE} for {missing}: it says what its NetSuite account holds; "
            "see mappings/dodici for one"
        )
    return there


def _named_part(fault: str) -> tuple[str, str]:
    name, _, part = fault.partition("=")
    return name, part


def _listening(port: int) -> socket.socket:
    try:
        return listen(port)
    except OSError as error:
        hint = "choose another with --port, or --port 0 for any that is free"
        raise click.UsageError(f"port {port} cannot be had ({error.strerror}); {hint}") from error
