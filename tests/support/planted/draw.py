"""Draws a slip: its kind, its place and its letters all follow from a seed and an index."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from .kinds import KINDS, find_sites, read_files
from .slip import Slip, make_slip


def draw_slip(seed: int, index: int, kinds: Sequence[str] = tuple(KINDS)) -> Slip:
    """The slip of a seed and an index, of one of the kinds; each kind is as frequent as another."""
    random = Random(f"{seed}/{index}")
    kind = random.choice(kinds)
    site = random.choice(find_sites(kind))
    return make_slip(site, read_files()[site.file].text, kind, (seed, index), random)
