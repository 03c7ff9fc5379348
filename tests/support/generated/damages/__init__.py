"""Every kind of damage, by name."""

from __future__ import annotations

from .amounts import AMOUNTS
from .anywhere import ANYWHERE
from .damage import Case, Damage
from .identity import IDENTITY
from .paying import PAYING
from .shapes import SHAPES
from .texts import TEXTS

FAMILIES: dict[str, dict[str, Damage]] = {
    "amounts": AMOUNTS,
    "paying": PAYING,
    "identity": IDENTITY,
    "shapes": SHAPES,
    "texts": TEXTS,
    "anywhere": ANYWHERE,
}
DAMAGES = {kind: damage for family in FAMILIES.values() for kind, damage in family.items()}
assert len(DAMAGES) == sum(map(len, FAMILIES.values())), "a name stands twice"

__all__ = ["DAMAGES", "FAMILIES", "Case", "Damage"]
