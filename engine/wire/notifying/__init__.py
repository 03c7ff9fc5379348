"""Trouble told to a webhook: few messages, without customer data, never in a delivery's way."""

from __future__ import annotations

from .notice import CERTIFICATE_EXPIRING, KINDS, PARKED, STREAM_STOPPED, Notice
from .notifier import Hook, Notifier, Passing

__all__ = [
    "CERTIFICATE_EXPIRING",
    "KINDS",
    "PARKED",
    "STREAM_STOPPED",
    "Hook",
    "Notice",
    "Notifier",
    "Passing",
]
