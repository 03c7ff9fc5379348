"""The fields in which differences are allowed, by patterns such as `item.items[].custcol_*`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate


@dataclass(frozen=True, slots=True)
class AllowedFields:
    """The patterns as given; a field is compared with and without the name of its record."""

    patterns: tuple[str, ...] = ()

    def find(self, field: str) -> str | None:
        """Return the first pattern that a field such as `salesOrder.item.items[].rate` matches."""
        names = field, field.partition(".")[2]
        return next(
            (
                pattern
                for pattern in self.patterns
                if any(name and _compile(pattern).fullmatch(name) for name in names)
            ),
            None,
        )


def _compile(pattern: str) -> re.Pattern[str]:
    """Compile a pattern; `[]` stands for itself, as in the names of fields."""
    return re.compile(translate(pattern.replace("[]", "[[]]")))
