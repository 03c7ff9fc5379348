"""Who is let in, for how long, and what everybody else is told."""

from __future__ import annotations

import httpx
import pytest
from newstore_shops import CLIENT, GRAPHQL, SECRET, TENANT, TOKEN_PATH, Clock, served, shop

from engine.simulator.faults import Fault, Faults

QUERY = {"query": "{ orders { totalCount } }"}
PATH = TOKEN_PATH.format(TENANT)
GRANT = {"grant_type": "client_credentials"}
FORM = {**GRANT, "client_id": CLIENT, "client_secret": SECRET}


def test_both_ways_to_say_who_one_is() -> None:
    with served(shop(), signed_in=False) as asking:
        for response in (
            asking.http.post(PATH, data=FORM),
            asking.http.post(PATH, data=GRANT, auth=(CLIENT, SECRET)),
        ):
            assert response.status_code == 200
            document = response.json()
            assert (document["token_type"], document["expires_in"]) == ("Bearer", 3600)
            assert response.headers["cache-control"] == "no-store"
            headers = {"Authorization": f"Bearer {document['access_token']}"}
            assert asking.http.post(GRAPHQL, json=QUERY, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({**FORM, "client_secret": "wrong"}, 401, "invalid_client"),
        ({**FORM, "client_id": "nobody"}, 401, "invalid_client"),
        ({**FORM, "client_secret": ""}, 401, "invalid_client"),
        (GRANT, 401, "invalid_client"),
        ({"client_id": CLIENT}, 400, "invalid_request"),
        ({**FORM, "grant_type": "password"}, 400, "unsupported_grant_type"),
        ({**FORM, "grant_type": ["client_credentials", "password"]}, 400, "invalid_request"),
        ({str(number): "" for number in range(200)}, 400, "invalid_request"),
    ],
)
def test_a_token_is_refused(form: dict[str, object], status: int, error: str) -> None:
    with served(shop(), signed_in=False) as asking:
        response = asking.http.post(PATH, data=form)
    assert (response.status_code, response.json()["error"]) == (status, error)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"{}", "application/json"), (b"\xff=1", "application/x-www-form-urlencoded"), (b"", "")],
)
def test_what_is_no_form_is_refused(content: bytes, kind: str) -> None:
    with served(shop(), signed_in=False) as asking:
        response = asking.http.post(PATH, content=content, headers={"Content-Type": kind})
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_a_basic_header_that_is_none_is_a_wrong_client() -> None:
    with served(shop(), signed_in=False) as asking:
        headers = {"Authorization": "Basic ***"}
        assert asking.http.post(PATH, data=FORM, headers=headers).status_code == 401


def test_another_tenant_has_no_realm_here() -> None:
    with served(shop(), signed_in=False) as asking:
        assert asking.token("other").status_code == 404
        assert asking.http.get(PATH).status_code == 405


def is_json(response: httpx.Response) -> bool:
    return response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("header", "status"),
    [(None, 401), ("Basic YTpi", 401), ("Bearer", 403), ("Bearer unknown", 403)],
)
def test_no_token_is_401_and_an_unknown_one_403(header: str | None, status: int) -> None:
    with served(shop(), signed_in=False) as asking:
        headers = {} if header is None else {"Authorization": header}
        response = asking.http.post(GRAPHQL, json=QUERY, headers=headers)
    assert response.status_code == status
    assert is_json(response)
    assert response.json()["status"] == status


def test_a_token_ends_when_its_time_is_over() -> None:
    clock = Clock()
    sold = shop(clock)
    sold.settings.token_ttl = 60
    with served(sold) as asking:
        clock.now += 59
        assert asking.raw_query(QUERY["query"]).status_code == 200
        clock.now += 1
        response = asking.raw_query(QUERY["query"])
        assert response.status_code == 403
        assert is_json(response)


def test_a_token_revoked_before_its_time_stays_refused() -> None:
    faults = Faults()
    with served(shop(), faults) as asking:
        faults.script.append(Fault.TOKEN_EXPIRED)
        for _ in range(2):
            response = asking.raw_query(QUERY["query"])
            assert response.status_code == 403
            assert is_json(response)
        asking.sign_in()
        assert asking.raw_query(QUERY["query"]).status_code == 200


def test_too_many_requests_block_the_address_for_five_minutes_without_json() -> None:
    clock = Clock()
    sold = shop(clock)
    sold.settings.rate_limit = 3
    with served(sold) as asking:
        assert [asking.raw_query(QUERY["query"]).status_code for _ in range(3)] == [200] * 3
        response = asking.raw_query(QUERY["query"])
        assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (
            403,
            "text/plain",
        )
        clock.now += 299
        assert asking.raw_query(QUERY["query"]).status_code == 403
        clock.now += 1
        assert asking.raw_query(QUERY["query"]).status_code == 200


def test_a_throttle_on_demand_is_the_same_block_for_one_request() -> None:
    faults = Faults()
    with served(shop(), faults) as asking:
        faults.script.append(Fault.THROTTLE)
        response = asking.raw_query(QUERY["query"])
        assert response.status_code == 403
        assert not is_json(response)
        assert asking.raw_query(QUERY["query"]).status_code == 200
