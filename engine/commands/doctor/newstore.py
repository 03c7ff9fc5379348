"""Checks NewStore: whether it issues a token, and whether that may read the sources of mappings. Only reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ...findings.errors import ShopError
from ...findings.health import CheckResult, failed, ok, warning
from ...mapping.plan import Plan
from ...newstore import NewStore
from ...run import ABSENT

_QUERY = "query ErpmapDoctor { orders(first: 1) { nodes { id } } }"
# An id that nothing has.
UNUSED_ID = "00000000-0000-0000-0000-000000000000"
_FILLED = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,60}")
_CLIENT = "check newstore.client_id and client_secret, and that they are of this tenant and stage"
_SCOPE = "give the API client the permission to read it"


async def check_token(newstore: NewStore) -> CheckResult:
    """Check that NewStore issues a token. Raise NoAnswerError."""
    try:
        await newstore.sign_in()
    except ShopError as error:
        return failed(str(error), _CLIENT if error.kind == "unauthorized" else "")
    return ok("NewStore issues a token")


async def check_query(newstore: NewStore) -> CheckResult:
    """Check that orders may be queried. Raise NoAnswerError."""
    try:
        answer = await newstore.query(_QUERY, {})
    except ShopError as error:
        return failed(str(error), _hint(error))
    errors = answer.get("errors") if isinstance(answer, Mapping) else None
    if isinstance(answer, Mapping) and not errors and isinstance(answer.get("data"), Mapping):
        return ok("orders can be read")
    codes = "".join(f" ({code})" for code in _codes(errors)[:1])
    return failed(f"the answer to a query for one order holds errors{codes}", _SCOPE)


async def check_document(newstore: NewStore, path: str) -> CheckResult:
    """Check that a REST document may be read; a missing one passes too. Raise NoAnswerError."""
    try:
        found = await newstore.get(path)
    except ShopError as error:
        if error.kind == "refused":
            return warning(str(error), "the check cannot tell whether the document may be read")
        return failed(str(error), _hint(error))
    return ok("may be read; there is no such document" if found is ABSENT else "may be read")


def list_paths(plans: Sequence[Plan]) -> Iterator[str]:
    """Yield the path of each REST source, with an id that no document has in place of its templates."""
    texts = (str(source.rest.at.value) for plan in plans for source in plan.sources if source.rest)
    yield from dict.fromkeys(_FILLED.sub(UNUSED_ID, text).strip() for text in texts)


def _hint(error: ShopError) -> str:
    return _SCOPE if error.kind in ("unauthorized", "forbidden") else ""


def _codes(errors: object) -> list[str]:
    """Return the codes of GraphQL errors; their messages may hold anything, and are not shown."""
    found = []
    for error in errors if isinstance(errors, list) else ():
        extensions = error.get("extensions") if isinstance(error, Mapping) else None
        code = extensions.get("code") if isinstance(extensions, Mapping) else None
        if isinstance(code, str) and _CODE.fullmatch(code):
            found.append(code)
    return found
