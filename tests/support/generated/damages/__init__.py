"""Every kind of damage, by name."""

from __future__ import annotations

from .amounts import AMOUNTS
from .damage import Case, Damage
from .identity import IDENTITY
from .paying import PAYING
from .shapes import SHAPES
from .texts import TEXTS

DAMAGES: dict[str, Damage] = AMOUNTS | PAYING | IDENTITY | SHAPES | TEXTS
assert len(DAMAGES) == sum(map(len, (AMOUNTS, PAYING, IDENTITY, SHAPES, TEXTS))), "a name twice"

__all__ = ["DAMAGES", "Case", "Damage"]
