"""What `erpmap shadow` does: sum up the differences that a new version of the mappings makes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import NoReturn

import click

from ...findings.quote import quoted
from ...journal.shadows import (
    ShadowCount,
    ShadowFilter,
    ShadowResult,
    StoredNote,
    count_results,
    list_notes,
)
from ...journal.writer import Writer
from ..exit import FINDINGS
from ..output.terminal import print_json
from ..queue.open_journal import open_existing_journal
from .shadow_report import print_orders, print_shadows, shadows_document
from .shadow_sums import WITHOUT_DIFFERENCE, ShadowOrder, ShadowTotals, field_name

_PAGE = 500


@dataclass(frozen=True, slots=True)
class ShadowRequest:
    """What is shown; `field` is a part of a field's name, `most` the number of orders listed."""

    choice: ShadowFilter
    field: str | None
    is_listed: bool
    most: int


def show_shadow(url: str, request: ShadowRequest, form: str) -> NoReturn:
    """Print the differences of the newest version of each mapping; exit 0 when there are none, else 1."""
    with open_existing_journal(url) as journal:
        found = [*_sum_shadows(journal, request.choice)]
        listed = (
            [*islice(_list_orders(journal, request, found), request.most)]
            if request.is_listed
            else None
        )
    for totals in found:
        totals.only(request.field or "")
    shown = [totals for totals in found if request.field is None or totals.fields]
    if form == "json":
        print_json(shadows_document(shown, listed))
    elif request.field is not None and not shown:
        click.echo(f"no field that differs has {quoted(request.field)} in its name", err=True)
    else:
        print_shadows(shown)
        if listed is not None:
            print_orders(listed)
    sys.exit(0 if all(totals.is_same for totals in found) else FINDINGS)


def _sum_shadows(journal: Writer, choice: ShadowFilter) -> Iterator[ShadowTotals]:
    counts = journal.run_blocking(lambda c: count_results(c, choice))
    for tenant, mapping in dict.fromkeys((count.tenant, count.mapping) for count in counts):
        own = [count for count in counts if (count.tenant, count.mapping) == (tenant, mapping)]
        for version in _select_versions(own, all_versions=choice.version is not None):
            shadow = ShadowTotals(tenant, mapping, version)
            for count in own:
                if count.shadow == version:
                    shadow.count(count)
            for noted in _read_notes(journal, _own_filter(choice, shadow)):
                shadow.add(noted)
            yield shadow


def _select_versions(found: Iterable[ShadowCount], *, all_versions: bool) -> list[str]:
    """Return the newest version, and the empty one of notes without a version; or all versions."""
    last: dict[str, int] = {}
    for row in found:
        last[row.shadow] = max(row.last, last.get(row.shadow, 0))
    versions = sorted((version for version in last if version), key=lambda row: last[row])
    return versions if all_versions else [*versions[-1:], *([""] if "" in last else [])]


def _own_filter(choice: ShadowFilter, shadow: ShadowTotals) -> ShadowFilter:
    differing = tuple(result for result in ShadowResult if result not in WITHOUT_DIFFERENCE)
    own = replace(choice, tenant=shadow.tenant, mapping=shadow.mapping, results=differing)
    return replace(own, version=shadow.version or None, is_nameless=not shadow.version)


def _read_notes(journal: Writer, choice: ShadowFilter) -> Iterator[StoredNote]:
    after = 0
    while found := journal.run_blocking(
        partial(list_notes, chosen=choice, after=after, most=_PAGE)
    ):
        yield from found
        after = found[-1].id


def _list_orders(
    journal: Writer, request: ShadowRequest, shadows: Iterable[ShadowTotals]
) -> Iterator[ShadowOrder]:
    for shadow in shadows:
        for note in _read_notes(journal, _own_filter(request.choice, shadow)):
            differences = (note.document or {}).get("differences", ())
            chosen = tuple(
                difference
                for difference in differences
                if (request.field or "") in field_name(difference["record"], difference["field"])
            )
            if chosen or request.field is None:
                yield ShadowOrder(shadow, note, chosen)
