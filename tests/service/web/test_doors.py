"""Whatever is sent to the doors: a clear answer or a closed connection, and nothing stored by it."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pytest
from waiting import until

from engine.service.web.request_reader import HEAD_BYTES
from web.behind import EVENT, Behind, opened, request, rest_of, status_in
from web.doors import KEY, MISTAKE, WAITS

DEEP = b'{"payload": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
TWICE = b'{"tenant": "shop", "name": "a", "name": "b", "published_at": "x", "payload": {}}'
CHUNKED = {"Content-Length": None, "Transfer-Encoding": "chunked"}
HEAD_ONLY = request(b"", {"Content-Length": "50"})


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """Deadlines of a second; in the end no error has been logged."""
    with opened(tmp_path_factory.mktemp("doors"), seconds=1.0) as behind:
        yield behind
        assert behind.process.poll() is None
        assert "places" not in behind.log.read_text()
        assert "Invalid HTTP" not in behind.log.read_text()


@pytest.fixture(autouse=True)
def others_are_served(doors: Behind) -> Iterator[None]:
    """Whatever a test did, it stored nothing that it did not mean to, and the next is answered."""
    yield
    before = doors.count()
    assert doors.status(request()) == 200
    assert doors.count() == before + 1


REFUSED = {
    "no key": (request(headers={"Authorization": None}), 401),
    "another key": (request(headers={"Authorization": "Bearer no"}), 401),
    "a key that is no text": (request(headers={"Authorization": "Bearer \u00ff"}), 401),
    "no such tenant": (request(line="POST /events/shops HTTP/1.1"), 404),
    "no such page": (request(line="POST /nothing HTTP/1.1"), 404),
    "a GET": (request(line="GET /events/shop HTTP/1.1"), 405),
    "another type": (request(headers={"Content-Type": "text/xml"}), 415),
    "a form": (request(headers={"Content-Type": "application/x-www-form-urlencoded"}), 415),
    "compressed": (request(gzip.compress(b"{}"), {"Content-Encoding": "gzip"}), 415),
    "a bomb": (request(gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"}), 415),
    "no JSON": (request(b"order=1"), 400),
    "nothing": (request(b""), 400),
    "another encoding": (request(json.dumps(EVENT).encode("utf-16")), 400),
    "deep JSON": (request(DEEP), 400),
    "a key that stands twice": (request(TWICE), 400),
    "not a number": (request(b'{"tenant": "s", "name": "n", "payload": {"a": NaN}}'), 400),
    "no envelope": (request(b"{}"), 400),
    "a list": (request(b"[]"), 400),
    "a length that is none": (request(headers={"Content-Length": "1e3"}), 400),
    "a negative length": (request(headers={"Content-Length": "-5"}), 400),
    "chunks in HTTP/1.0": (
        request(b"2\r\n{}\r\n0\r\n\r\n", CHUNKED, line="POST /events/shop HTTP/1.0"),
        400,
    ),
    "a slash too many": (request(line="POST /events/shop/ HTTP/1.1"), 404),
    "two ways to end": (request(headers={"Transfer-Encoding": "chunked"}), 400),
    "another coding": (request(headers={"Transfer-Encoding": "gzip"}), 400),
    "a broken chunk": (request(b"zz\r\n", CHUNKED), 400),
    "garbage": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 not HTTP at all\r\n\r\n", 400),
    "another version": (request(line="POST /events/shop HTTP/2.0"), 505),
    "no host": (request(headers={"Host": None}), 400),
    "a header of 64 kB": (request(headers={"X-Long": "x" * 65_536}), 431),
    "a head without end": (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000, 431),
    "a line without end": (b"GET /" + b"a" * 100_000, 431),
    "header injection": (request(headers={"X-A": "b\x00c"}), 400),
    "two lengths": (request(headers={"content-length": "3"}), 400),
    "two lengths in one": (
        request(headers={"Content-Length": f"{len(json.dumps(EVENT))}, 3"}),
        400,
    ),
    "two codings": (request(headers={**CHUNKED, "transfer-encoding": "x"}), 400),
    "a coding with a name behind": (
        request(headers={**CHUNKED, "Transfer-Encoding": "chunked, x"}),
        400,
    ),
    "a coding without a length": (request(headers={**CHUNKED, "Transfer-Encoding": "x"}), 400),
    "a blank before a colon": (request(headers={"Content-Length ": "5"}), 400),
    "a coding behind a blank": (request(headers={"Transfer-Encoding ": "chunked"}), 400),
    "half a line's end": (request(headers={"X-A": "b\rX-B: c"}), 400),
    "a line that goes on, first": (request(line="POST /events/shop HTTP/1.1\r\n X-A: b"), 400),
    "no version": (b"POST /events/shop\r\n\r\n", 505),
    "two hosts": (request(headers={"host": "b"}), 400),
    "version 0.9": (request(line="POST /events/shop HTTP/0.9"), 505),
    "CONNECT": (request(b"", line="CONNECT shop:443 HTTP/1.1"), 400),
    "a line that goes on": (request(headers={"X-A": "b\r\n c"}), 400),
    "ends of lines that are half": (request().replace(b"\r\n", b"\n"), 400),
    "a header too long by a byte": (request(headers={"X-Long": "x" * HEAD_BYTES}), 431),
    "what belongs to a chunk, without end": (request(b"1;" + b"a" * 100_000, CHUNKED), 431),
    "two keys": (request(headers={"authorization": f"Bearer {KEY}"}), 400),
    "two types": (request(headers={"content-type": "text/xml"}), 400),
    "two lengths that are equal": (
        request(headers={"content-length": str(len(json.dumps(EVENT)))}),
        400,
    ),
    "a key in a trailer alone": (
        request(
            b"2\r\n{}\r\n0\r\nAuthorization: Bearer %b\r\n\r\n" % KEY.encode(),
            {**CHUNKED, "Authorization": None, "Trailer": "Authorization"},
        ),
        401,
    ),
    "another protocol with a coding": (
        request(
            headers={
                "Content-Length": None,
                "Connection": "Upgrade, HTTP2-Settings",
                "Upgrade": "h2c",
                "Transfer-Encoding": "gzip",
            }
        ),
        400,
    ),
    "two codings that end well": (
        request(b"2\r\n{}\r\n0\r\n\r\n", {**CHUNKED, "Transfer-Encoding": "gzip, chunked"}),
        400,
    ),
    "a coding that ends like ours": (
        request(b"2\r\n{}\r\n0\r\n\r\n", {**CHUNKED, "Transfer-Encoding": "xchunked"}),
        400,
    ),
    "another protocol's version": (request(line="POST /events/shop RTSP/1.0"), 400),
    "two blanks": (request(line="POST  /events/shop HTTP/1.1"), 400),
    "two blanks before the version": (request(line="POST /events/shop  HTTP/1.1"), 400),
    "a blank at the end": (request(line="POST /events/shop HTTP/1.1 "), 400),
    "a method in small letters": (request(line="post /events/shop HTTP/1.1"), 400),
    "another host's address": (request(line="POST http://other/events/shop HTTP/1.1"), 400),
    "another scheme": (request(line="POST ftp://shop/events/shop HTTP/1.1"), 400),
    "a fragment": (request(line="POST /events/shop#a HTTP/1.1"), 400),
    "no path": (request(line="POST shop:80 HTTP/1.1"), 400),
    "a star": (request(b"", line="OPTIONS * HTTP/1.1"), 400),
    "a host with a user": (request(headers={"Host": "user@shop"}), 400),
    "a line that goes on in a trailer": (request(b"0\r\nX: a\r\n b\r\n\r\n", CHUNKED), 400),
    "half a line's end behind a chunk": (request(b"2\r\n{}\n0\r\n\r\n", CHUNKED), 400),
    "a chunk longer than its size": (request(b"1\r\n{}\r\n0\r\n\r\n", CHUNKED), 400),
    "a carriage return alone": (request(headers={"X-A": "b\r"}), 400),
    "a line that will not be valid": (b"\x16\x03\x01\x02\x00\x01", 400),
    "empty lines before it": (b"\r\n\r\n\r\n" + request(), 400),
    "trailers without end": (request(b"0\r\n" + b"X: y\r\n" * 20_000, CHUNKED), 431),
}


@pytest.mark.parametrize(("sent", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_event_is_refused(doors: Behind, sent: bytes, status: int) -> None:
    before = doors.count()
    answer = doors.said(sent)
    assert status_in(answer) == status, answer[:300]
    assert doors.count() == before


@pytest.mark.parametrize("upgrade", ["websocket", "h2c"])
def test_nobody_is_led_to_another_protocol(doors: Behind, upgrade: str) -> None:
    """What asks for one is answered as if it had not; with its body, however that comes."""
    body, before = json.dumps(EVENT).encode(), doors.count()
    asks = {"Connection": "Upgrade", "Upgrade": upgrade, "Sec-WebSocket-Version": "13"}
    assert status_in(doors.said(request(b"", asks, line="GET /healthz HTTP/1.1"))) == 200
    chunks = request(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), {**asks, **CHUNKED})
    for sent in (request(headers=asks), chunks):
        assert doors.status(sent) == 200
        assert doors.status(sent[:-20], sent[-20:]) == 200
        assert doors.status(*(bytes([byte]) for byte in sent)) == 200
    assert status_in(doors.said(request(b"zz\r\n", {**asks, **CHUNKED}))) == 400
    assert doors.count() == before + 6


def test_the_beginning_of_http_2_is_answered_once(doors: Behind) -> None:
    answer = doors.said(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0" * 9)
    assert status_in(answer) == 400
    assert answer.count(b"content-length") == 1


def test_a_mistake_of_ours_is_answered_told_and_shows_no_customer(tmp_path: Path) -> None:
    """The next event is answered, too."""
    event = {**EVENT, "name": MISTAKE, "payload": {"email": "someone@example.com"}}
    with opened(tmp_path, seconds=60.0) as doors:
        answer = doors.said(request(json.dumps(event).encode()))
        assert status_in(answer) == 500
        assert b'{"error":' in answer
        assert doors.status(request()) == 200
        until(lambda: "LookupError" in doors.log.read_text(), "the mistake is not logged")
        log = doors.log.read_text()
    assert "told shop 500" in log
    assert "someone" not in log + answer.decode()


def test_a_proper_event_is_stored_whatever_way_it_comes(doors: Behind) -> None:
    body = json.dumps(EVENT).encode()
    chunks = b"".join(b"%x\r\n%c\r\n" % (1, byte) for byte in body) + b"0\r\n\r\n"
    before = doors.count()
    assert doors.status(request(line="POST /events/shop HTTP/1.0")) == 200
    assert doors.status(request(chunks, CHUNKED)) == 200
    assert doors.status(*(bytes([byte]) for byte in request())) == 200
    assert doors.status(request(), is_over=True) == 200  # nothing more is sent, and it is answered
    assert doors.status(request(line="POST http://shop/events/shop?a=b HTTP/1.1")) == 200
    assert doors.status(b"\r\n" + request()) == 200
    assert doors.status(request(headers={"Content-Length": f"{len(body)} \t"})) == 200
    assert doors.status(request(headers={"Connection": "keep-alive"}) + b"\0\1 no HTTP\r\n") == 200
    kind = {"Content-Type": "Application/JSON; charset=utf-8", "Authorization": None}
    key = {"AUTHORIZATION": f"bearer {KEY}"}
    assert doors.status(request(headers={**kind, **key})) == 200
    remainder = json.dumps({**EVENT, "payload": {"id": "o1", "tax": 5.551115123125783e-17}})
    assert doors.status(request(remainder.encode())) == 200
    assert doors.count() == before + 10


def test_an_answer_may_take_longer_than_a_connection_may_be_idle(tmp_path: Path) -> None:
    """A kept connection that was answered before, also when the next request came meanwhile."""
    kept = {"Connection": "keep-alive"}
    waits = request(json.dumps({**EVENT, "name": WAITS}).encode(), kept)
    with opened(tmp_path, seconds=0.1) as doors:
        for parts in ((request(headers=kept) + waits,), (request(headers=kept), waits)):
            with doors.connect() as connection:
                for part in parts:
                    connection.sendall(part)
                assert status_in(next_of(connection)) == 200
                connection.settimeout(2.5)
                with pytest.raises(TimeoutError):
                    connection.recv(1)


def test_requests_may_follow_one_another(doors: Behind) -> None:
    """Pipelined: each is answered in its turn, the refused ones too, and all of them are read."""
    kept = request(headers={"Connection": "keep-alive"})
    refused = request(headers={"Connection": "keep-alive", "Authorization": None})
    before = doors.count()
    answer = doors.said(kept * 20 + refused + kept * 20 + request())
    statuses = [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200] * 20 + [401] + [200] * 21
    assert doors.count() == before + 41


@pytest.mark.parametrize(
    "behind", [b"\0\1 no HTTP\r\n", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000]
)
def test_what_is_refused_behind_an_event_does_not_take_its_answer(
    doors: Behind, behind: bytes
) -> None:
    """The event is answered first, and the refusal, if there is one, after it."""
    before = doors.count()
    answer = doors.said(request(headers={"Connection": "keep-alive"}) + behind)
    # The end of the connection may overtake the answer, since not all was read.
    statuses = [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert statuses in ([], [200], [200, 431])
    until(lambda: doors.count() == before + 1, "the event is not stored")


def test_each_request_of_a_connection_is_read_in_its_own_way(doors: Behind) -> None:
    """Plain or not, with its body or before it, and refused before its body is there."""
    kept, body = {"Connection": "keep-alive"}, json.dumps(EVENT).encode()
    chunked = request(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), {**kept, **CHUNKED})
    unkeyed = request(headers={**kept, "Authorization": None})
    plain, before = request(headers=kept), doors.count()
    with doors.connect() as connection:
        for sent, status in ((plain, 200), (chunked, 200), (unkeyed, 401), (plain, 200)) * 2:
            connection.sendall(sent[: -len(body)])
            if status == 401:
                assert status_in(next_of(connection)) == status
                connection.sendall(body[:5])
                connection.sendall(body[5:])
                continue
            connection.sendall(sent[-len(body) : -5])
            connection.sendall(sent[-5:])
            assert status_in(next_of(connection)) == status
        connection.sendall(plain + chunked + plain + request())
        assert rest_of(connection).count(b"HTTP/1.1 200 ") == 4
    assert doors.count() == before + 10


def next_of(connection: socket.socket) -> bytes:
    """The next answer, whose body is an object."""
    answer = b""
    while not answer.endswith(b"}"):
        answer += connection.recv(65536)
    return answer


def test_only_who_has_a_key_is_told_to_send_the_rest(doors: Behind) -> None:
    asks = {"Expect": "100-continue", "Content-Length": "50"}
    for more, status in (({"Authorization": None}, 401), ({"Content-Length": "9" * 9}, 413)):
        assert status_in(doors.said(request(b"", {**asks, **more}))) == status
    assert doors.said(request(b"", asks)).startswith(b"HTTP/1.1 100 ")


def test_of_very_many_requests_at_once_only_the_first_are_answered(doors: Behind) -> None:
    """Small ones, thousands of which would fit into what is read at once; the connection ends then.

    That end may overtake the answers.
    """
    tiny = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    with doors.connect() as connection:
        connection.sendall(request(headers={"Connection": "keep-alive"}) + tiny * 1_500)
        answered = rest_of(connection).count(b"HTTP/1.1 200 ")
    assert answered < 100


@pytest.mark.parametrize("line", ["POST /events/shops HTTP/1.1", "GET /healthz HTTP/1.1"])
def test_a_thousand_requests_without_a_key_are_not_answered_all(doors: Behind, line: str) -> None:
    """Who sends them one after another, and reads nothing, costs little."""
    answer = doors.said(request(b"", {"Connection": "keep-alive"}, line=line) * 1_000)
    assert answer.count(b"content-length") <= 20


@pytest.mark.parametrize("sent", [HEAD_ONLY, HEAD_ONLY + b"{", b"POST /events/shop HT", b""])
def test_half_an_event_is_not_stored(doors: Behind, sent: bytes) -> None:
    before = doors.count()
    assert doors.said(sent, is_over=True) == b""
    assert doors.count() == before


SLOW = {
    "nothing at all": (b"", None),
    "a byte": (b"P", 408),
    "half a head": (HEAD_ONLY[:60], 408),
    "no body": (HEAD_ONLY, 408),
    "half a body": (HEAD_ONLY + b"{" * 10, 408),
    "half a chunk": (request(b"5\r\n{", CHUNKED), 408),
    "no body, and no key": (request(b"", {"Content-Length": "9", "Authorization": None}), 401),
}


@pytest.mark.parametrize(("sent", "status"), SLOW.values(), ids=SLOW)
def test_the_slow_are_not_waited_for(doors: Behind, sent: bytes, status: int | None) -> None:
    before = doors.count()
    assert doors.status(sent) == status
    assert doors.count() == before


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\n", HEAD_ONLY[:-2]])
def test_a_byte_now_and_then_gives_no_more_time(doors: Behind, start: bytes) -> None:
    """The connection is closed while bytes still come."""
    with doors.connect() as connection:
        connection.sendall(start)
        connection.settimeout(0.05)
        answer = b""
        while True:
            try:
                if not (part := connection.recv(65536)):
                    break
                answer += part
            except TimeoutError:
                connection.sendall(b"X-A: b\r\n")
            except ConnectionError:
                break
    assert status_in(answer) in (None, 408)


def test_who_does_not_read_answers_is_let_go(doors: Behind) -> None:
    """Asked without end, the doors ask no more of a connection than its answers find room."""
    ask = request(b"", {"Connection": "keep-alive"}, line="GET /large HTTP/1.1") * 1_000
    with doors.connect() as connection, pytest.raises(ConnectionError):
        send_for_ever(connection, ask)


@pytest.mark.parametrize("headers", [{}, CHUNKED])
@pytest.mark.parametrize("behind", [request() * 200_000, request(b" " * 40_000_000)], ids=len)
def test_what_comes_behind_an_event_that_waits_is_not_read(
    doors: Behind, headers: dict[str, str | None], behind: bytes
) -> None:
    """However long the answer takes, and whatever comes meanwhile: a little of it is kept."""
    body, before = json.dumps({**EVENT, "name": WAITS}).encode(), doors.memory()
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if headers else body
    with doors.connect() as connection:
        connection.sendall(request(chunks, {"Connection": "keep-alive", **headers}))
        connection.settimeout(1.0)
        with pytest.raises(TimeoutError):
            connection.sendall(behind)
    assert doors.memory() - before < 20


def send_for_ever(connection: socket.socket, what: bytes) -> NoReturn:
    while True:
        connection.sendall(what)


def test_idle_connections_end(doors: Behind) -> None:
    with doors.connect() as connection:
        connection.sendall(request(headers={"Connection": "keep-alive"}))
        assert status_in(rest_of(connection)) == 200


@pytest.mark.parametrize("headers", [{}, CHUNKED, {"Expect": "100-continue"}])
def test_a_body_of_100_megabytes_is_refused_in_bounded_memory(
    doors: Behind, headers: dict[str, str | None]
) -> None:
    megabyte, before, stored = b" " * 1_000_000, doors.memory(), doors.count()
    is_chunked = headers is CHUNKED
    part = b"f4240\r\n" + megabyte + b"\r\n" if is_chunked else megabyte
    head = request(b"", {"Content-Length": "100000000", "Connection": "keep-alive", **headers})
    assert doors.status(head, *[part] * 100, b"0\r\n\r\n" if is_chunked else b"") == 413
    assert doors.memory() - before < 100
    assert doors.count() == stored


def test_bodies_of_many_at_once_are_held_within_bounds(doors: Behind) -> None:
    """Twenty senders with a key begin events of 4 MB; some are told to come again."""
    before = doors.memory()
    head = request(b"", {"Content-Length": str(4 * 1024 * 1024)})
    body = b'{"payload": "' + b"x" * (4 * 1024 * 1024 - 100)
    with ThreadPoolExecutor(20) as senders:
        statuses = set(senders.map(lambda _: doors.status(head, body), range(20)))
    assert 503 in statuses
    assert statuses <= {408, 503}
    assert doors.memory() - before < 100
