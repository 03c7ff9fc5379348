"""Errors within a GraphQL answer: what may pass is waited for, what the query is to blame for is not."""

from __future__ import annotations

from typing import Any

import pytest
from newstore_shop import SCHEMA, Shop, asking
from starlette.responses import JSONResponse

from engine.findings.errors import ShopError
from engine.mapping.plan.selection import read_query
from engine.newstore import NewStore, QueryRead, fetch_document

QUERY = "query Q($id: String!, $tenant: String!) { order(id: $id, tenant: $tenant) { id } }"
SELECTION = read_query(QUERY, SCHEMA)
VARIABLES = {"id": "o1", "tenant": "dodici"}
AT = [{"line": 1, "column": 50}]


def error(*, path: Any = None, code: Any = None, at: Any = None) -> dict[str, Any]:
    given = {"path": path, "locations": at, "extensions": None if code is None else {"code": code}}
    said = {"message": "for jane@example.com"}
    return said | {name: value for name, value in given.items() if value is not None}


def read(answer: object) -> object:
    async def ask(newstore: NewStore) -> object:
        return await fetch_document(newstore, QueryRead(QUERY, VARIABLES, SELECTION))

    return asking(Shop(answers=[JSONResponse(answer)]), ask)


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": {"order": None}}])
@pytest.mark.parametrize(
    "errors",
    [
        [error()],
        [error(path=["order"], at=AT)],
        [
            error(path=["order"], at=AT, code="GRAPHQL_VALIDATION_FAILED")
        ],  # carried out all the same
        [error(path=["order"], code="400")],
        [error(at=AT, code="INTERNAL_SERVER_ERROR")],
        [error(code=429)],
        [error(code=503), error(path=["order", "id"])],
        [error(code=True)],
        ["timeout"],
        {"message": "timeout"},
        "timeout",
    ],
)
def test_what_may_pass_is_unavailable(data: dict[str, Any], errors: Any) -> None:
    with pytest.raises(ShopError) as caught:
        read(data | {"errors": errors})
    assert (caught.value.kind, caught.value.status) == ("unavailable", 200)
    assert "jane" not in str(caught.value)
    assert "timeout" not in str(caught.value)


@pytest.mark.parametrize(
    "errors",
    [
        [error(at=AT)],  # as graphql-core and graphql-js refuse what does not fit the types
        [error(code="GRAPHQL_VALIDATION_FAILED")],
        [error(at=AT, code="graphql-parse-failed")],
        [error(code="validation-failed")],  # Hasura
        [error(code=400)],
        [error(code="404")],
        [error(path=["order"], code="FORBIDDEN")],
        [error(), error(at=AT)],  # one that stays is enough
    ],
)
def test_what_stays_is_left_to_the_run(errors: Any) -> None:
    answer = {"data": None, "errors": errors}
    assert read(answer) == answer


@pytest.mark.parametrize("errors", [None, [], {}, ""])
def test_an_answer_without_errors_is_as_it_came(errors: Any) -> None:
    answer = {"data": {"order": {"id": "o1"}}, "errors": errors}
    assert read(answer) == answer
