"""One event through one plan becomes an outcome. Pure: no clock, no network, no file, no global state."""

from .inputs import ABSENT, Inputs
from .outcome import Outcome, Payload, Proof, State
from .run import run
from .wanted import Wanted, wanted_keys

__all__ = [
    "ABSENT",
    "Inputs",
    "Outcome",
    "Payload",
    "Proof",
    "State",
    "Wanted",
    "run",
    "wanted_keys",
]
