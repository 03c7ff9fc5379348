"""Every finding code, in one place; a code is never reused for something else.

The first two digits are the room the finding comes from. Each code has a
golden folder of that name in tests/diagnostics, which shows its whole text.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    # 01 reading YAML, and finding mapping files
    "E0101": "the file does not exist",
    "E0102": "the file cannot be read",
    "E0103": "the path leaves the mappings folder",
    "E0104": "the file is too large",
    "E0105": "the text is not UTF-8",
    "E0106": "the YAML cannot be parsed",
    "E0107": "a key stands twice in one map",
    "E0108": "aliases and anchors are not part of the language",
    "E0109": "merge keys are not part of the language",
    "E0110": "the tag is not part of the language",
    "E0111": "the YAML is nested too deeply",
    "E0112": "a key is not plain text",
    "E0113": "the file is empty or holds more than one document",
    "E0114": "an unquoted {{ is a YAML map, not a template",
    "E0115": "a number is out of bounds",
    "E0120": "mappings extend each other in a circle",
    "E0121": "the mapping to extend does not exist",
    "E0122": "there is nothing to remove",
    "E0123": "the entry to stand next to does not exist",
    "W0124": "the override changes nothing",
    # 02 the shape of mappings and tenants
    # 03 JMESPath
    # 04 templates
    # 05 documents: JSON, and the values in them
    # 06 lookups
    # 07 rendering
    # 08 checks and the proof of balance
    # 09 limits
    "E0901": "the mapping needs more work than one order may cost",
    "E0902": "a number is too large or too long",
    "E0903": "a division by zero",
    "E0904": "a text is too long",
    "E0905": "a list is too long",
    "E0906": "an expression is too long or nested too deeply",
    # 10 GraphQL
}
