"""Other ways to map an order, each optional: a name, and what makes it a contender."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..contenders import Contender
from ..tables import Tables
from . import airbyte, jmespath_jinja, jq, jsonata

# Each raises MissingError when it cannot run here.
RIVALS: dict[str, Callable[[Tables, Path], Contender]] = {
    "JMESPath + Jinja": jmespath_jinja.prepare,
    "jq": jq.prepare,
    "JSONata on node": jsonata.prepare,
    "airbyte-cdk": airbyte.prepare,
}
