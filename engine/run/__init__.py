"""One event through one plan becomes an outcome. Pure: no clock, no network, no file, no global state."""

from .asking import SourceRequest, identity_of, is_wanted, next_request
from .envelope import envelope_findings, order_named_in
from .grouping import groups_of
from .inputs import ABSENT, Inputs
from .landing import has_landed
from .outcome import Outcome, Payload, Proof, State
from .run import run
from .wanted import Wanted, wanted_keys

__all__ = [
    "ABSENT",
    "Inputs",
    "Outcome",
    "Payload",
    "Proof",
    "SourceRequest",
    "State",
    "Wanted",
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
