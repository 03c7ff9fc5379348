"""Where the schemas and base mappings are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def bundled(name: str) -> Path:
    """The folder `schemas` or `mappings` that belongs to this program."""
    package = Path(str(resources.files(__package__)))
    inside = package / "_bundled" / name
    return inside if inside.is_dir() else package.parent / name
