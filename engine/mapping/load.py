"""Loading of a tenant: its tenant.yaml, its snapshots, its mappings, merged, checked and compiled.

The findings of all files are collected. A tenant with errors has no plans:
everything that can fail early fails here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..bundled import bundled
from ..files.read_record import ReadRecord
from ..findings.diagnostics import Finding, Place, SourceText, select_errors
from ..findings.errors import FindingsError, ReadError
from ..findings.fixes import keep_sure_fixes
from ..findings.quote import quoted
from ..wire.grant import UNRESTRICTED, Grant
from .beyond_grant import find_beyond, find_parameters_beyond, list_secret_files
from .files.extend import LoadedMapping, SourceFile, load_overlaid
from .files.folder import MAX_LOOKUP_BYTES, MappingsFolder
from .files.grammar import LANGUAGE_VERSION, mapping_schema, tenant_schema
from .files.ignore_comments import hide_ignored
from .files.missing_version import fix_version
from .files.nodes import MapNode, Scalar
from .files.own_refusals import read_own_refusals
from .files.parse_yaml import read_yaml
from .files.posted_orders import NOTHING, PostedOrders, read_posted_orders
from .files.schema_check import check_shape
from .files.source_texts import Folder, RecordingFolder
from .files.tenant import Tenant, mask_secrets, read_tenant
from .kept_work import KeptMapping, KeptWork, NotingFolder
from .operator_file import note_operator, read_operator
from .plan import Plan
from .plan.compile import Compiled, compile_plan
from .plan.compile_lookups import ReadFile
from .plan.expressions import Expressions
from .plan.parse_cache import ParseCache
from .plan.settings import check_unknown_settings
from .plan.tenant_schemas import Schemas
from .snapshots import read_snapshots
from .value_types.definitions import Definition, report_near, report_unused
from .value_types.event_samples import check_events

TENANT_FILE = "tenant.yaml"
# The mappings of a tenant, each with all that it extends: to compile them is what a load spends its time on.
MAX_MAPPINGS = 3_000_000
_TOO_MANY = f"the mappings of the tenant hold more than {MAX_MAPPINGS:,} characters, what they extend included"
_FEWER_MAPPINGS = "keep tables in lookup files, and remove mappings that no event needs"


@dataclass(frozen=True, slots=True)
class LoadedTenant:
    """A tenant's plans and findings; with errors there are no plans.

    `tenant` is the content of its tenant.yaml, if that could be read. `texts` are all the files that
    its plans were compiled from, by their paths below the mappings folder; `KeptFolder` compiles the
    same plans from them again. `posted` are the orders that an earlier integration posted. `read` is
    what the load has read on disk, cases included.
    """

    name: str
    plans: tuple[Plan, ...]
    findings: tuple[Finding, ...]
    tenant: Tenant | None = None
    texts: Mapping[str, SourceText] = field(default_factory=dict)
    posted: PostedOrders = NOTHING
    read: ReadRecord = field(default_factory=ReadRecord, compare=False)

    @property
    def ok(self) -> bool:
        """Whether the tenant can run; warnings do not matter."""
        return not select_errors(self.findings)


@dataclass(frozen=True, slots=True)
class _LoadChoices:
    """What a load does not check: the tenant's snapshots, texts that were live once, unfilled cells."""

    with_snapshots: bool = True
    is_accepted: bool = False
    with_unfilled: bool = False


@dataclass(slots=True)
class _LoadState:
    """What the mappings of one tenant share: files read, texts parsed, their size with what they extend.

    `is_complete` is true while every mapping could be read.
    `kept` is what an earlier load has kept, where loads are repeated.
    """

    files: dict[str, SourceFile] = field(default_factory=dict)
    parsed: ParseCache = field(default_factory=ParseCache)
    choices: _LoadChoices = _LoadChoices()
    is_complete: bool = True
    characters: int = 0
    definitions: list[Definition] = field(default_factory=list)
    kept: KeptWork | None = None


def open_folder(root: Path, shown_as: str | None = None) -> MappingsFolder:
    """Open the mappings folder at `root`, with the bundled base mappings as a fallback."""
    return MappingsFolder(root, bundled("mappings"), shown_as)


def list_tenants(root: Path) -> tuple[str, ...]:
    """List the folders below `root` that hold a tenant.yaml and have a name in UTF-8.

    A folder with another name cannot be shown, and receives no event.
    """
    names = (path.parent.name for path in root.glob(f"*/{TENANT_FILE}"))
    return tuple(sorted(name for name in names if name.encode("utf-8", "ignore").decode() == name))


def load_tenant(
    folder: Folder,
    name: str,
    *,
    with_snapshots: bool = True,
    with_unfilled: bool = False,
    kept: KeptWork | None = None,
) -> LoadedTenant:
    """Read, check and compile one tenant; never raise for the content of its files.

    Without its snapshots it is checked against the bundled schemas. With unfilled cells of tables (E0622)
    it must not be used to send. Warnings that comments switch off are
    left out. The files of posted orders and of refusals change no plan, and are not among the recorded
    texts. What an operator's file does not grant is a finding, and is not read. With `kept`, which the load
    renews, only what changed is done again; then the recorded texts are not complete.
    """
    record = ReadRecord()
    try:
        own, grant = _narrow(folder, name, record)
    except ReadError as error:
        return LoadedTenant(name, (), error.findings, read=record)
    recording = RecordingFolder(own)
    choices = _LoadChoices(with_snapshots=with_snapshots, with_unfilled=with_unfilled)
    loaded = _load(recording, name, grant, choices, kept=kept)
    before = {} if kept is None else {path: file.text for path, file in kept.files.items()}
    texts = {**before, **recording.texts}
    shown = hide_ignored(keep_sure_fixes(loaded.findings), texts, name)
    loaded = replace(loaded, findings=shown, texts=recording.texts, read=record)
    if isinstance(own, MappingsFolder):
        loaded = _add_beyond(loaded, own.root / name)
        _note_more(record, loaded, (own.root / name).absolute())
    return _add_own_refusals(own, _add_posted_orders(own, loaded))


def load_accepted(folder: Folder, name: str) -> LoadedTenant:
    """Compile one tenant from texts that were live once, stored with a journal.

    The judgement of constants and of the completeness of proofs is not repeated: it may have become
    stricter since. The files of posted orders and of refusals are not stored, and not read.
    """
    return _load(folder, name, UNRESTRICTED, _LoadChoices(is_accepted=True))


def _note_more(record: ReadRecord, loaded: LoadedTenant, folder: Path) -> None:
    """Note what is read after the load: the cases, and the files of secrets."""
    record.note_tree(str(folder / "cases"))
    for path in list_secret_files(loaded.tenant) if loaded.tenant is not None else ():
        record.note_file(str(folder / path), None)


def _narrow(folder: Folder, name: str, record: ReadRecord) -> tuple[Folder, Grant]:
    """Return the folder limited to what a tenant may read, and the tenant's grant.

    Recorded texts are not limited: they were when they were read. Raise ReadError for an operator's
    file that is broken, or does not name the tenant.
    """
    if not isinstance(folder, MappingsFolder):
        return folder, UNRESTRICTED
    record.roots = folder.reach()
    note_operator(record)
    operator = read_operator()
    known = list_tenants(folder.root) if operator is not None else ()
    grant = UNRESTRICTED if operator is None else operator.grant(name, folder.root, known)
    own = replace(folder, tenant=name, grant=grant, record=record)
    bundled_roots = () if own.bundled is None else own.reach(own.bundled)
    record.roots = (*own.reach(), *bundled_roots)
    return own, grant


def limit_folder(folder: Folder, name: str) -> Folder:
    """Return a folder limited to what a tenant may read. Raise ReadError as `load_tenant` finds it."""
    is_open = isinstance(folder, MappingsFolder) and folder.tenant is None
    return _narrow(folder, name, ReadRecord())[0] if is_open else folder


def _add_beyond(loaded: LoadedTenant, folder: Path) -> LoadedTenant:
    """Add the findings about what a tenant.yaml names beyond the tenant's grant."""
    found = tuple(find_beyond(loaded.tenant, folder)) if loaded.tenant is not None else ()
    if not found:
        return loaded
    return replace(loaded, plans=(), findings=(*loaded.findings, *found))


def _add_posted_orders(folder: Folder, loaded: LoadedTenant) -> LoadedTenant:
    """Add the orders that `events.posted` lists, and the findings about that file."""
    events = loaded.tenant.node.get("events") if loaded.tenant else None
    file = events.get("posted") if isinstance(events, MapNode) else None
    if not isinstance(file, Scalar):
        return loaded
    path = f"{loaded.name}/{file.value}"
    try:
        text = folder.read(path, wanted_by=file.place, limit=MAX_LOOKUP_BYTES)
        wanted = {plan.trigger.event for plan in loaded.plans}
        # Without plans the accepted events are not known.
        return replace(loaded, posted=read_posted_orders(text, wanted)) if loaded.ok else loaded
    except FindingsError as error:
        hint = "it is a CSV file in the tenant's folder, with a column `order`"
        found = (replace(finding, hint=finding.hint or hint) for finding in error.findings)
        return replace(loaded, plans=(), findings=(*loaded.findings, *found))


def _add_own_refusals(folder: Folder, loaded: LoadedTenant) -> LoadedTenant:
    """Add the refusals that `netsuite.refusals` names, or the findings about that file."""
    netsuite = loaded.tenant.node.get("netsuite") if loaded.tenant else None
    file = netsuite.get("refusals") if isinstance(netsuite, MapNode) else None
    if loaded.tenant is None or not isinstance(file, Scalar):
        return loaded
    try:
        path = f"{loaded.name}/{file.value}"
        own = read_own_refusals(folder.read(path, wanted_by=file.place))
    except FindingsError as error:
        return replace(loaded, plans=(), findings=(*loaded.findings, *error.findings))
    return replace(loaded, tenant=replace(loaded.tenant, refusals=own))


def _load(
    folder: Folder,
    name: str,
    grant: Grant,
    choices: _LoadChoices,
    *,
    kept: KeptWork | None = None,
) -> LoadedTenant:
    try:
        node = read_yaml(folder.read(f"{name}/{TENANT_FILE}"))
    except ReadError as error:
        return LoadedTenant(name, (), error.findings)
    tenant, own = read_tenant(node, name)
    findings = [*mask_secrets(node, (*check_shape(node, tenant_schema()), *own))]
    if tenant is None or select_errors(findings):
        return LoadedTenant(name, (), tuple(findings))
    tenant = replace(tenant, grant=grant)
    wanted_by = tenant.mappings[0].place if tenant.mappings else None
    schemas = Schemas()
    if choices.with_snapshots:
        schemas, broken = read_snapshots(folder, name, wanted_by)
        findings += broken
    shared = _begin_load(folder, schemas, kept, choices)
    plans, found = _load_mappings(folder, tenant, shared)
    findings += found
    return LoadedTenant(
        name=name,
        plans=() if select_errors(findings) else tuple(plans),
        findings=tuple(findings),
        tenant=tenant,
    )


def _begin_load(
    folder: Folder, schemas: Schemas, kept: KeptWork | None, choices: _LoadChoices
) -> _LoadState:
    if kept is None:
        return _LoadState(parsed=ParseCache(schemas=schemas), choices=choices)
    own = folder.folder if isinstance(folder, RecordingFolder) else folder
    kept.begin(own, schemas)
    return _LoadState(files=kept.files, parsed=kept.parsed, kept=kept, choices=choices)


def _load_mappings(
    folder: Folder, tenant: Tenant, shared: _LoadState
) -> tuple[list[Plan], list[Finding]]:
    plans: list[Plan] = []
    findings: list[Finding] = []
    declared: set[str] = set()
    for mapping in tenant.mappings:
        if shared.characters > MAX_MAPPINGS:
            shared.is_complete = False
            findings.append(Finding("E0104", _TOO_MANY, place=mapping.place, hint=_FEWER_MAPPINGS))
            continue
        plan, settings, found = _load_mapping(folder, tenant, mapping, shared)
        findings += found
        shared.is_complete = shared.is_complete and settings is not None
        declared |= settings or set()
        plans += [plan] if plan is not None else []
    unknown = Expressions()
    if shared.is_complete:
        check_unknown_settings(tenant.settings, declared, unknown)
    findings += unknown.findings
    own = {path for path in shared.files if path.startswith(f"{tenant.name}/")}
    names = {shared.files[path].text.name for path in own}
    if select_errors(findings):
        findings += report_near(shared.definitions, names)
    elif shared.is_complete and not shared.choices.is_accepted:
        findings += report_unused(shared.definitions, tenant.name, names)
        places = {str(mapping.value): mapping.place for mapping in tenant.mappings}
        findings += check_events([(places[plan.name], plan) for plan in plans])
    return plans, findings


def load_mapping_node(
    folder: Folder,
    tenant: str,
    mapping: str,
    *,
    wanted_by: Place | None = None,
    read: dict[str, SourceFile] | None = None,
) -> LoadedMapping:
    """Load a tenant's mapping with all that it extends: its own file, or the base mapping of that name.

    Raise ReadError.
    """
    folder = limit_folder(folder, tenant)
    try:
        return load_overlaid(folder, f"{tenant}/{mapping}.yaml", wanted_by=wanted_by, read=read)
    except ReadError as error:
        if not _is_missing(error):
            raise
        try:
            return load_overlaid(folder, f"base/{mapping}.yaml", wanted_by=wanted_by, read=read)
        except ReadError as again:
            raise (error if _is_missing(again) else again) from again


def _is_missing(error: ReadError) -> bool:
    """Return whether the file itself does not exist, in contrast to a mistake inside it."""
    return [finding.code for finding in error.findings] == ["E0101"]


def _load_mapping(
    folder: Folder, tenant: Tenant, mapping: Scalar, shared: _LoadState
) -> tuple[Plan | None, set[str] | None, list[Finding]]:
    """Return the plan, the settings that it declares (None if it cannot be read), and the findings."""
    name, place = str(mapping.value), mapping.place
    if shared.characters > MAX_MAPPINGS:
        return None, None, [Finding("E0104", _TOO_MANY, place=place, hint=_FEWER_MAPPINGS)]
    try:
        loaded = load_mapping_node(folder, tenant.name, name, wanted_by=place, read=shared.files)
    except ReadError as error:
        return None, None, list(error.findings)
    shared.characters += sum(len(source.text.content) for source in loaded.sources)
    findings = [
        *loaded.findings,
        *check_shape(loaded.node, mapping_schema()),
        *_version_findings(loaded),
        *find_parameters_beyond(tenant.grant, loaded.node),
    ]
    settings = loaded.node.get("settings")
    declared = set(settings.keys()) if isinstance(settings, MapNode) else set()
    if any(finding.code != "E0201" for finding in select_errors(findings)):
        return None, declared, findings
    compiled = _compile(folder, tenant, loaded, mapping, shared)
    findings += compiled.findings
    findings += () if shared.choices.with_unfilled else compiled.unfilled
    shared.definitions += compiled.definitions
    return (None if select_errors(findings) else compiled.plan), declared, findings


def _compile(
    folder: Folder, tenant: Tenant, loaded: LoadedMapping, mapping: Scalar, shared: _LoadState
) -> Compiled:
    """Compile a mapping, or return what was kept of it where nothing that it depends on has changed."""
    kept, name, schemas = shared.kept, str(mapping.value), shared.parsed.schemas
    before = None if kept is None else kept.mappings.get(name)
    if before is not None and before.still_holds(loaded, tenant, schemas, folder):
        return before.compiled
    noting = NotingFolder(folder)
    compiled = compile_plan(
        loaded,
        tenant,
        _make_reader(noting, tenant, loaded),
        mapping=mapping,
        parsed=shared.parsed,
        is_accepted=shared.choices.is_accepted,
    )
    if kept is not None:
        kept.mappings[name] = KeptMapping(
            loaded=loaded, compiled=compiled, tenant=tenant, schemas=schemas, tables=noting.noted
        )
    return compiled


def _version_findings(loaded: LoadedMapping) -> Iterator[Finding]:
    """Yield a finding for every file that does not declare the version of the language."""
    for source in loaded.sources:
        if source.root.get("erpmap") is None:
            message = "the file does not declare the version of the language"
            hint = f"begin it with `erpmap: {LANGUAGE_VERSION}`"
            fix = fix_version(source.root)
            yield Finding("E0203", message, place=source.root.place, hint=hint, fix=fix)


def _make_reader(folder: Folder, tenant: Tenant, loaded: LoadedMapping) -> ReadFile:
    """Return a function that reads a lookup's file: in the tenant's folder, else in the mapping's."""

    def read(file: Scalar) -> SourceText:
        own = f"{tenant.name}/{file.value}"
        beside = loaded.path_from(file.place, str(file.value))
        try:
            return folder.read(own, wanted_by=file.place, limit=MAX_LOOKUP_BYTES)
        except ReadError as error:
            if not _is_missing(error):
                raise
            try:
                return folder.read(beside, wanted_by=file.place, limit=MAX_LOOKUP_BYTES)
            except ReadError as again:
                raise (
                    _name_own_file(error, tenant, own) if _is_missing(again) else again
                ) from again

    return read


def _name_own_file(error: ReadError, tenant: Tenant, own: str) -> ReadError:
    """Return the error with paths as a mapping writes them, and the tenant's `own` file to write."""

    def shorter(words: str | None) -> str | None:
        return words and re.sub(rf"(?<![\w./-]){re.escape(tenant.name)}/", "", words)

    findings = [
        replace(
            finding,
            message=shorter(finding.message) or "",
            hint=shorter(finding.hint) or f"write it as {quoted(own, 200)}",
        )
        for finding in error.findings
    ]
    return ReadError(str(error), findings)
