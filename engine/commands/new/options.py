"""The options of `erpmap new`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..options import format_option

_REPEATED = (
    ("--subsidiary", "subsidiaries", "NAME[=ID]", "A subsidiary; repeatable, as all with [=ID]."),
    ("--currency", "currencies", "CODE[=ID]", "A currency of the account."),
    ("--tax-code", "tax_codes", "KEY=ID", "A tax code: by currency for codes, by country for included."),
    ("--tax-rate", "tax_rates", "COUNTRY=RATE", "Included VAT of a country in per cent, as in DE=19."),
    ("--store", "stores", "CHANNEL[,KEY=VALUE]…", "A store or web shop, as in NYC5,id=212,country=US."),
    ("--payment", "payments", "METHOD[,PROVIDER[,CURRENCY]][=ID]", "A method of payment with its item."),
    ("--level", "service_levels", "LEVEL[=ID]", "A service level with its shipping method."),
    ("--item", "items", "KIND=ID", "The item for discount, tax, gift_card, cash_rounding, rounding."),
    ("--gift-card", "gift_cards", "SKU", "A SKU that is a gift card."),
    ("--goods", "goods", "SKU[=ID]", "An item of goods, for the simulator."),
)  # fmt: skip


def _answer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add a flag for each answer that may be given more than once."""
    for flag, name, metavar, text in reversed(_REPEATED):
        command = click.option(flag, name, multiple=True, metavar=metavar, help=text)(command)
    return command


@click.command(short_help="Write the folder of a new tenant.")
@click.argument("tenant")
@click.option("--newstore", metavar="NAME", help="NewStore's tenant name, as in acme-sandbox.")
@click.option("--account", metavar="ID", help="The NetSuite account, as in 1234567_SB1.")
@click.option("--brand", metavar="NAME", help="The first name of a store's placeholder customer.")
@click.option("--tax", type=click.Choice(("line", "codes", "included")), help="How tax is posted.")
@click.option("--exempt-code", metavar="ID", help="The tax code of what has no tax.")
@_answer_options
@click.option(
    "--answers",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Answers as YAML or JSON; `erpmap schema answers` prints its form. Flags count before it.",
)
@click.option(
    "--orders",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Read channels, payment methods, service levels and currencies from the orders below DIR.",
)
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: take the defaults.")
@click.option("--write", is_flag=True, help="Write what is new to a tenant that exists.")
@format_option
@click.pass_obj
def new(root: Path, /, tenant: str, **options: Any) -> None:
    """Write the folder of a new tenant, which validates and runs against `erpmap simulate`.

    It asks on a terminal for what no flag, no file and no order says; --yes takes the defaults.
    NetSuite ids that no answer gives are made up for the simulator, and listed in the tenant's README.md.

    For a tenant that exists, what is new is added to its tables; nothing else is changed. The change
    is shown as a diff, and written with --write or when you confirm it on a terminal.

    How tax is posted: line: prices without tax, and the tax of an order on a line of its own; codes:
    prices without tax, a tax code for each currency, the rate on each line; included: prices with
    VAT, a tax code for each country.

    \b
    erpmap new acme --yes
    erpmap new acme --currency USD=1 --store NYC5,id=212,country=US,timezone=America/New_York
    erpmap new acme --answers acme.yaml
    erpmap new acme --orders orders --write

    Exit codes: 0 done, 1 findings, or what is new was not written.
    """
    from .new import NewRequest, make_tenant

    names = ("answers", "orders", "yes", "write", "form")
    chosen = {name: options.pop(name) for name in names}
    make_tenant(NewRequest(root=root, tenant=tenant, given=options, **chosen))
