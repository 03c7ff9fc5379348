"""Where the end of a half-typed flow map or list is: `{path: order.id, type: mon`. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

LIST_STEP = "[]"


@dataclass(frozen=True, slots=True)
class FlowEnd:
    """The keys down to the end of the text, whether a key stands there, and its own text so far."""

    path: tuple[str, ...]
    is_key: bool
    text: str
    style: str


@dataclass(slots=True)
class _Scan:
    """The open brackets with the key that is being given a value in each, and the text since the last mark."""

    brackets: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    text: str = ""
    style: str = ""
    is_closed: bool = False
    in_comment: bool = False

    def begin(self) -> None:
        self.text, self.style, self.is_closed = "", "", False

    def step(self, character: str, before: str, after: str) -> None:
        """Read one character outside of quotes."""
        is_first = not self.text and not self.style
        if character in "{[" and is_first:
            self.brackets.append(character)
            self.keys.append(None)
        elif character in "}]" and self.brackets:
            self.brackets.pop()
            self.keys.pop()
            self.begin()
            self.is_closed = True
        elif character == "," and self.brackets:
            self.keys[-1] = None
            self.begin()
        elif character == ":" and self._ends_key(after):
            self.keys[-1] = self.text.strip()
            self.begin()
        elif character in "'\"" and is_first:
            self.style = character
        elif character == "#" and before in " \n":
            self.in_comment = True
        elif not (is_first and character in " \r\n"):
            self.text += character

    def _ends_key(self, after: str) -> bool:
        is_map = bool(self.brackets) and self.brackets[-1] == "{"
        return is_map and self.keys[-1] is None and (after in " \r\n" or self.is_closed)


def scan_flow(text: str, path: tuple[str, ...]) -> FlowEnd | None:
    """Return where the text ends, which begins with `{` or `[`; None when all brackets are closed, or in a comment."""
    scan, index = _Scan(), 0
    while index < len(text):
        character, after = text[index], text[index + 1 : index + 2] or " "
        if scan.in_comment:
            scan.in_comment = character != "\n"
        elif scan.style and not scan.is_closed:
            index += _step_in_quotes(scan, character, after)
        else:
            scan.step(character, text[index - 1 : index] or " ", after)
            if not scan.brackets:
                return None
        index += 1
    if scan.in_comment:
        return None
    steps = [
        LIST_STEP if each == "[" else key
        for each, key in zip(scan.brackets, scan.keys, strict=True)
    ]
    is_key = scan.brackets[-1] == "{" and scan.keys[-1] is None
    return FlowEnd(
        path=(*path, *(step for step in steps if step is not None)),
        is_key=is_key,
        text=scan.text,
        style="" if scan.is_closed else scan.style,
    )


def _step_in_quotes(scan: _Scan, character: str, after: str) -> int:
    """Read one character within quotes; return how many more belong to it."""
    if scan.style == '"' and character == "\\":
        scan.text += after
        return 1
    if character == scan.style:
        if character == "'" and after == "'":
            scan.text += "'"
            return 1
        scan.is_closed = True
    else:
        scan.text += character
    return 0
