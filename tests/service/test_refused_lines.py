"""The log of a flood of refused events: a line in a second, and none is left uncounted."""

from __future__ import annotations

import io
import json
import logging

from engine.service.monitoring.logs import LogObserver, open_log
from engine.service.web.app import HttpAnswer


def test_events_refused_alike_have_a_line_in_a_second() -> None:
    stream, root, now = io.StringIO(), logging.getLogger(), 0.0
    before = root.handlers, root.level
    try:
        observer = LogObserver(open_log(stream, for_people=False), lambda: now)
        for second in (0.0, 0.5, 0.9, 1.1, 5.0):
            now = second
            for tenant, status in ((None, 404), ("dodici", 401), ("dodici", 200)):
                observer.record_answer(HttpAnswer(tenant, status, {}, 0.001))
    finally:
        root.handlers, root.level = before
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    for status in (404, 401):
        others = [line.get("others", 0) for line in lines if line["status"] == status]
        assert others == [0, 2, 0]
    assert sum(line["status"] == 200 for line in lines) == 5
