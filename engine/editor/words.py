"""Types of values in words, for people. Pure."""

from __future__ import annotations

from ..mapping.value_types.value_type import LIST, OMITTED, Knowledge, ValueType

_MOST_WORDS = 12
_MOST_MEMBERS = 30


def describe_type(kind: ValueType) -> str:
    """Return a type in a few words: `list of map`, `money, may be absent`."""
    kinds = sorted(kind.kinds - {OMITTED})
    told = " or ".join(kinds) or "anything"
    if kind.label and kind.label not in (told, "null"):
        told = f"{kind.label} ({told})" if kinds else kind.label
    if kinds == [LIST] and kind.entry is not None and kind.entry.is_known:
        told = f"list of {' or '.join(sorted(kind.entry.kinds))}"
    return f"{told}, may be absent" if kind.may_be_absent else told


def explain_type(kind: ValueType) -> str:
    """Return all that is known of a value, as Markdown."""
    lines = [f"**{kind.name}**: {describe_type(kind)}" if kind.name else describe_type(kind)]
    if kind.source and kind.source != kind.name:
        lines.append(f"known from {kind.source}")
    if kind.words:
        shown = ", ".join(f"`{word}`" for word in sorted(kind.words)[:_MOST_WORDS])
        more = " …" if len(kind.words) > _MOST_WORDS else ""
        lines.append(f"{'one of' if kind.are_all_words else 'known texts'}: {shown}{more}")
    holder = kind.entry if kind.entry is not None and not kind.members else kind
    if holder.members and holder.known is not Knowledge.NOTHING:
        names = list(holder.members)
        more = f" … ({len(names)})" if len(names) > _MOST_MEMBERS else ""
        lines.append(f"members: {', '.join(names[:_MOST_MEMBERS])}{more}")
    return "\n\n".join(lines)
