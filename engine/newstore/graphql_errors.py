"""Distinguishes temporary errors in a GraphQL answer from errors of the query. Pure.

NewStore documents no form of them (newstore.md §3.4), so they are read as GraphQL's specification and
common servers write them. No message quotes the server's text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..findings.errors import ShopError

# Codes of Apollo's and Hasura's servers for a query that is refused before it is executed.
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
# As with a 403, a permission stays missing. It may be missing for one field only.
_PERMISSION_CODES = frozenset(("403", "FORBIDDEN"))
_REFUSED_STATUS = re.compile(r"4\d\d")
# The temporary statuses among 4xx: too slow, too early, too many requests.
_TEMPORARY_STATUSES = frozenset(("408", "425", "429"))


def check_errors(answer: object) -> None:
    """Raise ShopError (`unavailable`) when all errors of an answer are temporary.

    The run judges an answer without errors, or with a permanent one.
    """
    errors = answer.get("errors") if isinstance(answer, Mapping) else None
    listed = errors if isinstance(errors, list) else [errors]
    if errors and not any(map(_is_permanent, listed)):
        words = "NewStore's GraphQL API could not execute the query (errors in its answer)"
        raise ShopError("unavailable", words, status=200)


def _is_permanent(error: object) -> bool:
    """Whether the same query would get the error again."""
    fields: Mapping[object, object] = error if isinstance(error, Mapping) else {}
    code = _read_code(fields)
    if code in _PERMISSION_CODES:
        return True
    if fields.get("path") is not None:
        return False  # the query was being executed
    if code:
        is_refused = _REFUSED_STATUS.fullmatch(code) and code not in _TEMPORARY_STATUSES
        return code in _QUERY_CODES or bool(is_refused)
    # Without a code: an error of the query has a location in the query and no path in the answer
    # (GraphQL's specification, "Errors"). One with neither comes from a gateway.
    return bool(fields.get("locations"))


def _read_code(fields: Mapping[object, object]) -> str:
    """Return the code, `GRAPHQL_VALIDATION_FAILED`, in one spelling; empty if there is none."""
    extensions = fields.get("extensions")
    code = extensions.get("code") if isinstance(extensions, Mapping) else None
    is_code = isinstance(code, str | int) and not isinstance(code, bool)
    return str(code).upper().replace("-", "_") if is_code else ""
