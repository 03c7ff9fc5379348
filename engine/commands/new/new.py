"""What `erpmap new` does: gather answers, and write the folder of a tenant, or add to it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import click

from ...findings.errors import ErpmapError, FindingsError, SpecError
from ...mapping.load import TENANT_FILE
from ..exit import FINDINGS, exit_with_error
from ..file_changes import offer_changes, print_changes_json
from ..output.terminal import has_terminal, print_json
from ..tenants import load_named_tenant
from .answers import Answers, CompleteAnswers, complete_answers, merge_answers
from .ask import ask_answers
from .extend_tenant import Extension, extend_tenant
from .find_in_orders import FoundAnswers, find_in_orders
from .flags import read_flags
from .read_answers import FLAGS, AnswersFile, check_answers, check_flags, read_answers_file
from .tenant_on_disk import list_taken_ids, read_existing
from .write_tenant import write_tenant

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_RESERVED = frozenset(("base",))


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A tenant to write, and where its answers are: flags, a file, a folder of orders.

    `yes` takes defaults and asks nothing; `write` writes changes of a tenant that exists.
    """

    root: Path
    tenant: str
    given: Mapping[str, Any]
    answers: Path | None
    orders: Path | None
    yes: bool
    write: bool
    form: str


def make_tenant(request: NewRequest) -> NoReturn:
    """Write the folder of a tenant, or show and write what is new in it; print what is left; exit."""
    folder = request.root / request.tenant
    _check_place(request.root, request.tenant, folder)
    try:
        file = AnswersFile({}) if request.answers is None else read_answers_file(request.answers)
        flags = check_flags(read_flags(request.given))
        answers = merge_answers(file.answers, flags)
        found = _read_orders(request, answers)
        merged = merge_answers(found.answers, answers)
        if is_tenant(folder):
            _extend(request, found, merged, file)
        if not request.yes and _may_ask(request):
            merged = merge_answers(merged, ask_answers(request.tenant, merged))
        _create(request, found, merged, file)
    except FindingsError as error:
        click.echo(f"{error}; nothing was written", err=True)
        exit_with_error(error, request.form)
    except ErpmapError as error:
        exit_with_error(error, request.form)
    except OSError as error:
        words = f"{str(folder)!r} cannot be written: {error.strerror}"
        exit_with_error(ErpmapError(words), request.form)
    sys.exit(0)


def _check_place(root: Path, tenant: str, folder: Path) -> None:
    """Raise UsageError for a name that no tenant may have, and for a folder that is not one."""
    if not _NAME.fullmatch(tenant) or tenant in _RESERVED:
        why = "is the shipped mappings" if tenant in _RESERVED else "is no name of a tenant"
        hint = "write small letters, digits, - and _, beginning with a letter, as in acme"
        raise click.UsageError(f"{tenant!a} {why}; {hint}")
    if (root / TENANT_FILE).is_file():
        raise click.UsageError(f"{str(root)!r} is a tenant: give its parent folder with --mappings")
    if root.exists() and not root.is_dir():
        raise click.UsageError(f"{str(root)!r} is a file: name a folder with --mappings")
    is_empty = folder.is_dir() and not any(folder.iterdir())
    if folder.is_symlink() or (folder.exists() and not is_empty and not is_tenant(folder)):
        words = f"{str(folder)!r} exists and has no {TENANT_FILE}: it is not a tenant, nothing was written"
        raise click.UsageError(words)


def _may_ask(request: NewRequest) -> bool:
    """Whether a person is at the terminal, and reads words."""
    return request.form == "human" and sys.stdin.isatty() and has_terminal(stderr=True)


def is_tenant(folder: Path) -> bool:
    """Whether a folder holds a tenant."""
    return (folder / TENANT_FILE).is_file()


def _read_orders(request: NewRequest, answers: Answers) -> FoundAnswers:
    """Return what the orders say, and print what was left out of them."""
    if request.orders is None:
        return FoundAnswers({}, (), ())
    found = find_in_orders(request.orders, answers.get("newstore"))
    for note in found.notes:
        click.echo(note, err=True)
    return found


def _create(request: NewRequest, found: FoundAnswers, answers: Answers, file: AnswersFile) -> None:
    complete = complete_answers(request.tenant, answers)
    complete.guesses += found.assumed
    findings = check_answers(complete.answers, file)
    if findings:
        raise SpecError("the answers contradict each other", findings)
    write_tenant(request.root, request.tenant, complete)
    _print_created(request, complete)


def _extend(
    request: NewRequest, found: FoundAnswers, answers: Answers, file: AnswersFile
) -> NoReturn:
    """Show what the answers add to a tenant, write it if that is wished, and exit."""
    loaded = load_named_tenant(request.root, request.tenant)
    if not loaded.ok:
        raise SpecError(f"{request.tenant} does not validate", loaded.findings)
    existing = read_existing(request.root, loaded)
    _check_same(request.tenant, existing.answers, answers, found)
    merged = merge_answers(answers, existing.answers)
    complete = complete_answers(request.tenant, merged, list_taken_ids(existing.account))
    findings = check_answers(complete.answers, file)
    if findings:
        raise SpecError("the answers contradict what the tenant has", findings)
    extension = extend_tenant(request.root, existing, complete)
    is_written = offer_changes(extension.changes, write=request.write, form=request.form)
    if request.form == "json":
        print_changes_json(extension.changes, (), is_written=is_written)
    else:
        _print_extension(request, extension)
    sys.exit(0 if is_written or not extension.changes else FINDINGS)


def _check_same(tenant: str, old: Answers, answers: Answers, found: FoundAnswers) -> None:
    """Raise ErpmapError for answers about another shop or account, or another way of posting tax.

    Orders do not say whether tax without prices has codes or a line.
    """
    same = {**answers}
    if found.answers.get("tax") == answers.get("tax") == "line" and old["tax"] == "codes":
        same["tax"] = "codes"
    for key in ("newstore", "account", "tax"):
        if key in same and str(same[key]) != str(old[key]):
            words = f"{key} is {old[key]!r} in {tenant}, and {same[key]!r} in the answers"
            raise ErpmapError(f"{words}: nothing was written")


def _print_extension(request: NewRequest, extension: Extension) -> None:
    for words in extension.added:
        click.echo(f"new {words}", err=True)
    for words in extension.by_hand:
        click.echo(f"by hand: {words}", err=True)
    if not extension.added:
        click.echo(f"{request.tenant} has all of it: there is nothing to add", err=True)


def _print_created(request: NewRequest, complete: CompleteAnswers) -> None:
    folder = request.root / request.tenant
    if request.form == "json":
        made_up = [{"kind": kind, "name": name, "id": i} for kind, name, i in complete.made_up]
        print_json({"folder": str(folder), "assumed": complete.assumed, "made_up": made_up})
        return
    click.echo(f"{folder}: written; it validates, and its 3 cases pass")
    flags = [FLAGS[key.partition(".")[0]] for key in complete.assumed]
    if flags:
        words = " ".join(dict.fromkeys(flags))
        click.echo(f"  defaults were taken; to give other answers: {words}")
    if complete.made_up:
        count = len(complete.made_up)
        click.echo(f"  {count} NetSuite ids are made up for the simulator: see {folder}/README.md")
    click.echo(f"  next: erpmap simulate {request.tenant}")
