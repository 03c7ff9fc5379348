"""What is seen of the service from outside: ready or not, measures, log lines, traces."""

from __future__ import annotations

import gzip
import io
import json
import logging
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from command import in_shell
from commanded import Commanded, Holding, played_with
from conftest import ROOT
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from orders import Sample, a_sample, address
from prometheus_client.parser import text_string_to_metric_families
from serviced import KEY, send, spoken_to
from shopping import orders
from waiting import until

from engine.documents import write_json_bytes
from engine.service.monitoring.logs import open_log
from engine.simulator.faults import Fault
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import add_cases
from engine.simulator.world import NETSUITE, NEWSTORE, SimulatedTenant, build_simulator_app

SAMPLES = [sample for what, sample in orders(12) if what.channel_type == "web"][:3]
MARK = "Quibblesworth"
RETRY = """
retry:
  order_pending:   {wait: [1s]}
  payment_pending: {wait: [1s]}
  unavailable:     {wait: [1s]}
  throttled:       {wait: [1s]}
"""


def test_an_event_is_sent_as_the_documentation_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")
    (curl,) = re.findall(r"^(curl (?:.*\\\n)?.*)$", page, re.MULTILINE)
    played = played_with()
    add_cases(played, ROOT / "mappings" / "dodici" / "cases")
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Commanded(tmp_path / "journal.db", simulator) as service,
    ):
        own = curl.replace("$DODICI_EVENT_KEY", KEY).replace(":8080/", f":{service.port}/")
        said = in_shell(own)
        assert said.stdout.startswith("HTTP/1.1 200"), said.stdout + said.stderr
        service.drained()
        (ended,) = service.said("delivery ended")
        assert ended["state"] == "delivered"


def test_ready_says_what_is_not(tmp_path: Path) -> None:
    """A journal that cannot be written makes it unready, a tenant that cannot run does not."""
    journal, mappings = tmp_path / "journal.db", _mappings(tmp_path)
    common = mappings / "dodici" / "common.yaml"
    common.write_text(common.read_text() + "\nno_such_key: 1\n")
    with (
        serve_in_thread(build_simulator_app([played_with()])) as simulator,
        Commanded(journal, simulator, mappings=mappings) as service,
    ):
        status, text = service.get("/readyz")
        ready = json.loads(text)
        assert (status, ready["ready"], ready["tenants"]["dodici"]["ready"]) == (200, True, False)
        assert ready["tenants"]["dodici"]["trouble"]
        other = sqlite3.connect(journal, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        assert _until_ready(service, 503)["journal"] in (
            "cannot be written: it does not answer",
            "cannot be written: database is locked",
        )
        assert service.get("/healthz")[0] == 200
        other.execute("ROLLBACK")
        other.close()
        assert _until_ready(service, 200)["journal"] == "written"


def test_strangers_are_told_one_word_and_no_name(tmp_path: Path) -> None:
    """Names, reasons and measures are on the administrative port, which takes no events."""
    mappings = _mappings(tmp_path)
    common = mappings / "dodici" / "common.yaml"
    common.write_text(common.read_text() + "\nno_such_key: 1\n")
    with (
        serve_in_thread(build_simulator_app([played_with()])) as simulator,
        Commanded(tmp_path / "journal.db", simulator, mappings=mappings) as service,
    ):
        assert service.get("/readyz", port=service.port) == (200, '{"ready":true}')
        assert service.get("/healthz", port=service.port) == (200, '{"alive":true}')
        status, text = service.get("/metrics", port=service.port)
        assert (status, "dodici" in text) == (404, False)
        assert "dodici" in service.get("/readyz")[1]
        assert "erpmap_tenant_ready" in service.get("/metrics")[1]
        assert spoken_to(service.admin, "POST", "/events/dodici", b"{}") == 404
        purposes = {line["purpose"]: line["address"] for line in service.said("listening")}
    assert purposes == {
        "events": f"http://127.0.0.1:{service.port}",
        "admin": f"http://127.0.0.1:{service.admin}",
    }


def test_without_an_administrative_port_nobody_is_told_more(tmp_path: Path) -> None:
    with serve_in_thread(build_simulator_app([played_with()])) as simulator:
        with Commanded(tmp_path / "journal.db", simulator, admin=False) as service:
            assert service.get("/readyz", port=service.port) == (200, '{"ready":true}')
            assert service.get("/metrics", port=service.port)[0] == 404
        (line,) = service.said("listening")
    assert line["purpose"] == "events"


def test_what_a_tenant_lacks_is_said_once_with_what_to_do(tmp_path: Path) -> None:
    """No key that its events may bear, no address for trouble, and then newer files that are wrong."""
    mappings = _mappings(tmp_path)
    tenant, common = (mappings / "dodici" / name for name in ("tenant.yaml", "common.yaml"))
    good, right = tenant.read_text(), common.read_text()
    tenant.write_text(good.replace("DODICI_EVENT_KEY", "NO_SUCH_KEY"))
    with (
        serve_in_thread(build_simulator_app([played_with()])) as simulator,
        Commanded(tmp_path / "journal.db", simulator, mappings=mappings) as service,
    ):

        def told() -> tuple[bool, bool, float, float]:
            """Whether it is ready and outdated, as the page says it and as the measures do."""
            page = json.loads(service.get("/readyz")[1])["tenants"]["dodici"]
            found = _measures(service)
            ready, outdated = (
                found[f"erpmap_tenant_{word}", "dodici"] for word in ("ready", "outdated")
            )
            return page["ready"], page["outdated"], ready, outdated

        assert told() == (False, False, 0, 0)
        assert service.request("POST", "/events/dodici", b"{}") == 503
        assert "keys cannot be read" in service.said("event refused")[0]["reason"]
        tenant.write_text(good)
        until(lambda: told() == (True, False, 1, 0), "it never takes the key")
        common.write_text(f"{right}\nno_such_key: 1\n")
        until(lambda: told() == (True, True, 1, 1), "it never says that it goes on as it was")
        (line,) = [one for one in service.said("tenant in trouble") if "findings" in one["why"]]
        assert line["then"] == "the previous version keeps running"
        assert line["run"] == "erpmap validate dodici"
        common.write_text(right)
        until(lambda: told() == (True, False, 1, 0), "it never takes the mended file")
        webhook = [one["message"] for one in service.lines if "notify.webhook" in one["message"]]
        assert len(webhook) == 1
        assert "DODICI_ALERTS" in webhook[0]


def test_measures_add_up(tmp_path: Path) -> None:
    journal, played = tmp_path / "journal.db", played_with(*SAMPLES)
    holding = Holding(build_simulator_app([played]))
    with serve_in_thread(holding) as simulator, Commanded(journal, simulator) as service:
        assert service.request("POST", "/events/dodici", b"{}") == 400
        assert service.request("POST", "/events/nobody", b"{}") == 404
        assert send(service, {**SAMPLES[0].event, "name": "order.dreamt_of"})
        body = write_json_bytes(SAMPLES[0].event)
        threading.Thread(target=service.request, args=("POST", "/events/dodici", body)).start()
        assert holding.reached.wait(60)
        open_now = _measures(service)
        assert open_now["erpmap_open_deliveries", "running", "dodici"] == 1
        assert open_now["erpmap_netsuite_in_use", played.account.id] == 1
        assert open_now["erpmap_netsuite_allowance", played.account.id] >= 1
        assert open_now["erpmap_oldest_open_seconds", "dodici"] >= 0
        holding.released.set()
        assert all(send(service, sample.event) for sample in SAMPLES)
        service.drained()
        found = _measures(service)
    many = len(SAMPLES)
    assert found["erpmap_attempts_total", "sales_order", "delivered", "dodici"] == many
    assert found["erpmap_events_total", "routed", "", "200", "dodici"] == many + 1
    assert found["erpmap_events_total", "ignored", "no_mapping", "200", "dodici"] == 1
    assert found["erpmap_events_total", "", "", "400", "dodici"] == 1
    assert found["erpmap_events_total", "", "", "404", "unknown"] == 1
    assert found["erpmap_tenant_ready", "dodici"] == found["erpmap_journal_up",] == 1
    for step, least in (("fetch", many), ("render", many), ("write", many), ("confirm", many)):
        assert found["erpmap_step_seconds_count", step, "dodici"] >= least
    assert found["erpmap_journal_commit_seconds_count",] > many
    assert _steps(journal) == {"fetch", "lookups", "render", "write", "confirm"}


def test_no_line_of_the_log_holds_a_secret_or_customers_data(tmp_path: Path) -> None:
    """Through every fault of both systems, refused and broken events, and a payload that fails."""
    sample, wrong = _marked("LOG1"), _marked("LOG2")
    wrong.order["data"]["order"]["shippingTotal"] = "5.00"
    played, journal = played_with(sample, wrong), tmp_path / "journal.db"
    _every_fault(played)
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Commanded(journal, simulator, mappings=_mappings(tmp_path)) as service,
    ):
        _send_bad_ones(service)
        for one in (sample, wrong):
            service.request("POST", "/events/dodici", write_json_bytes(one.event))
        service.drained()
        assert service.stop() == 0
        said = service.log
    struck = {fault for system in played.faults.values() for fault in system.struck}
    assert len(struck) > 5, "no faults, nothing shown"
    states = {line["state"] for line in _lines(said, "delivery ended")}
    assert states == {"delivered", "waiting", "parked"}
    refused = _lines(said, "event refused")
    assert {line["status"] for line in refused} >= {400, 401, 415}
    assert all(line["reason"] for line in refused)
    assert "E0503: a key appears twice in one JSON map" in {line["reason"] for line in refused}
    for secret in (MARK, MARK.lower(), KEY, *_secrets(played)):
        assert secret not in said, secret


def test_a_line_names_what_it_is_about(tmp_path: Path) -> None:
    journal, played = tmp_path / "journal.db", played_with(*SAMPLES)
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Commanded(journal, simulator) as service,
    ):
        assert send(service, SAMPLES[0].event)
        assert send(service, _historical(SAMPLES[1].event))
        service.drained()
        assert service.stop() == 0
        accepted, ignored = service.said("event accepted")
        (ended,) = service.said("delivery ended")
        assert len(service.said("delivery begun")) == len(service.said("stopped")) == 1
    assert (accepted["tenant"], accepted["fate"]) == ("dodici", "routed")
    assert ignored["fate"] == "ignored"
    assert ignored["reason"] == "on.when: it does not hold in sales_order, cash_sale"
    assert ignored["order"] == SAMPLES[1].event["payload"]["external_id"]
    assert accepted["deliveries"] == [ended["delivery"]]
    assert accepted["event"] == ended["event"]
    assert (ended["state"], ended["mapping"]) == ("delivered", "sales_order")
    assert [step["step"] for step in ended["steps"]][:3] == ["fetch", "lookups", "render"]


def test_errors_and_other_libraries_are_logged_without_what_they_quote() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers, root.level
    try:
        open_log(stream, for_people=False)
        try:
            raise ValueError(MARK)  # noqa: TRY301 - the error of somebody else's code
        except ValueError:
            logging.getLogger("engine.somewhere").exception("delivery %s failed", 7)
            logging.getLogger("library").exception("failed for %s\nhere: %s", MARK, MARK)
        logging.getLogger("httpx").info("GET %s", MARK)
    finally:
        root.handlers, root.level = before
    own, other = (json.loads(line) for line in stream.getvalue().splitlines())
    assert MARK not in stream.getvalue()
    assert (own["message"], own["error"]) == ("delivery 7 failed", "ValueError")
    assert (other["message"], other["logger"]) == ("failed for %s", "library")
    assert "test_seen.py" in own["places"][-1]


def test_what_an_event_names_cannot_move_a_terminals_cursor() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers, root.level
    try:
        log = open_log(stream, for_people=True)
        log.info("delivery begun", order="A\x1b[2J\r\nB" + "x" * 500)
    finally:
        root.handlers, root.level = before
    (line,) = stream.getvalue().splitlines()
    assert "\x1b[2J" not in line
    assert len(line) < 400


def test_a_delivery_is_a_span_with_its_steps_below(tmp_path: Path) -> None:
    journal, played = tmp_path / "journal.db", played_with(*SAMPLES)
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        _collector() as (address_, spans),
    ):
        environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": address_}
        with Commanded(journal, simulator, environ=environ) as service:
            assert send(service, SAMPLES[0].event)
            service.drained()
            assert service.stop() == 0
    (above,) = (span for span in spans if not span.parent_span_id)
    below = sorted((span for span in spans if span.parent_span_id), key=_started)
    assert above.name == "deliver sales_order"
    assert {span.parent_span_id for span in below} == {above.span_id}
    assert [span.name for span in below][:3] == ["fetch", "lookups", "render"]
    assert all(
        above.start_time_unix_nano
        <= span.start_time_unix_nano
        <= span.end_time_unix_nano
        <= above.end_time_unix_nano
        for span in below
    )
    told = {one.key: one.value.string_value for one in above.attributes}
    assert (told["erpmap.tenant"], told["erpmap.state"]) == ("dodici", "delivered")


def _started(span: Any) -> int:
    return int(span.start_time_unix_nano)


def _historical(event: Any) -> Any:
    return {**event, "payload": {**event["payload"], "is_historical": True}}


def _mappings(folder: Path) -> Path:
    """The mappings with short waits and without cases."""
    mappings = folder / "mappings"
    shutil.copytree(ROOT / "mappings", mappings, ignore=shutil.ignore_patterns("cases"))
    common = mappings / "dodici" / "common.yaml"
    common.write_text(common.read_text() + RETRY)
    return mappings


def _marked(number: str) -> Sample:
    """An order whose customer can be told by a mark, wherever it stands."""
    names = {"firstName": MARK, "lastName": MARK, "addressLine1": f"1 {MARK} St", "phone": MARK}
    return a_sample(
        number=number,
        email=f"{MARK}@example.com",
        placed_at="2026-12-03T18:41:06.110",
        addresses=(address("billing", **names), address("shipping", **names)),
    )


def _every_fault(played: SimulatedTenant) -> None:
    """Each fault once, in NewStore and in NetSuite, one request in between let through."""
    for system in (NEWSTORE, NETSUITE):
        faults = played.faults[system]
        faults.stall = faults.late = 0.2
        faults.change(rates={}, script=[one for fault in STRIKING for one in (fault, None)])


# Those left out last long, or ask to be left alone for minutes.
LASTING = {
    Fault.INFLATION,
    Fault.ELSEWHERE,
    Fault.COMMIT_THEN_TIMEOUT,
    Fault.DRIBBLE,
    Fault.THROTTLE,
    Fault.MAINTENANCE,
}
STRIKING = sorted(set(Fault) - LASTING)


def _send_bad_ones(service: Commanded) -> None:
    """Events that are refused, with the mark in each of them."""
    marked = f'{{"name": "{MARK}", "{MARK}": 1, "{MARK}": 2, "payload": {{}}}}'
    for body in (marked, MARK, f'{{"tenant": "{MARK}", "payload": "{MARK}"}}'):
        assert service.request("POST", "/events/dodici", body.encode()) == 400
    assert service.request("POST", f"/events/{MARK}", b"{}") == 404
    for headers, status in (
        ({"Authorization": f"Bearer {MARK}"}, 401),
        ({"Authorization": f"Bearer {KEY}", "Content-Type": MARK}, 415),
    ):
        assert service.request("POST", "/events/dodici", b"{}", headers) == status


def _secrets(played: SimulatedTenant) -> Iterator[str]:
    """Every text of how to sign in that is no address and no name of a tenant."""

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from texts(inner) if key not in _NO_SECRETS else ()
        elif isinstance(value, str):
            yield value

    yield from texts(played.connection())


_NO_SECRETS = ("account", "tenant", "url", "base_url", "token_url", "id")


def _lines(said: str, message: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in said.splitlines()]
    return [line for line in lines if line["message"] == message]


def _until_ready(service: Commanded, wanted: int) -> Any:
    """What is said with this status: an answer is remembered for a second."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        status, text = service.get("/readyz")
        if status == wanted:
            return json.loads(text)
    pytest.fail(f"it is never {wanted}")


def _measures(service: Commanded) -> dict[tuple[str, ...], float]:
    """The measures, by their names and the values of their labels, these in the order of the labels."""
    _, text = service.get("/metrics")
    return {
        (one.name, *(one.labels[label] for label in sorted(one.labels))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def _steps(journal: Path) -> set[str]:
    with sqlite3.connect(journal, timeout=10) as connection:
        rows = connection.execute("SELECT steps FROM attempts").fetchall()
    return {step["step"] for (steps,) in rows for step in json.loads(steps)}


@contextmanager
def _collector() -> Iterator[tuple[str, list[Any]]]:
    """A collector of traces on loopback, and the spans it was sent."""
    spans: list[Any] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = ExportTraceServiceRequest()
            request.ParseFromString(
                gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            )
            spans.extend(
                span
                for resource in request.resource_spans
                for scope in resource.scope_spans
                for span in scope.spans
            )
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", spans
        server.shutdown()
