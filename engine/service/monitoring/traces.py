"""Traces by OpenTelemetry, with the extra `otel`: a span for each attempt, one below for each step.

Spans are made when an attempt has ended, with the times it had: nothing is carried through the
delivery for them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...findings.errors import ErpmapError
from ...journal.claim import Claim
from ...journal.states import DeliveryState
from ..dispatch.worker import FinishedAttempt
from ..web.app import HttpAnswer

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_NAME = "erpmap"
_FLUSH_MILLISECONDS = 2_000


class TraceObserver:
    """A watcher that makes spans."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer(_NAME)

    def close(self) -> None:
        """Send what was not sent yet, within a short time."""
        self._provider.force_flush(_FLUSH_MILLISECONDS)

    def answered(self, answered: HttpAnswer) -> None:
        """Requests have no spans of their own."""

    def begun(self, taken: Claim) -> None:
        """The span is made at the end."""

    def ended(self, told: FinishedAttempt) -> None:
        """Make the spans of an attempt."""
        from opentelemetry.trace import Status, StatusCode, set_span_in_context  # noqa: PLC0415 - an extra

        taken, result = told.taken, told.result
        span = self._tracer.start_span(
            f"deliver {taken.mapping}", start_time=told.watch.started, attributes=_attributes(told)
        )
        if result.state is DeliveryState.PARKED:
            span.set_status(Status(StatusCode.ERROR, result.reason))
        above = set_span_in_context(span)
        for step in told.steps:
            about = {} if step.about is None else {"erpmap.about": step.about}
            below = self._tracer.start_span(
                step.name, context=above, start_time=step.started, attributes=about
            )
            if step.failed is not None:
                below.set_status(Status(StatusCode.ERROR, step.failed))
            below.end(step.started + int(step.seconds * 1e9))
        span.end(told.watch.ended)


def _attributes(told: FinishedAttempt) -> Mapping[str, str | int]:
    taken, result = told.taken, told.result
    return {
        "erpmap.tenant": taken.tenant,
        "erpmap.delivery": taken.id,
        "erpmap.event": taken.event_id,
        "erpmap.order": taken.order,
        "erpmap.attempt": taken.attempts + 1,
        "erpmap.state": str(result.state),
        "erpmap.reason": result.reason or "",
    }


def open_traces(environ: Mapping[str, str] = os.environ) -> TraceObserver | None:
    """A watcher whose spans go where `OTEL_EXPORTER_OTLP_ENDPOINT` says; None where nothing is said.

    Raise ErpmapError when it is, and the extra is not installed.
    """
    if not environ.get(ENDPOINT):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - an extra
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - an extra
    except ImportError:
        words = f"{ENDPOINT} is set, and traces need the extra: pip install 'erpmap[otel]'"
        raise ErpmapError(words) from None
    resource = Resource.create({"service.name": _NAME})
    # Nobody waits at the end for a collector that does not answer.
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return TraceObserver(provider)
