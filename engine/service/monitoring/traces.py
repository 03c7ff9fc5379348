"""Traces by OpenTelemetry, with the extra `otel`: a span for each attempt, and below it for each step.

Spans are made when an attempt has ended, with its recorded times: the delivery passes nothing on for
them.
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
    """An observer that makes spans."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer(_NAME)

    def close(self) -> None:
        """Send the waiting spans, within a short time."""
        self._provider.force_flush(_FLUSH_MILLISECONDS)

    def record_answer(self, answer: HttpAnswer) -> None:
        """Do nothing: requests have no spans."""

    def record_claim(self, claim: Claim) -> None:
        """Do nothing: the span is made at the end."""

    def record_end(self, attempt: FinishedAttempt) -> None:
        """Make the spans of an attempt."""
        from opentelemetry.trace import Status, StatusCode, set_span_in_context  # noqa: PLC0415 - an extra

        claim, result = attempt.claim, attempt.result
        span = self._tracer.start_span(
            f"deliver {claim.mapping}",
            start_time=attempt.timer.started,
            attributes=_attributes(attempt),
        )
        if result.state is DeliveryState.PARKED:
            span.set_status(Status(StatusCode.ERROR, result.reason))
        above = set_span_in_context(span)
        for step in attempt.steps:
            about = {} if step.about is None else {"erpmap.about": step.about}
            below = self._tracer.start_span(
                step.name, context=above, start_time=step.started, attributes=about
            )
            if step.failed is not None:
                below.set_status(Status(StatusCode.ERROR, step.failed))
            below.end(step.started + int(step.seconds * 1e9))
        span.end(attempt.timer.ended)


def _attributes(attempt: FinishedAttempt) -> Mapping[str, str | int]:
    claim, result = attempt.claim, attempt.result
    return {
        "erpmap.tenant": claim.tenant,
        "erpmap.delivery": claim.id,
        "erpmap.event": claim.event_id,
        "erpmap.order": claim.order,
        "erpmap.attempt": claim.attempts + 1,
        "erpmap.state": str(result.state),
        "erpmap.reason": result.reason or "",
    }


def open_traces(environ: Mapping[str, str] = os.environ) -> TraceObserver | None:
    """Return an observer that sends spans to `OTEL_EXPORTER_OTLP_ENDPOINT`; None if that is not set.

    Raise ErpmapError when it is set and the extra is not installed.
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
    # The end of the process does not wait for a collector that does not answer.
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return TraceObserver(provider)
