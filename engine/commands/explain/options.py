"""Options of `erpmap explain`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from ..corpus.order_choice import OrderChoice, order_options
from ..options import complete_tenant, format_option

_CODE = re.compile(r"[EIW]\d{4}", re.IGNORECASE | re.ASCII)


def complete_word(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the codes and tenants that begin with the incomplete text, for the shell."""
    from ...findings.codes import CODES

    codes = [code for code in CODES if code.startswith(incomplete.upper())]
    return [*complete_tenant(ctx, param, incomplete), *codes]


def _list_tenants(root: Path) -> set[str]:
    return {path.parent.name for path in root.glob("*/tenant.yaml")}


@click.command(short_help="Say what a finding means, or where a value comes from.")
@click.argument("word", metavar="[CODE|TENANT]", required=False, shell_complete=complete_word)
@click.argument("path", metavar="[PATH]", required=False)
@order_options
@format_option
@click.pass_obj
def explain(root: Path, /, word: str | None, path: str | None, form: str, **given: Any) -> None:
    """Say what a finding means, or where a value of an order's payload comes from.

    With a code, say what it means, why it matters and what to do, with a wrong and a right example.
    Without a word, list all codes.

    With a tenant and an order, show each value of the payloads with the values of the sources that it is
    made of. With a PATH, such as salesOrder.item.items[1].amount, show the whole chain: the template, the
    values, fields and paths, the rows of lookups, the settings, each with its file, line and value. What
    only decides which value is taken is marked so.

    \b
    erpmap explain E0806
    erpmap explain w0223 --format json
    erpmap explain                           every code with one line
    erpmap explain nordhus --case shipping-discount
    erpmap explain nordhus --case shipping-discount salesOrder.shippingCost
    erpmap explain nordhus --event event.json --source order=order.json salesOrder.item[1].amount
    erpmap explain nordhus --delivery 12 salesOrder.memo
    """
    choice = OrderChoice(**given)
    is_code = word is None or _CODE.fullmatch(word) is not None
    is_tenant = word is not None and not is_code and word in _list_tenants(root)
    if word is not None and not is_code and (choice.is_given or path is not None or is_tenant):
        from .order import explain_order

        explain_order(root, word, choice, path, form)
    if choice.is_given or path is not None:
        raise click.UsageError("a code takes no order and no path; for an order give its tenant")
    from .explain import explain_word, list_codes

    if word is None:
        list_codes(form)
    else:
        explain_word(word, form)
