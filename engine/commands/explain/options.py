"""Options of `erpmap explain`."""

from __future__ import annotations

import click

from ..options import format_option


def complete_code(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """Return the codes that begin with the incomplete text, for the shell."""
    from ...findings.codes import CODES

    return [code for code in CODES if code.startswith(incomplete.upper())]


@click.command()
@click.argument("word", metavar="[CODE]", required=False, shell_complete=complete_code)
@format_option
def explain(word: str | None, form: str) -> None:
    """Say what a finding means, why it matters and what to do, with a wrong and a right example.

    Without a code, list all codes.

    \b
    erpmap explain E0806
    erpmap explain w0223 --format json
    erpmap explain                           every code with one line
    """
    from .explain import explain_word, list_codes

    if word is None:
        list_codes(form)
    else:
        explain_word(word, form)
