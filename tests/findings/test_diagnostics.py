"""What people see: every finding code has folders in tests/findings/diagnostics with the whole text.

A folder is named CODE-some-words and holds the files somebody wrote, the `command` they typed and
what came back, `expected.txt`. What git cannot hold as text is made here, in `MADE`. One folder of each
code has a `right.diff`, which corrects the mistake; `erpmap explain` shows both.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import Golden
from right_examples import RIGHT, corrected_finding, findings_in, read_changes

from cli import main
from engine.findings.codes import CODES
from engine.journal.database import open_journal
from engine.journal.events import Arrival, Route
from engine.journal.pack import pack
from engine.journal.store import store_event

FOLDERS = Path(__file__).parent / "diagnostics"
NAMES = sorted(path.name for path in FOLDERS.iterdir() if path.is_dir())

# Raised only by doors that the command line does not have yet, or behind another finding.
NOT_SEEN = {
    **dict.fromkeys(
        (f"E06{number}" for number in range(13, 20)),
        "only a delivery asks NetSuite and AWS: tests/delivery/live shows the whole finding",
    ),
    "E0907": "only a delivery runs orders in processes with limits: tests/service/test_heavy_orders.py",
    "E0516": "the schema of mappings refuses unknown types first, as E0205",
}

EXPECTED, COMMAND = "expected.txt", "command"
LONGEST_MESSAGE = 200

_FINDING = re.compile(r"^(?:.+?:\d+:\d+: )?(?:error|warning)\[([EW]\d{4})\]: (.*)$", re.MULTILINE)
_UNSEEMLY = re.compile(r"Traceback|\bNone\b|object at 0x|/(?:home|tmp|work|root|Users)/")

Make = Callable[[Path], None]


def written(path: str, text: str, encoding: str = "utf-8") -> Make:
    """Makes a file of a text."""
    return lambda root: void(root.joinpath(path).write_text(text, encoding=encoding))


def order_of(key: str, entry: str, count: int) -> Make:
    """Makes an order that holds the same entry so many times."""
    entries = ", ".join([entry] * count)
    return written("order.json", f'{{"number": "AC-1", "{key}": [{entries}]}}')


def linked(path: str, target: str) -> Make:
    """Makes a link."""
    return lambda root: root.joinpath(path).symlink_to(target)


def sparse(path: str, size: int) -> Make:
    """Makes a file of so many bytes that takes no room."""

    def make(root: Path) -> None:
        with root.joinpath(path).open("wb") as file:
            file.truncate(size)

    return make


def chain(count: int) -> Make:
    """Makes the mapping order, which extends the first of so many files, each the next."""

    def make(root: Path) -> None:
        folder = root / "mappings" / "acme"
        for number in range(count):
            text = f"erpmap: 1\nextends: part_{number + 1}\n"
            name = "order" if number == 0 else f"part_{number}"
            folder.joinpath(f"{name}.yaml").write_text(text, encoding="utf-8")

    return make


def journal(*mappings: str) -> Make:
    """Makes a journal with an event that these mappings want: the second waits behind the first."""
    routes = tuple(Route(mapping, "DO000000101") for mapping in mappings)
    document = pack({"name": "order.opened", "payload": {"id": "DO000000101"}})
    arrival = Arrival(
        "acme", "order.opened", "digest", "DO000000101", "DO000000101", document, 0, routes
    )

    def make(root: Path) -> None:
        with open_journal(f"sqlite:///{root / 'erpmap.db'}") as kept:
            kept.run_blocking(lambda connection: store_event(connection, arrival))

    return make


def void(_: object) -> None:
    """Nothing, whatever was given."""


# As long as YAML allows a key to be.
LONG = "long_" * 200
ORDER = "mappings/acme/order.yaml"
MADE: dict[str, Make] = {
    "E0103-snapshot-link-leads-out": linked(
        "mappings/acme/schemas/netsuite/salesOrder.schema.json", "../../../../command"
    ),
    "E0103-link-leads-out": linked("mappings/acme/stores.csv", "../../command"),
    "E0104-snapshot-too-large": sparse("mappings/acme/schemas/newstore.graphql", 5_000_001),
    "E0104-event-too-large": sparse("huge.json", 50_000_001),
    "E0104-mapping-too-large": written(ORDER, "erpmap: 1\n" + "# filler\n" * 60_000),
    "E0104-too-many-values": written(ORDER, "erpmap: 1\nfields:\n" + "  - a\n" * 30_001),
    "E0105-mapping-in-latin-1": written(
        ORDER, "erpmap: 1\nsummary: Aufträge für Zürich\n", "latin-1"
    ),
    "E0106-control-character": written(ORDER, "erpmap: 1\nsummary: ring \x07 twice \x07\n"),
    "E0111-nested-a-hundred-thousand-deep": written(ORDER, "fields: " + "[" * 100_000),
    "E0125-extends-too-many": chain(21),
    "E0201-very-long-key": written(
        ORDER, f"erpmap: 1\n{LONG}: 1\nfields: {{{LONG}: {{{LONG}: 1, type: {LONG}}}}}\n"
    ),
    "E0207-very-long-name": written(
        ORDER,
        "erpmap: 1\non: {event: order.opened}\n"
        f"sources:\n  {LONG}: {{when: {LONG}.a}}\n"
        f"fields:\n  {LONG}: {{type: money}}\n  total: '{LONG}2.{LONG}'\n"
        f"values:\n  {LONG}: {{}}\n"
        f"lines:\n  {LONG}: {{for: line in {LONG}2}}\n"
        f"records:\n  {LONG}: {{record: salesOrder, write: update, find: '{{{LONG}2}}'}}\n"
        f"  order: {{record: salesOrder}}\n"
        f"checks:\n  {LONG}: {{of: {LONG}, terms: {{{LONG}: '{{{{ records.{LONG}2 }}}}'}}, holds: {LONG}}}\n",
    ),
    "E0501-document-in-latin-1": written("order.json", '{"name": "Zoë"}', "latin-1"),
    "E0506-nested-a-hundred-thousand-deep": written("order.json", "[" * 100_000 + "]" * 100_000),
    "E0507-document-of-too-many-values": written("order.json", "[" + "0," * 500_000 + "0]"),
    "E0609-too-many-rows": written("mappings/acme/items.csv", "sku,id\n" + "A,1\n" * 100_001),
    "E0901-too-much-work": order_of("items", '{"price": 5}', 1_200),
    "E0904-text-of-a-path-too-long": order_of("names", '"0123456789"', 10_001),
    "E0905-list-too-long": order_of("codes", "0", 200_001),
    "E0906-expression-too-long": written(
        ORDER,
        "erpmap: 1\non: {event: order.opened}\n"
        "fields:\n  number: " + "order." * 2_000 + "id\n"
        "values:\n  memo: '" + "x" * 20_000 + "{{ number }}'\n"
        "records:\n  order: {record: salesOrder, write: create, external_id: X}\n",
    ),
    "E1101-delivery-does-not-exist": journal("order"),
    "E1102-retry-of-a-held-one": journal("order", "invoice"),
    "E1102-resolve-of-a-waiting-one": journal("order"),
    "E1103-erase-of-an-order-on-its-way": journal("order"),
    "E1104-replay-of-what-wrote-nothing": journal("order"),
    "E0906-value-too-deep": written(
        "order.json", '{"number": "AC-1", "tree": ' + "[" * 150 + "]" * 150 + "}"
    ),
}


def code_of(name: str) -> str:
    """The code a folder is about."""
    return name.split("-", 1)[0]


def seen(name: str, folder: Path) -> str:
    """What somebody sees who types the folder's command there; a correction may need several."""
    commands = folder.joinpath(COMMAND).read_text(encoding="utf-8").splitlines()
    return "\n".join(answer(name, command) for command in commands)


def answer(name: str, command: str) -> str:
    result = CliRunner().invoke(
        main, shlex.split(command), env={"ERPMAP_MAPPINGS": None, "ERPMAP_OPERATOR": None}
    )
    assert isinstance(result.exception, SystemExit | None), f"{name}: {result.exception!r}"
    parts = [f"$ erpmap {command}\n", f"exit code {result.exit_code}\n"]
    for stream, text in (("stdout", result.stdout), ("stderr", result.stderr)):
        parts += [f"\n--- {stream}\n{text}"] if text else []
    return "".join(parts)


def check_fitness(text: str) -> None:
    """Nothing of the machine or of Python shows; every message is short and of a known code."""
    assert not _UNSEEMLY.search(text)
    for code, message in _FINDING.findall(text):
        assert code in CODES
        assert len(message) < LONGEST_MESSAGE, message
        assert not message.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_an_author_sees(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, golden: Golden
) -> None:
    here = tmp_path / "here"
    shutil.copytree(FOLDERS / name, here)
    MADE.get(name, void)(here)
    monkeypatch.chdir(here)
    text = seen(name, here)
    golden(FOLDERS / name / EXPECTED, text)
    assert code_of(name) in text
    check_fitness(text)


# The shortest mapping that shows a mistake defines names that nothing uses.
UNUSED = "W0241"
CORRECTED = [name for name in NAMES if FOLDERS.joinpath(name, RIGHT).is_file()]


@pytest.mark.parametrize("name", CORRECTED)
def test_the_right_example_corrects_the_mistake_and_makes_no_other(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    shutil.copytree(FOLDERS / name, here)
    MADE.get(name, void)(here)
    for change in read_changes(here):
        change.apply(here)
    monkeypatch.chdir(here)
    expected = FOLDERS.joinpath(name, EXPECTED).read_text(encoding="utf-8")
    text = seen(name, here)
    before = {shown.message for shown in findings_in(expected)}
    after = {shown.message for shown in findings_in(text)}
    assert corrected_finding(FOLDERS / name).message not in after
    assert after - {shown.message for shown in findings_in(text, UNUSED)} <= before


def test_every_code_that_is_shown_has_one_right_example() -> None:
    assert sorted(map(code_of, CORRECTED)) == sorted({code_of(name) for name in NAMES})


def test_every_code_is_shown() -> None:
    shown = {code_of(name) for name in NAMES}
    assert shown.isdisjoint(NOT_SEEN)
    assert shown | NOT_SEEN.keys() == CODES.keys()


def test_everything_made_is_used() -> None:
    assert MADE.keys() <= set(NAMES)
