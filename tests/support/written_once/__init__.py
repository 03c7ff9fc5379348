"""A model of one delivery: every way in which requests, processes and people may interfere with it.

A *tape* of small numbers decides each of these: one tape is one history, replayed exactly. The worker, the
attempt and the writing are the program's own; the account of NetSuite, the shop and the journal's rows are
played in memory.
"""

from .histories import BrokenError, play
from .many import play_seeds
from .planted import PLANTED

__all__ = ["PLANTED", "BrokenError", "play", "play_seeds"]
