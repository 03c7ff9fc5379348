"""Run one event through one plan. Pure: no clock, no network, no file, no global state."""

from .envelope import check_envelope, read_order_number
from .inputs import ABSENT, Inputs
from .landed import has_landed
from .lookup_keys import WantedKeys, find_lookup_keys
from .missing_rows import MissingRow, OrderNeeds, find_order_needs
from .order_lines import list_line_groups
from .outcome import Outcome, Payload, Proof, RunState
from .run import run
from .source_requests import SourceRequest, find_next_request, is_wanted, read_identity

__all__ = [
    "ABSENT",
    "Inputs",
    "MissingRow",
    "OrderNeeds",
    "Outcome",
    "Payload",
    "Proof",
    "RunState",
    "SourceRequest",
    "WantedKeys",
    "check_envelope",
    "find_lookup_keys",
    "find_next_request",
    "find_order_needs",
    "has_landed",
    "is_wanted",
    "list_line_groups",
    "read_identity",
    "read_order_number",
    "run",
]
