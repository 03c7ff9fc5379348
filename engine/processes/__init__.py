"""Work in other processes, with limits of processor time, memory and time, shared fairly by its owners."""

from .limits import ProcessLimits
from .local import LocalWork, Work, open_work
from .pool import Kept, ProcessPool
from .turns import FairTurns

__all__ = ["FairTurns", "Kept", "LocalWork", "ProcessLimits", "ProcessPool", "Work", "open_work"]
