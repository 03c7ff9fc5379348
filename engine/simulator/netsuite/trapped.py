"""The refusals that NetSuite's simulator gives to requests at which a trap is aimed."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import Scope

from ..aim import AimedFault, Trap
from .refusals import RefusalDetail, RefusalError

# The traps that overload plays, before the login is checked, with their forms.
OVERLOAD_TRAPS: Mapping[str, str] = {
    Trap.OVERLOAD_400: "400",
    Trap.OVERLOAD_REQUEST_LIMIT: "request_limit",
    Trap.OVERLOAD_401: "401",
}
_DETAILS: Mapping[str, RefusalDetail] = {
    Trap.RECORD_CHANGED: RefusalDetail("RCRD_HAS_BEEN_CHANGED", "Record has been changed."),
    Trap.RECORD_LOCKED: RefusalDetail(
        "USER_ERROR", "This record has been locked by a user defined workflow."
    ),
    Trap.SCRIPT_LIMIT: RefusalDetail(
        "SSS_USAGE_LIMIT_EXCEEDED", "Script Execution Usage Limit Exceeded"
    ),
    Trap.REFUSE_IN_WORDS: RefusalDetail(
        "USER_ERROR", "We could not finish what you started. Ask your administrator."
    ),
}


def find_trap(scope: Scope) -> AimedFault | None:
    """Return what is aimed at a request."""
    aimed = scope.get("aimed")
    return aimed if isinstance(aimed, AimedFault) else None


def refuse_trapped(trap: AimedFault | None) -> None:
    """Raise the RefusalError of a trap, in its own words if it has any; other faults raise nothing."""
    detail = None if trap is None else _DETAILS.get(trap.kind)
    if trap is not None and detail is not None:
        raise _build_refusal(detail, trap.words)


def refuse_stored(trap: AimedFault | None) -> None:
    """Raise RefusalError when a trap refuses what was just done, as a script that fails afterwards does."""
    if trap is not None and trap.kind is Trap.COMMIT_THEN_REFUSE:
        raise _build_refusal(_DETAILS[Trap.REFUSE_IN_WORDS], trap.words)


def _build_refusal(detail: RefusalDetail, words: str | None) -> RefusalError:
    if words is not None:
        detail = RefusalDetail(detail.code, words, is_literal=True)
    return RefusalError(400, [detail])
