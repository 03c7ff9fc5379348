"""A time zone for each country: that of its largest city, or the first that tz lists."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

_LARGEST = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "ID": "Asia/Jakarta",
    "MX": "America/Mexico_City",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "US": "America/New_York",
}


def find_zone(country: str) -> str | None:
    """Return the time zone of a country; None for one that tz does not list."""
    return _read_zones().get(country)


@cache
def _read_zones() -> dict[str, str]:
    text = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {row[0]: row[2] for row in reversed(rows)} | _LARGEST
