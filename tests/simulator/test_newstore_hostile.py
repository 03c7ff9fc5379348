"""Whatever is sent, a good service's answer comes back: never a traceback, never after long work."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from newstore_shops import GRAPHQL, STREAMS, TENANT, TOKEN_PATH, Asking, event, order, served, shop
from starlette.applications import Starlette
from starlette.routing import Mount

from engine.simulator.faults import Faults
from engine.simulator.newstore import build_newstore_app
from engine.simulator.serve import serve_in_thread

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    sold = shop()
    transactions = {"nodes": [{"amount": "1.00"} for _ in range(100)]}
    instruments = {"nodes": [{"id": "i", "paymentAccountTransactions": transactions}]}
    sold.add(event(), order(paymentAccount={"instruments": instruments}))
    with served(sold) as client:
        yield client


@pytest.mark.parametrize("path", [GRAPHQL, STREAMS])
@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", JSON, 400),
        (b"{", JSON, 400),
        (b"\xff\xfe", JSON, 400),
        (b"[]", JSON, 400),
        (b"null", JSON, 400),
        (b'{"query": 1}', JSON, 400),
        (b'{"query": NaN}', JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b'{"a":' * 100_000, JSON, 400),
        (b'{"query": 1' + b"0" * 500_000 + b"}", JSON, 400),
        (b'{"query": "' + b" " * 1_000_001 + b'"}', JSON, 413),
        (b'{"query": "{ orders { totalCount } }"}', {}, 415),
        (b"query=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_a_body_that_is_none_is_refused(
    asking: Asking, path: str, content: bytes, headers: dict[str, str], status: int
) -> None:
    response = asking.http.post(path, content=content, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert len(response.content) < 10_000


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ orders { totalCount } }", "variables": []},
        {"query": "{ orders { totalCount } }", "variables": "x"},
        {"query": "{ orders { totalCount } }", "operationName": 1},
        {"query": None},
        {},
    ],
)
def test_a_request_of_the_wrong_shape_is_refused(asking: Asking, body: dict[str, object]) -> None:
    assert asking.http.post(GRAPHQL, json=body).status_code == 400


LEVELS = 60
TRANSACTIONS = "paymentAccountTransactions { nodes { instrument { "


def doubled(times: int) -> str:
    """Fragments each of which asks twice for the next: few words, very many fields."""
    account = "instrument {{ paymentAccountTransactions {{ nodes {{ ...F{0} }} }} }}"
    parts = [
        f"fragment F{at} on PaymentAccountTransaction {{ a: {account.format(at + 1)} "
        f"b: {account.format(at + 1)} }}"
        for at in range(times)
    ]
    start = "{ orders { nodes { paymentAccountTransactions { nodes { ...F0 } } } } }"
    return "\n".join([start, *parts, f"fragment F{times} on PaymentAccountTransaction {{ id }}"])


@pytest.mark.parametrize(
    "query",
    [
        "{ orders { nodes { " + "a: id " * 5_000 + "} } }",
        "{ orders { nodes { id } } }" + " " * 200_000,
        "{" * 5_000,
        "{ orders(filter: " + "{not: " * 1_000 + "{}" + "}" * 1_000 + ") { totalCount } }",
        "{ orders(first: " + "[" * 1_000 + "]" * 1_000 + ") { totalCount } }",
        "{ orders { nodes { " + TRANSACTIONS * LEVELS + "id" + " } } }" * LEVELS + " } } }",
        "{ orders { nodes { " + TRANSACTIONS * 6 + "id" + " } } }" * 6 + " } } }",
        doubled(8),
        "{ orders { nodes { ...A } } } fragment A on Order { ...B } fragment B on Order { ...A }",
        "{ __schema { types { " + "fields { type { " * 9 + "name" + " } }" * 9 + " } } }",
    ],
    ids=range(10),
)
def test_a_query_is_bounded_before_it_is_carried_out(asking: Asking, query: str) -> None:
    response = asking.raw_query(query)
    assert response.status_code == 200
    assert response.json()["errors"]
    assert not response.json().get("data")
    assert len(response.content) < 20_000


def test_brackets_in_texts_and_comments_are_no_levels(asking: Asking) -> None:
    query = 'query ($t: String = """{{{ " [""") { order(id: "{{{[\\"(", tenant: $t) { id } } # {{{'
    deep = query.replace("{{{", "{" * 100)
    assert asking.data(deep) == {"order": None}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", GRAPHQL, 405),
        ("PUT", GRAPHQL, 405),
        ("DELETE", STREAMS, 405),
        ("POST", f"{STREAMS}/none/_start", 404),
        ("GET", f"{STREAMS}/none/rejected_events/%00", 404),
        ("GET", "/v0/orders/%2e%2e%2f?id_type=internal", 404),
        ("GET", "/v0/orders/%ff%fe?id_type=external", 404),
        ("GET", "/", 404),
        ("POST", TOKEN_PATH.format("..%2f" + TENANT), 404),
        ("GET", "/api/v1/org/data/query/", 404),
    ],
)
def test_a_wrong_path_or_method_is_a_problem(
    asking: Asking, method: str, path: str, status: int
) -> None:
    response = asking.http.request(method, path, follow_redirects=True)
    assert response.status_code == status
    assert response.headers["content-type"].startswith("application/")
    assert response.json()


def test_it_may_be_mounted_under_a_prefix() -> None:
    inner = build_newstore_app(shop(), faults=Faults())
    outer = Starlette(routes=[Mount("/newstore", app=inner)])
    with serve_in_thread(outer) as address, httpx.Client(trust_env=False) as http:
        client = Asking(http)
        http.base_url = httpx.URL(f"{address}/newstore/")
        client.sign_in()
        assert client.data("{ orders { totalCount } }") == {"orders": {"totalCount": 0}}
