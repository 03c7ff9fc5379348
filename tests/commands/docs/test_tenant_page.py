"""The page about a tenant: it says every rule in words, needs nothing else, and shows any text as text."""

from __future__ import annotations

import json
import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from cli import main

TENANTS = ("dodici", "nordhus")
# Elements that have no end.
_EMPTY = {"meta", "br", "rect", "path", "img"}


class Page(HTMLParser):
    """A page as a tree of open elements; its text, and the values of its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.names: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--mappings", str(root), "docs", *arguments])


def read(result: Result) -> Page:
    assert result.exit_code == 0, result.output
    page = Page(result.stdout)
    assert page.open == []
    return page


def keys_of(body: object, path: str = "") -> set[str]:
    """The fields of a payload's body; entries of sublists are said of their group."""
    if isinstance(body, dict) and "$record" not in body:
        return {
            key
            for name, value in body.items()
            for key in keys_of(value, f"{path}.{name}" if path else name)
        }
    return set() if isinstance(body, list) else {path}


@pytest.mark.parametrize("tenant", TENANTS)
def test_every_field_that_a_case_sends_is_on_the_page(tenant: str) -> None:
    text = set(read(run(ROOT / "mappings", tenant)).text)
    sent: set[str] = set()
    for path in (ROOT / "mappings" / tenant / "cases").glob("*/payloads.json"):
        for rendered in json.loads(path.read_text(encoding="utf-8")):
            for payload in rendered["payloads"]:
                sent |= keys_of(payload["body"]) - {"externalId"}
    assert sent
    assert not {key for key in sent if key not in text}


@pytest.mark.parametrize("tenant", TENANTS)
def test_the_page_needs_nothing_else_and_is_the_same_each_time(tenant: str) -> None:
    result = run(ROOT / "mappings", tenant)
    page = read(result)
    assert result.stdout == run(ROOT / "mappings", tenant).stdout
    assert not page.names & {"script", "link", "img", "iframe", "object"}
    assert not [value for name, value in page.attributes if name.startswith("on")]
    links = {value for name, value in page.attributes if name in ("href", "src")}
    assert links
    assert all(link.startswith("#") for link in links)
    assert "url(" not in result.stdout


def test_rules_are_said_in_words() -> None:
    text = "".join(read(run(ROOT / "mappings", "dodici")).text)
    for words in (
        "billing.city, if there is one, cleaned, trimmed, cut to 49 characters, left out if that is empty",
        "the entry of the table 'channel' for channel_type",
        "shipping_cost, rounded to the places that the account keeps if (shipping_cost is not 0), left out otherwise",
        "A line for each line in items",
        "waits 2 s, 10 s, 60 s, 600 s, for at most 7,200 s, then park; NewStore is answered 200",
        "mappings/dodici/common.yaml:",
    ):
        assert words in text, words


def test_the_drawing_leads_from_the_order_to_the_field() -> None:
    drawn = run(ROOT / "mappings", "dodici").stdout.split("<svg")[1:]
    titles = [set(re.findall(r"<title>([^<]*)</title>", each)) for each in drawn]
    assert any({"order", "lookup item", "items", "item", "item.items"} <= each for each in titles)


HOSTILE = "</title><script>alert(1)</script>`\"'&\u202e"


def test_any_text_of_the_files_is_shown_as_text(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    file = tmp_path / "mappings" / "dodici" / "tenant.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("brand: Dodici", f"brand: {json.dumps(HOSTILE)}"), encoding="utf-8"
    )
    result = run(tmp_path / "mappings", "dodici")
    page = read(result)
    assert "script" not in page.names
    assert "<script>alert(1)</script>" in "".join(page.text)
    assert "\u202e" not in result.stdout


def test_a_file_is_written_or_the_reason_is_said(tmp_path: Path) -> None:
    target = tmp_path / "dodici.html"
    assert run(ROOT / "mappings", "dodici", "--to", str(target)).exit_code == 0
    assert target.read_text(encoding="utf-8").endswith("</html>\n")
    os.mkfifo(tmp_path / "pipe")
    for name, words in (("no/folder.html", "there is no folder"), ("pipe", "is not a file")):
        result = run(ROOT / "mappings", "dodici", "--to", str(tmp_path / name))
        assert result.exit_code == 2
        assert words in result.output


def test_a_link_is_replaced_and_what_it_leads_to_is_not(tmp_path: Path) -> None:
    other, target = tmp_path / "other.txt", tmp_path / "page.html"
    other.write_text("mine", encoding="utf-8")
    target.symlink_to(other)
    assert run(ROOT / "mappings", "dodici", "--to", str(target)).exit_code == 0
    assert other.read_text(encoding="utf-8") == "mine"
    assert target.read_text(encoding="utf-8").endswith("</html>\n")


def test_a_tenant_with_errors_has_no_page(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "mappings", tmp_path / "mappings")
    file = tmp_path / "mappings" / "dodici" / "common.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "nonsense: 1\n", encoding="utf-8")
    result = run(tmp_path / "mappings", "dodici")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nonsense" in result.stderr
