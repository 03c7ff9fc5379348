"""An operator's slips, planted one at a time into the shipped mappings, and what finds each of them.

A slip is drawn from a seed and an index: the same two numbers give the same slip. The kinds are those of an
engineer at work (a letter, a dropped line, another type), not those that are known to be found.
"""

from .draw import draw_slip
from .judge import Bench, Found, Verdict
from .kinds import KINDS
from .many import judge_slips
from .shares import Share, count_shares
from .slip import Slip

__all__ = [
    "KINDS",
    "Bench",
    "Found",
    "Share",
    "Slip",
    "Verdict",
    "count_shares",
    "draw_slip",
    "judge_slips",
]
