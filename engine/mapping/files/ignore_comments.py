"""Warnings switched off by a comment at their line: `# erpmap: ignore W0223 - why`.

YAML's own scanner finds the comments: a `#` in quotes or in a block of text begins none. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from yaml.error import YAMLError
from yaml.tokens import KeyToken, ScalarToken, StreamEndToken, Token, ValueToken

from ...findings.codes import CODES
from ...findings.diagnostics import Finding, Place, Severity, SourceText, select_errors
from ...findings.quote import quoted
from .parse_yaml import MAX_BYTES
from .yaml_events import ReadingEndedError, YamlEvents

_MENTION = re.compile(r"#[ \t]*erpmap[ \t]*:[ \t]*ignore\b", re.IGNORECASE)
_COMMENT = re.compile(r"#[^\r\n]*")
_PARTS = re.compile(r"(?P<codes>.*?)(?:(?:^|\s)[-–—]+(?:\s(?P<why>.*))?)?\s*", re.DOTALL)
_BETWEEN = re.compile(r"[\s,]+")
_WORD = re.compile(r"\w")
_CODE = re.compile(r"[A-Za-z]\d{4}")
_WHERE = (
    "delete it; it belongs at the end of the warning's line, or alone on the line directly before"
)
_ERRORS = "an error cannot be switched off: correct what it is about"


@dataclass(frozen=True, slots=True)
class IgnoreComment:
    """One comment: its place, the codes that it switches off, the first and the last line where."""

    place: Place
    codes: tuple[str, ...]
    first: int
    last: int

    def list_spans(self) -> Iterator[_Span]:
        """Yield what the comment covers, for each of its codes."""
        return ((self.place.text.name, self.first, self.last, code) for code in self.codes)


@dataclass(frozen=True, slots=True)
class _Comments:
    """The comments of one text, and what is wrong with them."""

    valid: tuple[IgnoreComment, ...] = ()
    findings: tuple[Finding, ...] = ()


# Lines from the first to the last of a text, and the code that comments switch off there.
_Span = tuple[str, int, int, str]
# The spans that cover a line, by the name of its text, the line, and the code.
_Index = Mapping[tuple[str, int, str], list[_Span]]


def hide_ignored(
    findings: Iterable[Finding], texts: Mapping[str, SourceText], folder: str
) -> tuple[Finding, ...]:
    """Return the findings without the warnings that comments switch off, and with those about comments.

    `texts` are all that was read, by their paths. A comment that hides nothing is told (W0132) if its
    file is in the tenant's own `folder`, and no error hides what else there is to warn of.
    """
    found = tuple(findings)
    read = {path: _read_comments(text) for path, text in texts.items() if _is_yaml(path)}
    mistakes = [finding for each in read.values() for finding in each.findings]
    comments = [comment for each in read.values() for comment in each.valid]
    if not comments:
        return (*found, *mistakes)
    index, used = _index_lines(comments), set[_Span]()
    kept = [finding for finding in found if not _is_hidden(finding, index, used)]
    if select_errors(found):
        return (*kept, *mistakes)
    own = (each.valid for path, each in read.items() if path.startswith(f"{folder}/"))
    idle = _list_idle((comment for valid in own for comment in valid), used)
    return (*kept, *mistakes, *idle)


def _is_yaml(path: str) -> bool:
    return path.endswith((".yaml", ".yml"))


def _index_lines(comments: Iterable[IgnoreComment]) -> _Index:
    index: dict[tuple[str, int, str], list[_Span]] = {}
    for span in dict.fromkeys(span for comment in comments for span in comment.list_spans()):
        name, first, last, code = span
        for line in range(first, last + 1):
            index.setdefault((name, line, code), []).append(span)
    return index


def _is_hidden(finding: Finding, index: _Index, used: set[_Span]) -> bool:
    """Return whether a comment switches a warning off, and note where it does."""
    place = finding.place
    if place is None or finding.is_error:
        return False
    hiding = index.get((place.text.name, place.line, finding.code), ())
    used.update(hiding)
    return bool(hiding)


def _list_idle(comments: Iterable[IgnoreComment], used: set[_Span]) -> Iterator[Finding]:
    for comment in comments:
        for span in comment.list_spans():
            if span not in used:
                code = span[-1]
                message = f"the comment hides nothing: no {code} is shown at its line"
                yield _warning("W0132", message, comment.place, _WHERE)


def _read_comments(text: SourceText) -> _Comments:
    """Return the comments of a text; none if it cannot be scanned, which is reported where it is read."""
    if len(text.content) > MAX_BYTES or not _MENTION.search(text.content):
        return _Comments()
    scan = _CommentScan(text)
    try:
        scalars = _measure_scalars(scan)
    except (YAMLError, ReadingEndedError):
        return _Comments()
    following = _find_lines_after(scan.comments)
    valid: list[IgnoreComment] = []
    findings: list[Finding] = []
    for place in scan.comments:
        first = following.get(place.line, place.line)
        codes, mistakes = _parse_comment(place)
        findings += mistakes
        if codes:
            last = scalars.get(first, first)
            valid.append(IgnoreComment(place=place, codes=codes, first=first, last=last))
    return _Comments(tuple(valid), tuple(findings))


def _parse_comment(place: Place) -> tuple[tuple[str, ...], list[Finding]]:
    """Return the codes that a comment switches off, none without a reason, and what is wrong with it."""
    line = place.text.line(place.line)[place.column - 1 :]
    start = _MENTION.match(line)
    assert start, "only these comments are noted"
    parts = _PARTS.fullmatch(line, start.end())
    assert parts, "the pattern matches any text"
    named = [name for name in _BETWEEN.split(parts["codes"]) if name]
    if not named:
        return (), [_warning("W0133", "the comment names no warning", place, _form())]
    codes = tuple(dict.fromkeys(name.upper() for name in named if _is_warning(name)))
    findings = list(_explain_others([name for name in named if not _is_warning(name)], place))
    if not _WORD.search(parts["why"] or ""):
        message = "the comment does not say why the warning is switched off"
        return (), [*findings, _warning("W0131", message, place, _form(codes))]
    return codes, findings


def _is_warning(name: str) -> bool:
    return name.upper().startswith("W") and name.upper() in CODES


def _explain_others(names: list[str], place: Place) -> Iterator[Finding]:
    """Yield what is wrong with the words of a comment that are no warnings."""
    words = [name for name in names if not _CODE.fullmatch(name)]
    if words:
        yield _warning("W0133", f"{quoted(' '.join(words))} names no warning", place, _form())
    for code in (name.upper() for name in names if _CODE.fullmatch(name)):
        twin = f"W{code[1:]}"
        if code in CODES:
            yield _warning("W0133", f"{code} is not a warning", place, _ERRORS)
        else:
            hint = f"did you mean {twin}?" if twin in CODES else _form()
            yield _warning("W0133", f"there is no warning {code}", place, hint)


def _form(codes: Iterable[str] = ()) -> str:
    return f"as in `# erpmap: ignore {', '.join(codes) or 'W0223'} - why it is meant`"


def _warning(code: str, message: str, place: Place, hint: str) -> Finding:
    return Finding(code=code, message=message, place=place, hint=hint, severity=Severity.WARNING)


def _find_lines_after(comments: Iterable[Place]) -> dict[int, int]:
    """Return the line that a comment alone on its line is about, by its line: after all such comments."""
    alone = {place.line for place in comments if _is_alone(place)}
    following: dict[int, int] = {}
    for line in sorted(alone, reverse=True):
        following[line] = following.get(line + 1, line + 1)
    return following


def _is_alone(place: Place) -> bool:
    return not place.text.line(place.line)[: place.column - 1].strip()


def _measure_scalars(scan: _CommentScan) -> dict[int, int]:
    """Return the last line of each scalar of several lines, by its first line and by that of its key."""
    ends: dict[int, int] = {}
    key_line, is_key, is_value = 0, False, False
    for token in scan.tokens_in_order():
        if isinstance(token, ScalarToken):
            first, last = token.start_mark.line + 1, _last_line(token)
            if is_key:
                key_line = first
            if last > first:
                ends[first] = last
                if is_value:
                    ends[key_line] = last
        is_key, is_value = isinstance(token, KeyToken), isinstance(token, ValueToken)
    return ends


def _last_line(token: ScalarToken) -> int:
    """Return the last line of a scalar, from 1; a block of text ends at the begin of the next line."""
    end = token.end_mark
    return (
        int(end.line) if end.column == 0 and end.line > token.start_mark.line else int(end.line) + 1
    )


class _CommentScan(YamlEvents):
    """A scan that notes the places of comments that switch warnings off."""

    def __init__(self, text: SourceText) -> None:
        super().__init__(text)
        self.comments: list[Place] = []

    def tokens_in_order(self) -> Iterator[Token]:
        """Yield every token; raise YAMLError for a text that is not YAML."""
        while self.check_token():
            token: Token = self.get_token()  # type: ignore[no-untyped-call] # PyYAML has no types here
            if isinstance(token, StreamEndToken):
                return
            yield token

    def scan_to_next_token(self) -> None:
        """Skip blanks and comments, and note them."""
        start = self.index
        super().scan_to_next_token()
        self._note_comments(start)

    def scan_block_scalar_ignored_line(self, start_mark: object) -> None:
        """Skip the rest of the line that begins a block of text, and note its comment."""
        start = self.index
        super().scan_block_scalar_ignored_line(start_mark)
        self._note_comments(start)

    def _note_comments(self, start: int) -> None:
        skipped = self.lines.text.content[start : self.index]
        for comment in _COMMENT.finditer(skipped):
            if _MENTION.match(comment.group()):
                first = start + comment.start()
                self.comments.append(self.lines.place(first, start + comment.end()))
