"""Work in other processes, with limits of processor time, memory and time, shared fairly by its owners."""

from .limits import ProcessLimits
from .pool import Kept, ProcessPool
from .turns import FairTurns

__all__ = ["FairTurns", "Kept", "ProcessLimits", "ProcessPool"]
