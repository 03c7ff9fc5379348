"""One event through one plan becomes an outcome. Pure: no clock, no network, no file, no global state."""

from .envelope import envelope_findings, order_named_in
from .inputs import ABSENT, Inputs
from .landed import has_landed
from .lookup_keys import WantedKeys, wanted_keys
from .outcome import Outcome, Payload, Proof, RunState
from .run import run
from .source_requests import SourceRequest, identity_of, is_wanted, next_request
from .sublist import groups_of

__all__ = [
    "ABSENT",
    "Inputs",
    "Outcome",
    "Payload",
    "Proof",
    "RunState",
    "SourceRequest",
    "WantedKeys",
    "envelope_findings",
    "groups_of",
    "has_landed",
    "identity_of",
    "is_wanted",
    "next_request",
    "order_named_in",
    "run",
    "wanted_keys",
]
