"""Errors within a GraphQL answer: those that may pass, and those that the query is to blame for. Pure.

NewStore documents no shape of them (newstore.md §3.4), so they are read as GraphQL's specification
and its common servers write them. Nothing that the server says about one is quoted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..findings.errors import ShopError

# What a query is refused for before it is carried out, by the codes of Apollo's and Hasura's servers.
_QUERY_CODES = frozenset(
    (
        "BAD_REQUEST",
        "BAD_USER_INPUT",
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "OPERATION_RESOLUTION_FAILURE",
        "PARSE_FAILED",
        "VALIDATION_FAILED",
    )
)
# As for a 403: asking again gives nobody a permission. It may be missing for one field alone.
_PERMISSION_CODES = frozenset(("403", "FORBIDDEN"))
_REFUSED_STATUS = re.compile(r"4\d\d")
# Too slow, too early, too many: the statuses of their class that pass.
_TEMPORARY_STATUSES = frozenset(("408", "425", "429"))


def check_errors(answer: object) -> None:
    """Raise ShopError (`unavailable`) where all the errors of an answer may pass.

    An answer without errors, or with one that stays whenever it is asked for, is left to the run.
    """
    errors = answer.get("errors") if isinstance(answer, Mapping) else None
    listed = errors if isinstance(errors, list) else [errors]
    if errors and not any(map(_is_permanent, listed)):
        words = "NewStore's GraphQL API could not carry out the query (errors in its answer)"
        raise ShopError("unavailable", words, status=200)


def _is_permanent(error: object) -> bool:
    """Whether an error is there again when the same is asked."""
    fields: Mapping[object, object] = error if isinstance(error, Mapping) else {}
    code = _read_code(fields)
    if code in _PERMISSION_CODES:
        return True
    if fields.get("path") is not None:
        return False  # it was being carried out
    if code:
        is_refused = _REFUSED_STATUS.fullmatch(code) and code not in _TEMPORARY_STATUSES
        return code in _QUERY_CODES or bool(is_refused)
    # Without a code: it points into the query, and at nothing in the answer (GraphQL's
    # specification, "Errors"). One that points nowhere comes from somebody in between.
    return bool(fields.get("locations"))


def _read_code(fields: Mapping[object, object]) -> str:
    """The code, `GRAPHQL_VALIDATION_FAILED`, however it is spelled; empty where there is none."""
    extensions = fields.get("extensions")
    code = extensions.get("code") if isinstance(extensions, Mapping) else None
    is_one = isinstance(code, str | int) and not isinstance(code, bool)
    return str(code).upper().replace("-", "_") if is_one else ""
