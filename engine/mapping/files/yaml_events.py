"""YAML text as a stream of PyYAML's parser events, stricter than YAML.

Directives, anchors, aliases and an unquoted `{{` are noted as findings, and
scanning continues after them where possible, so that one pass finds many
mistakes. A syntax error ends the stream with one more finding.
Pure: text in, events and findings out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from yaml.error import MarkedYAMLError
from yaml.events import Event
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner, ScannerError
from yaml.tokens import ScalarToken, TagToken

from ...findings.diagnostics import Finding, SourceText
from .scalars import ScalarLines
from .yaml_errors import explain_yaml_problem

_MAX_FINDINGS = 100

_BETTER_SHOWN_WHERE_IT_BEGAN = {"found unexpected end of stream", "could not find expected ':'"}

_TAG = re.compile(r"!(?:<[^>\s]*>|[^\s,\[\]{}]*)")
_TEMPLATE_IN_FLOW = re.compile(r"\{\{[^\n]*?\}\}|\{\{[^\n]*")
_TEMPLATE_IN_BLOCK = re.compile(r"(?:[^ \n]++|[ ]++(?![#\n]|\Z))++")


class ReadingEndedError(Exception):
    """Reading ends here; the finding with the reason is already noted."""


class YamlEvents(Reader, Scanner, Parser):
    """PyYAML's reader, scanner and parser over one text: no resolver, composer or constructor."""

    def __init__(self, text: SourceText) -> None:
        self.lines = ScalarLines.of(text)
        self.findings: list[Finding] = []
        Reader.__init__(self, text.content)
        Scanner.__init__(self)
        Parser.__init__(self)

    def events(self) -> Iterator[Event]:
        """Yield every event; a syntax error ends them early and is added to the findings."""
        take: Callable[[], Event] = self.get_event
        try:
            while self.check_event():
                yield take()
        except MarkedYAMLError as error:
            self._note_syntax(error)

    def note(
        self, code: str, message: str, *, span: tuple[int, int], hint: str | None = None
    ) -> None:
        """Add a finding about a span of characters; raise ReadingEndedError at the hundredth."""
        self.findings.append(
            Finding(code=code, message=message, place=self.lines.place(*span), hint=hint)
        )
        if len(self.findings) >= _MAX_FINDINGS:
            raise ReadingEndedError

    def fetch_directive(self) -> None:
        """Refuse `%YAML` and `%TAG`: the key `erpmap` declares the version of the language."""
        here = self.index
        self.note(
            "E0116",
            "a line that begins with % is a YAML directive",
            span=(here, self.lines.end_of_line(here)),
            hint="delete the line, or put quotes around the text",
        )
        raise ReadingEndedError

    def fetch_flow_mapping_start(self) -> None:
        """Read an unquoted `{{ … }}` as the intended text, and note that the quotes are missing."""
        if self.peek(1) != "{":
            super().fetch_flow_mapping_start()
            return
        self.save_possible_simple_key()
        self.allow_simple_key = False
        pattern = _TEMPLATE_IN_FLOW if self.flow_level else _TEMPLATE_IN_BLOCK
        match = pattern.match(self.buffer, self.pointer, len(self.buffer) - 1)
        assert match, "both patterns match what begins with two braces"
        self.note(
            "E0114",
            "an unquoted {{ begins a YAML map, not a template",
            span=(self.index, self.index + len(match.group())),
            hint='put quotes around the whole value: "{{ … }}"',
        )
        start = self.get_mark()
        self.forward(len(match.group()))
        end = self.get_mark()
        self.tokens.append(ScalarToken(match.group(), plain=True, start_mark=start, end_mark=end))

    def fetch_alias(self) -> None:
        """Note every alias: a few of them can expand to gigabytes."""
        self._note_anchor()
        super().fetch_alias()

    def fetch_anchor(self) -> None:
        """Note every anchor, too."""
        self._note_anchor()
        super().fetch_anchor()

    def scan_tag(self) -> TagToken:
        """Scan a tag as written; unlike in PyYAML it ends before `,` and brackets, as in YAML 1.2."""
        match = _TAG.match(self.buffer, self.pointer, len(self.buffer) - 1)
        assert match, "a tag begins with an exclamation mark"
        start = self.get_mark()
        self.forward(len(match.group()))
        return TagToken((None, match.group()), start, self.get_mark())

    def scan_flow_scalar(self, style: str) -> ScalarToken:
        """Scan a quoted scalar; an escape beyond Unicode is an error in the text, not in the program."""
        start = self.get_mark()
        try:
            return super().scan_flow_scalar(style)
        except (ValueError, OverflowError) as error:
            problem = "found an escape that names no character"
            raise ScannerError(None, start, problem, self.get_mark()) from error

    def _note_anchor(self) -> None:
        self.note(
            "E0108",
            "a text that begins with & or * is a YAML anchor or alias",
            span=(self.index, self.index + 1),
            hint="write the value out where it is needed, or put quotes around the text",
        )

    def _note_syntax(self, error: MarkedYAMLError) -> None:
        problem = error.problem or ""
        mark = error.problem_mark
        if problem in _BETTER_SHOWN_WHERE_IT_BEGAN:
            mark = error.context_mark
        elif "'<stream end>'" in problem and self.marks:
            mark = self.marks[-1]
        index = mark.index if mark else 0
        place = self.lines.place(index, index + 1)
        # A mistake noted on this line or the line above is most likely the cause of this error.
        if any(found.place and 0 <= place.line - found.place.line <= 1 for found in self.findings):
            return
        message, hint = explain_yaml_problem(problem)
        self.findings.append(Finding(code="E0106", message=message, place=place, hint=hint))
