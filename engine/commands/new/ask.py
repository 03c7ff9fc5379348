"""Asks on a terminal for the answers that nobody gave, in the form that the flags have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import click

from ...findings.errors import SpecError
from .answers import Answers, complete_answers, list_payment_key
from .answers_schema import KINDS_OF_TAX
from .flags import read_flags
from .read_answers import FLAGS, check_flags


@dataclass(frozen=True, slots=True)
class _Question:
    """A question: the key of its answer, its words, and whether several answers are separated by blanks."""

    key: str
    words: str
    is_list: bool = False


_QUESTIONS = (
    _Question("newstore", "NewStore's tenant name, with its stage"),
    _Question("account", "The NetSuite account"),
    _Question("currencies", "Currencies with their ids in NetSuite, as in USD=1 CAD=3", is_list=True),
    _Question("subsidiaries", "Subsidiaries with their ids, as in Acme_US=2", is_list=True),
    _Question("tax", "How tax is posted"),
    _Question("stores", "Stores and web shops, as in NYC5,id=12,country=US", is_list=True),
    _Question("payments", "Payments with their items, as in credit_card,adyen,USD=611", is_list=True),
    _Question("service_levels", "Service levels with their shipping methods, as in GROUND=801", is_list=True),
    _Question("items", "Items that carry no goods, as in discount=1101 tax=1102 gift_card=1103", is_list=True),
)  # fmt: skip


def ask_answers(tenant: str, given: Answers) -> Answers:
    """Return the answers that a person types to what is not given; an empty one takes the default.

    Raise ClickException without the package that asks, and Abort for Ctrl-C.
    """
    questionary = _import_questionary()
    asked: Answers = {}
    for question in _QUESTIONS:
        if question.key not in given:
            default = _show_default(tenant, {**given, **asked}, question.key)
            asked |= _ask(questionary, question, default)
    return asked


def _ask(questionary: ModuleType, question: _Question, default: str) -> Answers:
    """Ask until the answer can be read."""
    while True:
        if question.key == "tax":
            choices = [questionary.Choice(f"{k}: {w}", value=k) for k, w in KINDS_OF_TAX.items()]
            typed = questionary.select(question.words, choices=choices, default=default).ask()
        else:
            typed = questionary.text(f"{question.words}:", default=default).ask()
        if typed is None:
            raise click.Abort
        text = str(typed).strip()
        if not text or text == default:
            return {}
        given = {question.key: tuple(text.split()) if question.is_list else text}
        try:
            return check_flags(read_flags(given))
        except click.UsageError as error:
            click.echo(f"  {error.format_message()}", err=True)
        except SpecError as error:
            for finding in error.findings:
                click.echo(f"  {finding.message}; as {FLAGS[question.key]} takes it", err=True)


def _show_default(tenant: str, given: Answers, key: str) -> str:
    """Return the default of an answer as it would be typed, without ids that are made up."""
    answers = complete_answers(tenant, given).answers
    value = answers[key]
    if key == "stores":
        return " ".join(f"{each['channel']},kind={each['kind']}" for each in value)
    if key == "payments":
        return " ".join(",".join(list_payment_key(each)).rstrip(",*") for each in value)
    return (
        " ".join(name.replace(" ", "_") for name in value)
        if isinstance(value, Mapping)
        else str(value)
    )


def _import_questionary() -> ModuleType:
    try:
        import questionary  # noqa: PLC0415 - an extra, and slow
    except ModuleNotFoundError as error:
        hint = "pip install 'erpmap[new]', or take the defaults with --yes"
        raise click.ClickException(f"asking needs {error.name}: {hint}") from error
    module: Any = questionary
    assert isinstance(module, ModuleType)
    return module
