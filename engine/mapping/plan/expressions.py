"""The compiler of the strings of one spec; it collects the findings about them.

Each expression is compiled once, and its names are checked against the names that
it may use. Compilation does not stop at the first mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from typing import TypeVar

from ...findings.diagnostics import Finding, Fix, Place, Severity
from ...findings.errors import ExpressionError
from ...findings.fixes import fix_word
from ...findings.quote import Suggestion, quoted, shortened, suggest
from ...language.functions import FUNCTIONS
from ...language.paths import Path, find_root_names
from ...language.templates import (
    Template,
    find_literal_calls,
    find_names,
    parse_expression,
)
from ..files.changes import Change, Changes
from ..files.nodes import ListNode, MapNode, Node, Scalar, as_data
from .parse_cache import ParseCache
from .plan import Body, BodyList, BodyMap, Literal, PathAt, TemplateAt
from .selection import Selection

T = TypeVar("T")

_MOST_HINTS = 200
_MOST_USES = 5
_LONGEST_SLIP = 200
_LIKE_EXPRESSION = re.compile(r"[|.<>=+*/()\[]|\b(?:and|or|not|in|if)\b")
# Names that a field, value, join or loop cannot have.
RESERVED = frozenset(FUNCTIONS) | frozenset(
    ("body", "checks", "event", "found", "lines", "omit", "records", "settings", "tenant")
)


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A use of a name that does not exist; `role` says what it should name, such as a lookup."""

    role: str
    name: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class MissingName:
    """A name without definition: its role, the code of the finding, `what` it is in words, what it may mean."""

    role: str
    code: str
    what: str
    suggestion: Suggestion


@dataclass(slots=True)
class Expressions:
    """The compiled expressions of one spec and their findings.

    `lookups` are the tables' names; `unknown` are the names that findings are about, `queries` those of the
    sources, each with the shape of its answer. Several specs may share `parsed`.
    `unfilled` are the findings about cells that a person still has to fill in.
    A spec that was live once (`is_accepted`) is not judged again.
    `changes` are what overlays did; `blamed` has the index of the finding about each line of an overlay.
    `declared` are the keys of the fields and values so far, `settings` the places of the settings' values.
    """

    lookups: frozenset[str] = frozenset()
    findings: list[Finding] = field(default_factory=list)
    unfilled: list[Finding] = field(default_factory=list)
    unknown: list[UnknownName] = field(default_factory=list)
    parsed: ParseCache = field(default_factory=ParseCache)
    queries: list[tuple[Scalar, Selection]] = field(default_factory=list)
    is_accepted: bool = False
    changes: Changes = field(default_factory=Changes)
    blamed: dict[tuple[str, str, Place], int] = field(default_factory=dict)
    declared: dict[str, Scalar] = field(default_factory=dict)
    settings: dict[str, Place] = field(default_factory=dict)

    def report(
        self,
        code: str,
        message: str,
        place: Place,
        hint: str | None = None,
        fix: Fix | None = None,
        *,
        related: tuple[tuple[Place, str], ...] = (),
    ) -> None:
        """Add a finding; a code with W is a warning."""
        self.findings.append(
            Finding(
                code=code,
                message=message,
                place=place,
                hint=hint,
                severity=Severity.WARNING if code.startswith("W") else Severity.ERROR,
                related=related,
                fix=fix,
            )
        )

    def report_absence(
        self,
        finding: Finding,
        change: Change | None,
        message: str,
        use: str = "it is used here",
    ) -> None:
        """Add a finding about the use of what does not exist.

        When an overlay has taken it from an earlier file, the finding is about the line of the overlay,
        with `message`, and once for all uses; `use` are the words about the place of a use. A use in the
        same file, or in a later one, remains what is wrong.
        """
        if change is None or finding.place is None:
            self.findings.append(finding)
            return
        at = change.at.place
        if not self.changes.is_later(at, finding.place):
            related = (*finding.related, (at, f"it is {change.verb} here"))
            self.findings.append(replace(finding, related=related))
            return
        place = (finding.place, use)
        index = self.blamed.setdefault((finding.code, message, at), len(self.findings))
        if index == len(self.findings):
            hint = "keep it, or also change what uses it"
            found = replace(finding, message=message, place=at, hint=hint, related=(place,))
            self.findings.append(found)
        elif len(uses := self.findings[index].related) < _MOST_USES:
            self.findings[index] = replace(self.findings[index], related=(*uses, place))

    def report_unknown(self, finding: Finding, what: str, path: tuple[str, ...]) -> None:
        """Add a finding that the entry at `path` does not exist, as `report_absence` does."""
        self._report_lost(finding, what, self.changes.find_removal(path))

    def _report_lost(self, finding: Finding, what: str, change: Change | None) -> None:
        verb = "" if change is None else change.verb
        self.report_absence(finding, change, f"{what} is {verb} here, but still used")

    def report_word(self, code: str, message: str, place: Place, suggestion: Suggestion) -> None:
        """Add a finding about a word that is not known; with a fix if only one word is near."""
        self.report(code, message, place, suggestion.hint, fix_word(place, suggestion))

    def report_error(self, error: ExpressionError, node: Scalar) -> None:
        """Add a finding about a part of a scalar."""
        place = node.place_at(error.offset, error.length)
        fix = fix_word(place, error.suggestion)
        self.report(error.code, error.message, place, error.hint, fix)

    def report_undefined(self, missing: MissingName, place: Place, path: tuple[str, ...]) -> None:
        """Add a finding about a name that nothing defines; `path` is that of its entry in the mapping."""
        finding = Finding(
            code=missing.code,
            message=f"there is no {missing.what}",
            place=place,
            hint=missing.suggestion.hint,
            fix=fix_word(place, missing.suggestion),
        )
        change = self.changes.find_removal(path)
        name = missing.suggestion.word
        self.note_undefined(missing.role, name, finding, f"the {missing.what}", change)

    def note_undefined(
        self, role: str, name: str, finding: Finding, what: str, change: Change | None
    ) -> None:
        """Add a finding about a name that nothing defines in its role, unless an overlay has removed it."""
        self._report_lost(finding, what, change)
        if change is None:
            self.unknown.append(UnknownName(role, name, finding))

    def path(self, node: Node | None, roots: Collection[str] | None) -> PathAt | None:
        """Compile a JMESPath over named roots, or over a single value (None)."""
        if not isinstance(node, Scalar):
            return None
        path = self._compiled(node, lambda: self.parsed.path(str(node.value)))
        if path is None:
            return None
        if roots is not None:
            self._check_roots(path, node, roots)
        return PathAt(path, node)

    def _check_roots(self, path: Path, node: Scalar, roots: Collection[str]) -> None:
        for name in find_root_names(path):
            if name.name not in roots:
                place = node.place_at(name.offset, name.length)
                self._report_name(name.name, roots, place)

    def template(self, node: Node | None, names: Collection[str]) -> TemplateAt | None:
        """Compile a text with `{{ … }}` over `names`; the last line end of a block of text is not part of it."""
        return self._template(node, names, lambda text: self.parsed.template(_drop_end(node, text)))

    def expression(
        self, node: Node | None, names: Collection[str], start: int = 0
    ) -> TemplateAt | None:
        """Compile a bare expression over `names`, from character `start` of the scalar on."""
        return self._template(
            node, names, lambda text: self.parsed.expression(" " * start + text[start:])
        )

    def compile_dotted_name(
        self, node: Scalar, dotted: str, offset: int, names: Collection[str]
    ) -> TemplateAt | None:
        """Compile a dotted name within a text as an expression with its place."""
        return self._template(node, names, lambda _: self.parsed.expression(" " * offset + dotted))

    def body(self, node: Node, names: Collection[str]) -> Body:
        """Compile a payload tree; strings with `{{` are templates, all other values are literals."""
        if isinstance(node, MapNode):
            entries = ((entry.name, self.body(entry.value, names)) for entry in node.entries)
            return BodyMap(tuple(entries), tuple(entry.key for entry in node.entries))
        if isinstance(node, ListNode):
            items = tuple(self.body(item, names) for item in node.items)
            self._refuse_lines_in_list(items)
            return BodyList(items)
        return self.leaf(node, names)

    def leaf(self, node: Node, names: Collection[str]) -> TemplateAt | Literal:
        """Compile one leaf of a payload."""
        if is_template(node):
            return self.template(node, names) or Literal(None)
        if isinstance(node, Scalar) and isinstance(node.value, str):
            self._warn_of_missing_braces(node, node.value, names)
        return Literal(as_data(node), node if isinstance(node, Scalar) else None)

    def _refuse_lines_in_list(self, items: tuple[Body, ...]) -> None:
        """Refuse lines inside another list: checks would not see the other entries of the list."""
        for item in items:
            if not isinstance(item, TemplateAt):
                continue
            if any(name.name == "lines" for name in find_names(item.template)):
                hint = (
                    'write only the lines, as in `items: "{{ lines.all }}"`; '
                    "move the other entries to `lines:`"
                )
                self.report("E0224", "lines are inside another list", item.at.place, hint)

    def reserve(self, key: Scalar) -> None:
        """Report a name that the language reserves."""
        if key.text in RESERVED:
            message = f"{quoted(key.text)} is a reserved name of the language"
            self.report("E0219", message, key.place, "choose another name")

    def _warn_of_missing_braces(self, node: Scalar, text: str, names: Collection[str]) -> None:
        """Warn of a text that is probably an expression: it parses as one and has only known names."""
        inner = text.strip().removeprefix("{").removesuffix("}").strip()
        is_name = "_" in inner and inner in names
        if len(inner) > _LONGEST_SLIP or not (is_name or _LIKE_EXPRESSION.search(inner)):
            return
        try:
            used = find_names(parse_expression(inner))
        except ExpressionError:
            return
        if used and all(name.name in names for name in used):
            hint = "to evaluate it, write {{ " + inner + " }}, in quotes"
            self.report("W0222", "this is a text, but reads like an expression", node.place, hint)

    def _template(
        self, node: Node | None, names: Collection[str], parse: Callable[[str], Template]
    ) -> TemplateAt | None:
        if not isinstance(node, Scalar):
            return None
        template = self._compiled(node, lambda: parse(str(node.value)))
        if template is None:
            return None
        self._check_names(template, node, names)
        self._check_lookups(template, node)
        return TemplateAt(template, node)

    def _compiled(self, node: Scalar, compile_: Callable[[], T]) -> T | None:
        try:
            return compile_()
        except ExpressionError as error:
            self.report_error(error, node)
            return None

    def _check_names(self, template: Template, node: Scalar, names: Collection[str]) -> None:
        for name in find_names(template):
            if name.name not in names:
                self._report_name(name.name, names, node.place_at(name.offset, len(name.name)))

    def _check_lookups(self, template: Template, node: Scalar) -> None:
        for call in find_literal_calls(template, "lookup"):
            if call.argument not in self.lookups:
                place = node.place_at(call.offset, call.length)
                otherwise = "declare it under `lookups:`"
                suggestion = self._suggest(call.argument, self.lookups, otherwise)
                what = f"lookup {quoted(call.argument)}"
                missing = MissingName(role="lookup", code="E0210", what=what, suggestion=suggestion)
                self.report_undefined(missing, place, ("lookups", call.argument))

    def _suggest(self, name: str, known: Collection[str], otherwise: str) -> Suggestion:
        """Return a suggestion; after hundreds of findings without a hint, which is of no use then."""
        if len(self.findings) >= _MOST_HINTS:
            return Suggestion(name, None)
        return suggest(name, known, otherwise=otherwise)

    def _report_name(self, name: str, known: Collection[str], place: Place) -> None:
        otherwise = f"known here: {shortened(', '.join(nsmallest(12, known)), 200)}"
        suggestion = self._suggest(name, known, otherwise)
        finding = Finding(
            code="E0207",
            message=f"{quoted(name)} is not known here",
            place=place,
            hint=suggestion.hint,
            fix=fix_word(place, suggestion),
        )
        change = self.changes.find_lost_name(name)
        self.note_undefined("name", name, finding, quoted(name), change)


def _drop_end(node: Node | None, text: str) -> str:
    """Return a text without the line end that closes a block, which nobody means."""
    is_block = isinstance(node, Scalar) and node.style in ("|", ">")
    return text.removesuffix("\n") if is_block else text


def is_template(node: Node) -> bool:
    """Return whether a leaf is a template."""
    written = node.value if isinstance(node, Scalar) else None
    return isinstance(written, str) and any(opening in written for opening in ("{{", "{%", "{#"))
