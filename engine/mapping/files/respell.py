"""The earlier spelling of removed and placed entries, the tags, rewritten as keys of their map. Pure.

A rewrite is a list of edits of the text: comments, quotes and all that has no tag stay as they are. It
is checked before it is returned: the new text must say the same as the old one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...findings.diagnostics import Finding, SourceText, TextEdit, apply_edits
from ...findings.errors import ReadError
from ...findings.quote import quoted
from .nodes import Directive, Entry, ListNode, MapNode, Node, Scalar, Verb
from .parse_yaml import read_yaml
from .placements import PLACEMENT_KEYS, read_placements
from .scalars import read_plain_scalar

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_BY_HAND = "write it by hand, with the keys $remove, $before and $after of its map"
_COMMA = re.compile(r"[ \t]*,[ \t]*")
_EXPLICIT_KEY = re.compile(r"(?:^|[\s\[{,])\?[ \t]+\Z")

Tagged = tuple[Entry, Directive]


def respell(text: SourceText) -> tuple[TextEdit, ...]:
    """Return the edits that write every tag of a file as a key; none where it has no tags.

    Raise ReadError with every finding: the YAML is broken (E0104 to E0117), names are placed twice
    (E0202, E0206), or a tag stands where no edit can replace it (E0126).
    """
    root = read_yaml(text)
    edits = tuple(edit for node in _list_maps(root) for edit in _respell_map(node))
    if not edits or not isinstance(root, MapNode):
        return ()
    findings = [*read_placements(root)[1], *_list_unwritable(root)]
    if not findings and not _says_the_same(root, text, edits):
        findings = [
            _by_hand(directive) for node in _list_maps(root) for _, directive in _tags(node)
        ]
    if findings:
        raise ReadError(f"{text.name} cannot be rewritten", findings)
    return edits


def _list_maps(node: Node) -> Iterator[MapNode]:
    """Yield every map of a node, also those in lists."""
    if isinstance(node, MapNode):
        yield node
        for entry in node.entries:
            yield from _list_maps(entry.value)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _list_maps(item)


def _tags(node: MapNode) -> list[Tagged]:
    """Return the entries of a map that have a tag, each with its directive."""
    found = ((entry, entry.value.directive) for entry in node.entries)
    return [(entry, directive) for entry, directive in found if directive is not None]


def _list_unwritable(root: MapNode) -> list[Finding]:
    """Find tags that no edit replaces: of a key after `?`, or behind a comment that would be lost."""
    found = []
    for node in _list_maps(root):
        for entry, directive in _tags(node):
            content = directive.place.text.content
            between = content[entry.key.span[1] : directive.place.offset]
            if "\n" in between or _EXPLICIT_KEY.search(content, 0, entry.key.span[0]):
                found.append(_by_hand(directive))
    return found


def _by_hand(directive: Directive) -> Finding:
    message = f"the tag {quoted(str(directive))} cannot be rewritten where it stands"
    return Finding("E0126", message, place=directive.place, hint=_BY_HAND)


def _says_the_same(root: MapNode, text: SourceText, edits: Sequence[TextEdit]) -> bool:
    """Whether the text says the same after the edits, and has no tag left."""
    try:
        again = read_yaml(SourceText(text.name, apply_edits(text.content, edits)))
    except (ReadError, ValueError):
        return False
    if not isinstance(again, MapNode) or any(_tags(node) for node in _list_maps(again)):
        return False
    new, findings = read_placements(again)
    return not findings and _meaning(new) == _meaning(read_placements(root)[0])


def _meaning(node: Node) -> object:
    """Return what a node says: its values, and the directives in the order in which they apply."""
    if isinstance(node, ListNode):
        return [_meaning(item) for item in node.items]
    if isinstance(node, Scalar):
        return (type(node.value), node.value, node.text)
    directed: dict[Verb, list[object]] = {verb: [] for verb in Verb}
    for entry, directive in _tags(node):
        directed[directive.verb].append((entry.name, directive.name, _meaning(entry.value)))
    directed[Verb.REMOVE].sort(key=str)
    others = [(e.name, _meaning(e.value)) for e in node.entries if e.value.directive is None]
    return ("map", others, directed)


def _respell_map(node: MapNode) -> Iterator[TextEdit]:
    tagged = _tags(node)
    if not tagged:
        return
    rewrite = _MapRewrite(node, _is_flow(node))
    for verb in Verb:
        yield from rewrite.respell_verb([one for one in tagged if one[1].verb is verb], verb)


def _is_flow(node: MapNode) -> bool:
    return node.place.text.content.startswith("{", node.place.offset)


def _is_bare(entry: Entry) -> bool:
    """Whether the entry has no value: it is removed, or only moved."""
    return isinstance(entry.value, Scalar) and not entry.value.text and not entry.value.style


@dataclass(frozen=True, slots=True)
class _MapRewrite:
    """The rewriting of one map: a block of lines, or in braces (`is_flow`)."""

    node: MapNode
    is_flow: bool

    @property
    def text(self) -> SourceText:
        return self.node.place.text

    @property
    def content(self) -> str:
        return self.text.content

    def respell_verb(self, tagged: Sequence[Tagged], verb: Verb) -> Iterator[TextEdit]:
        """Yield the edits for the entries with the tags of one verb."""
        if not tagged:
            return
        names = [_show_name(entry, directive) for entry, directive in tagged]
        gone = [one for one in tagged if _is_bare(one[0])]
        key = next((e for e in self.node.entries if PLACEMENT_KEYS.get(e.name) is verb), None)
        if key is not None:
            yield from self._add_names(key.value, names, verb)
        elif gone:
            (entry, directive), *gone = gone
            yield self._replace_entry(entry, directive, f"${verb}", _in_brackets(names, verb))
        else:
            yield self._insert_key(tagged[0][0], f"${verb}: {_in_brackets(names, verb)}")
        for entry, directive in gone:
            yield self._delete_entry(entry, directive)
        for entry, directive in tagged:
            if not _is_bare(entry):
                yield self._delete_tag(entry, directive)

    def _edit(self, start: int, end: int, new: str = "") -> TextEdit:
        return TextEdit(self.text, start=start, end=end, new=new)

    def _add_names(self, value: Node, names: list[str], verb: Verb) -> Iterator[TextEdit]:
        """Write names in front of those that the key has: placed by tags, they are placed first."""
        start, joined = value.place.offset, ", ".join(names)
        if isinstance(value, Scalar):
            yield self._edit(start, start, f"[{joined}, ")
            yield self._edit(value.span[1], value.span[1], "]")
        elif self.content[start] in "[{":
            is_empty = not (value.entries if isinstance(value, MapNode) else value.items)
            yield self._edit(start + 1, start + 1, joined if is_empty else f"{joined}, ")
        else:
            mark = "- " if verb is Verb.REMOVE else ""
            separator = f"{self._newline(start)}{self._indent(start)}"
            lines = "".join(f"{mark}{name}{separator}" for name in names)
            yield self._edit(start, start, lines)

    def _insert_key(self, first: Entry, written: str) -> TextEdit:
        """Write a key in front of an entry."""
        start = first.key.span[0]
        is_alone = not self._before_on_line(start).strip()
        if self.is_flow and not is_alone:
            return self._edit(start, start, f"{written}, ")
        comma = "," if self.is_flow else ""
        separator = f"{comma}{self._newline(start)}{self._indent(start)}"
        return self._edit(start, start, f"{written}{separator}")

    def _replace_entry(self, entry: Entry, directive: Directive, key: str, value: str) -> TextEdit:
        """Write a key and a value in place of an entry without one; the value keeps its column."""
        start, end = entry.key.span[0], _tag_span(directive)[1]
        between = self.content[entry.key.span[1] : directive.place.offset]
        blanks = len(between) - len(between.rstrip(" "))
        longer = len(key) - (entry.key.span[1] - start)
        kept = max(1, blanks - longer) if blanks > 1 else blanks
        return self._edit(start, end, f"{key}{between.rstrip(' ')}{' ' * kept}{value}")

    def _delete_tag(self, entry: Entry, directive: Directive) -> TextEdit:
        """Delete the tag in front of a value, with the blanks on one side of it."""
        start, end = _tag_span(directive)
        value = entry.value
        begins = value.span[0] if isinstance(value, Scalar) else value.place.offset
        if "\n" in self.content[end:begins]:
            return self._edit(len(self.content[:start].rstrip(" \t")), end)
        return self._edit(start, begins)

    def _delete_entry(self, entry: Entry, directive: Directive) -> TextEdit:
        """Delete an entry without a value: the whole line, if nothing else is on it."""
        start, end = entry.key.span[0], _tag_span(directive)[1]
        if self.is_flow:
            start, end = self._with_comma(start, end)
        line_start = self.content.rfind("\n", 0, start) + 1
        found = self.content.find("\n", end)
        line_end = len(self.content) if found < 0 else found + 1
        if self.content[line_start:start].strip() or self.content[end:line_end].strip():
            rest = self.content[end:line_end]
            is_comment = rest.lstrip().startswith("#") and not self._before_on_line(start).strip()
            return self._edit(start, end + len(rest) - len(rest.lstrip()) if is_comment else end)
        return self._edit(line_start, line_end)

    def _with_comma(self, start: int, end: int) -> tuple[int, int]:
        """Return the span with the comma before the entry, if that is on its line, else that behind it."""
        before = re.search(r",[ \t]*\Z", self.content[:start][-1_000:])
        if before:
            return start - len(before[0]), end
        behind = _COMMA.match(self.content, end)
        return start, behind.end() if behind else end

    def _before_on_line(self, index: int) -> str:
        return self.content[self.content.rfind("\n", 0, index) + 1 : index]

    def _indent(self, index: int) -> str:
        return " " * len(self._before_on_line(index))

    def _newline(self, index: int) -> str:
        """Return the end of the line, as that line or the one before it has it."""
        found = self.content.find("\n", index)
        found = self.content.rfind("\n", 0, index) if found < 0 else found
        return "\r\n" if found > 0 and self.content[found - 1] == "\r" else "\n"


def _tag_span(directive: Directive) -> tuple[int, int]:
    start = directive.place.offset
    return start, start + directive.place.length


def _in_brackets(names: Sequence[str], verb: Verb) -> str:
    joined = ", ".join(names)
    return f"[{joined}]" if verb is Verb.REMOVE else f"{{{joined}}}"


def _show_name(entry: Entry, directive: Directive) -> str:
    name = _as_key(entry.name)
    return name if directive.verb is Verb.REMOVE else f"{name}: {_as_key(directive.name)}"


def _as_key(name: str) -> str:
    """Return a name as YAML reads it anywhere: bare, or in double quotes."""
    is_plain = _PLAIN_KEY.fullmatch(name) and read_plain_scalar(name) == name
    return name if is_plain else json.dumps(name, ensure_ascii=False)
