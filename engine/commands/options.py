"""Arguments and options that several commands share, and the types of their values."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import click
from click.core import ParameterSource

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?)Z?", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def complete_tenant(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the tenants whose names begin with the incomplete text, for the shell."""
    parent = ctx.find_root()
    root = Path(parent.params.get("mappings") or os.environ.get("ERPMAP_MAPPINGS") or "mappings")
    names = (path.parent.name for path in root.glob("*/tenant.yaml"))
    return sorted(name for name in names if name.startswith(incomplete))


class Pair(click.ParamType[tuple[str, Path]]):
    """`NAME=FILE` on the command line."""

    name = "name=file"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path]:
        """Split at the first equals sign."""
        if isinstance(value, tuple):
            return value
        name, equals, file = str(value).partition("=")
        if not (name and equals and file):
            self.fail(f"{value!r} is not NAME=FILE, as in order=order.json", param, ctx)
        return name, Path(file)


class Duration(click.ParamType[float]):
    """`30s`, `5m`, `1h` or `2d` on the command line, converted to seconds."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Convert the number and its unit."""
        if isinstance(value, int | float):
            return float(value)
        match = re.fullmatch(r"([0-9]{1,6})([smhd])", str(value))
        if match is None:
            self.fail(f"{value!r} is not a duration such as 30s, 5m, 1h or 2d", param, ctx)
        return float(match[1]) * _SECONDS[match[2]]


def check_simulator(address: str | None) -> str | None:
    """Return the simulator's address, and note on stderr that the real systems are not used.

    The note reminds a user who has forgotten that ERPMAP_SIMULATOR is set. Raise UsageError for an
    address that is not on loopback.
    """
    if address is None:
        return None
    from ..findings.errors import AddressError
    from ..wire.urls import loopback

    try:
        address = loopback(address)
    except AddressError as error:
        raise click.UsageError(str(error)) from error
    source = click.get_current_context().get_parameter_source("simulator")
    origin = " (from ERPMAP_SIMULATOR)" if source is ParameterSource.ENVIRONMENT else ""
    click.echo(f"simulator at {address}{origin}: the real systems are not used", err=True)
    return address


class Moment(click.ParamType[datetime]):
    """A day or a moment in UTC on the command line: `2026-12-01`, `2026-12-01T06:30`, with or without `Z`.

    With `is_past` a moment in the future is refused.
    """

    name = "moment"

    def __init__(self, *, is_past: bool = False) -> None:
        self.is_past = is_past

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Convert the text; a day is its first moment."""
        if isinstance(value, datetime):
            return value
        match = _MOMENT.fullmatch(str(value))
        try:
            moment = datetime.fromisoformat(match[1] if match else "").replace(tzinfo=UTC)
        except ValueError:
            words = f"{value!r} is not a moment such as 2026-12-01 or 2026-12-01T06:30"
            self.fail(words, param, ctx)
        if self.is_past and moment > datetime.now(UTC):
            self.fail(f"{value!r} is in the future; moments are in UTC", param, ctx)
        return moment


class Since(click.ParamType[int]):
    """`2h`, `30d` or `2026-11-24` on the command line, converted to milliseconds since 1970."""

    name = "since"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Convert a duration before now, or a date, which begins at midnight UTC."""
        if isinstance(value, int):
            return value
        text = str(value)
        if re.fullmatch(r"[0-9]+[smhd]", text):
            return _to_milliseconds(datetime.now(UTC)) - int(
                Duration().convert(text, param, ctx) * 1000
            )
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.fail(
                f"{text!r} is neither a duration such as 2h nor a date such as 2026-11-24",
                param,
                ctx,
            )
        return _to_milliseconds(moment.replace(tzinfo=moment.tzinfo or UTC))


def _to_milliseconds(moment: datetime) -> int:
    """Return milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


tenant_argument = click.argument("tenant", shell_complete=complete_tenant)
mapping_option = click.option("--mapping", "-m", help="Only this mapping.")
format_option = click.option(
    "--format", "form", type=click.Choice(("human", "json")), default="human", show_default=True
)
write_option = click.option(
    "--write",
    "--yes",
    "write",
    is_flag=True,
    help="Write the changes; without it they are shown, and you are asked on a terminal.",
)
event_option = click.option(
    "--event", "-e", type=click.Path(path_type=Path), help="The event's file; - reads stdin."
)
order_option = click.option(
    "--order",
    "-o",
    metavar="ID",
    help="The order's id or number; its documents are fetched from NewStore.",
)
simulator_option = click.option(
    "--simulator",
    metavar="URL",
    envvar="ERPMAP_SIMULATOR",
    help="Use `erpmap simulate` at this address on loopback, not the real systems.",
)

_JOURNAL = "sqlite:///erpmap.db"
journal_option = click.option(
    "--journal",
    envvar="ERPMAP_JOURNAL",
    show_envvar=True,
    default=_JOURNAL,
    show_default=True,
    metavar="URL",
    help="The journal of events and deliveries: sqlite:///FILE or postgresql://…",
)

limit_option = click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="How many are listed.",
)
