"""The two sides that are compared: a tenant's mappings in a folder, or in a git revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from ...findings.quote import quoted
from ...mapping.load import LoadedTenant, list_tenants, load_tenant, open_folder
from ...mapping.plan import Plan
from .read_revision import read_revision

PRESENT = "HEAD"


@dataclass(frozen=True, slots=True)
class SideFolder:
    """A folder of mappings: as it is called, where it is, and its name in the places of findings.

    `cases` is the folder whose cases are taken: a revision is read without its cases.
    """

    label: str
    root: Path
    cases: Path
    shown_as: str | None = None

    def load(self, tenant: str) -> LoadedTenant:
        """Load a tenant from the folder."""
        return load_tenant(open_folder(self.root, self.shown_as), tenant)


@dataclass(frozen=True, slots=True)
class DiffSide:
    """One side as loaded: the plans by name."""

    folder: SideFolder
    loaded: LoadedTenant
    plans: Mapping[str, Plan]

    @property
    def versions(self) -> tuple[tuple[str, str], ...]:
        """The names and versions of the plans."""
        return tuple((plan.name, plan.version) for plan in self.plans.values())


def split_range(old: str | None, new: str | None) -> tuple[str | None, str | None]:
    """Return both sides of `OLD..NEW`, as git writes two revisions; other names as they are.

    Raise UsageError for `OLD...NEW`, which means the common ancestor to git.
    """
    if old is None or new is not None or ".." not in old or Path(old).is_dir():
        return old, new
    if "..." in old:
        raise click.UsageError(f"{quoted(old)}: give OLD and NEW as two arguments, or OLD..NEW")
    before, _, after = old.partition("..")
    return before or PRESENT, after or PRESENT


@contextmanager
def open_side(name: str | None, mappings: Path) -> Iterator[SideFolder]:
    """Yield the folder of a name: a folder, else a revision; without a name the folder of mappings.

    A folder of that name goes first: `refs/heads/NAME` names a branch beside it. Raise UsageError.
    """
    if name is None:
        yield SideFolder(mappings.as_posix(), mappings, mappings)
    elif Path(name).is_dir():
        yield SideFolder(name, Path(name), Path(name))
    elif not name or name.startswith("-") or "\0" in name:
        raise click.UsageError(f"{quoted(name)} is neither a folder nor a git revision")
    else:
        with read_revision(name, mappings) as root:
            shown_as = f"{name}:{mappings.name or 'mappings'}"
            yield SideFolder(name, root, mappings, shown_as=shown_as)


def load_side(folder: SideFolder, tenant: str, mapping: str | None) -> DiffSide:
    """Load a tenant of one side, and the named mapping only. Raise UsageError where there is no tenant."""
    known = list_tenants(folder.root)
    if tenant not in known:
        if (folder.root / "tenant.yaml").is_file():
            raise click.UsageError(f"{folder.label!r} is a tenant: name its parent folder")
        shown = ", ".join(ascii(name)[1:-1] for name in known) or "none"
        raise click.UsageError(
            f"there is no tenant {quoted(tenant)} in {quoted(folder.label)}; there are: {shown}"
        )
    loaded = folder.load(tenant)
    plans = {plan.name: plan for plan in loaded.plans if mapping in (None, plan.name)}
    return DiffSide(folder, loaded, plans)
