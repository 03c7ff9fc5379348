"""The compiler of the strings of one spec; it collects the findings about them.

Each expression is compiled once, and its names are checked against the names that
it may use. Compilation does not stop at the first mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import TypeVar

from ...findings.diagnostics import Finding, Fix, Place, Severity
from ...findings.errors import ExpressionError
from ...findings.fixes import fix_word
from ...findings.quote import Suggestion, quoted, shortened, suggest
from ...language.functions import FUNCTIONS
from ...language.paths import find_root_names
from ...language.templates import (
    Template,
    TemplateName,
    find_literal_calls,
    find_names,
    parse_expression,
)
from ..files.nodes import ListNode, MapNode, Node, Scalar, as_data
from .parse_cache import ParseCache
from .plan import Body, BodyList, BodyMap, Literal, PathAt, TemplateAt
from .selection import Selection
from .selection.select_field import fix_selection
from .typed_paths import Here, PathMistake, find_mistakes

T = TypeVar("T")

_MOST_HINTS = 200
_LONGEST_SLIP = 200
_LIKE_EXPRESSION = re.compile(r"[|.<>=+*/()\[]|\b(?:and|or|not|in|if)\b")
# Names that a field, value, join or loop cannot have.
RESERVED = frozenset(FUNCTIONS) | frozenset(
    ("body", "checks", "event", "found", "lines", "omit", "records", "settings", "tenant")
)


@dataclass(slots=True)
class Expressions:
    """The compiled expressions of one spec and their findings.

    `lookups` are the tables' names; `inner` holds for some names the members that may follow them,
    e.g. the existing settings: `{"settings": {"timezone", …}}`. Several specs may share `parsed`.
    `queries` are those of the sources, each with the shape of its answer.
    """

    lookups: frozenset[str] = frozenset()
    inner: dict[str, frozenset[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    parsed: ParseCache = field(default_factory=ParseCache)
    queries: list[tuple[Scalar, Selection]] = field(default_factory=list)

    def report(
        self,
        code: str,
        message: str,
        place: Place,
        hint: str | None = None,
        fix: Fix | None = None,
    ) -> None:
        """Add a finding; a code with W is a warning."""
        severity = Severity.WARNING if code.startswith("W") else Severity.ERROR
        self.findings.append(
            Finding(code, message, place=place, hint=hint, severity=severity, fix=fix)
        )

    def report_word(self, code: str, message: str, place: Place, suggestion: Suggestion) -> None:
        """Add a finding about a word that is not known; with a fix if only one word is near."""
        self.report(code, message, place, suggestion.hint, fix_word(place, suggestion))

    def report_error(self, error: ExpressionError, node: Scalar) -> None:
        """Add a finding about a part of a scalar."""
        place = node.place_at(error.offset, error.length)
        fix = fix_word(place, error.suggestion)
        self.report(error.code, error.message, place, error.hint, fix)

    def path(self, node: Node | None, here: Here) -> PathAt | None:
        """Compile a JMESPath over roots, or over a value whose shape may be known."""
        if not isinstance(node, Scalar):
            return None
        path = self._compiled(node, lambda: self.parsed.path(str(node.value)))
        if path is None:
            return None
        if isinstance(here, Mapping):
            for name in find_root_names(path):
                if name.name not in here:
                    place = node.place_at(name.offset, name.length)
                    self._report_name(name.name, here, place)
        for mistake in find_mistakes(path, here):
            self._report_mistake(mistake, node)
        return PathAt(path, node)

    def _report_mistake(self, mistake: PathMistake, node: Scalar) -> None:
        """Report a part of a path that can never exist; the fix selects it in the query, if it can."""
        error = mistake.error
        place = node.place_at(error.offset, error.length)
        fix = None
        if mistake.unselected is not None:
            fix = fix_selection(*mistake.unselected, self.queries, self.parsed.schemas.newstore)
        fix = fix or fix_word(place, error.suggestion)
        self.report(error.code, error.message, place, error.hint, fix)

    def template(self, node: Node | None, names: Collection[str]) -> TemplateAt | None:
        """Compile a text with `{{ … }}` over `names`."""
        return self._template(node, names, self.parsed.template)

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
        if len(inner) > _LONGEST_SLIP or not _LIKE_EXPRESSION.search(inner):
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
            elif len(name.path) > 1:
                self._check_member(name, node)

    def _check_member(self, name: TemplateName, node: Scalar) -> None:
        """Check the member after a name whose members are known: settings, records, groups of lines."""
        member, members = name.path[1], self.inner.get(name.name)
        if members is None or member in members:
            return
        full = f"{name.name}.{member}"
        known = shortened(", ".join(sorted(members)), 200) or "nothing before this entry"
        suggestion = self._suggest(member, members, f"{name.name} has: {known}")
        self.report_word(
            "E0208",
            f"there is no {shortened(full, 80)}",
            node.place_at(name.offset, len(full)),
            suggestion,
        )

    def _check_lookups(self, template: Template, node: Scalar) -> None:
        for call in find_literal_calls(template, "lookup"):
            if call.argument not in self.lookups:
                place = node.place_at(call.offset, call.length)
                otherwise = "declare it under `lookups:`"
                suggestion = self._suggest(call.argument, self.lookups, otherwise)
                message = f"there is no lookup {quoted(call.argument)}"
                self.report_word("E0210", message, place, suggestion)

    def _suggest(self, name: str, known: Collection[str], otherwise: str) -> Suggestion:
        """Return a suggestion; after hundreds of findings without a hint, which is of no use then."""
        if len(self.findings) >= _MOST_HINTS:
            return Suggestion(name, None)
        return suggest(name, known, otherwise=otherwise)

    def _report_name(self, name: str, known: Collection[str], place: Place) -> None:
        otherwise = f"known here: {shortened(', '.join(nsmallest(12, known)), 200)}"
        suggestion = self._suggest(name, known, otherwise)
        self.report_word("E0207", f"{quoted(name)} is not known here", place, suggestion)


def is_template(node: Node) -> bool:
    """Return whether a leaf is a template."""
    written = node.value if isinstance(node, Scalar) else None
    return isinstance(written, str) and any(opening in written for opening in ("{{", "{%", "{#"))
