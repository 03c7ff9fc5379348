"""What a grant lets a tenant use: names, hosts and files, whatever the references look like."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from scale import scaled

from engine.files.beneath import Root
from engine.findings.errors import AddressError, ReadError
from engine.wire.grant import UNRESTRICTED, Grant, Names, check_url, host_and_port
from engine.wire.parameter_store import ParameterStore
from engine.wire.secret_references import References

SECRET, OWN = "of-another", "of-acme"
HOSTILE = scaled(1_000, full=10_000)
HOST = "hooks.example.com"


def test_a_name_is_exact_or_a_beginning() -> None:
    names = Names(("ACME_", "TOKEN", "/acme/"), ("ACME_US_",))
    allowed = ("ACME_KEY", "TOKEN", "/acme/a", "ACME_USA")
    refused = ("ACME_US_", "ACME", "acme_key", "TOKEN_2", "ACME_US_KEY", "/acme", "", "XACME_KEY")
    assert all(map(names.allow, allowed))
    assert not any(map(names.allow, refused))


def test_what_two_tenants_would_share_by_a_pattern_belongs_to_neither() -> None:
    assert not Names(("A_B_",), ("A_B_",)).allow("A_B_KEY")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://hooks.example.com/x?y=1", "hooks.example.com:443"),
        ("https://HOOKS.example.com", "hooks.example.com:443"),
        ("https://hooks.example.com:8443/", "hooks.example.com:8443"),
        ("https://[2001:DB8:0::1]/", "[2001:db8::1]:443"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example:443"),
        ("https://bücher.example/", None),
        ("https://hooks.example.com./", None),
        ("https://user@hooks.example.com/", None),
        ("https://hooks.example.com@evil.example/", None),
        ("https://hooks.example.com\\@evil.example/", None),
        ("https://evil.example#@hooks.example.com/", None),
        ("https://hooks.example.com\t.evil.example/", None),
        ("https://hooks.example.com\n", None),
        ("https:///hooks.example.com/", None),
        ("https:hooks.example.com/", None),
        ("http://hooks.example.com/", None),
        ("HTTPS://hooks.example.com/", None),
        ("https://hooks%2eexample.com/", None),
        ("https://[::ffff:1.2.3.4%25eth0]/", None),
        ("https://[:::]/", None),
    ],
)
def test_the_host_of_an_address(url: str, host: str | None) -> None:
    assert host_and_port(url) == host


def hostile_urls(dice: random.Random) -> Iterator[str]:
    """Addresses that hold the granted host somewhere, and are bent in all ways."""
    bends = [
        ".",
        "@",
        ":",
        "\\",
        "/",
        "#",
        "?",
        "%2e",
        "%40",
        "\t",
        "\n",
        " ",
        "。",
        "．",
        "ſ",
        "K",
        "а",
    ]
    bends += [
        "\0",
        "\x7f",
        "[",
        "]",
        "::1",
        "evil.example",
        "xn--",
        "user:pass@",
        ":444",
        ":443",
        "..",
        "-",
    ]
    while True:
        text = f"https://{HOST}/events/acme"
        for _ in range(dice.randint(1, 4)):
            at = dice.randint(0, len(text))
            cut = at + dice.choice((0, 0, 0, 1))
            text = text[:at] + dice.choice(bends) + text[cut:]
        yield dice.choice((text, text.swapcase(), text.replace("https://", "https:\\\\")))


def test_what_is_allowed_leads_to_the_granted_host_for_every_parser() -> None:
    grant = Grant(hosts=frozenset({f"{HOST}:443"}))
    allowed = 0
    for _, url in zip(range(HOSTILE), hostile_urls(random.Random(7)), strict=False):
        if not grant.allows_url(url):
            with pytest.raises(AddressError):
                check_url(grant, url if not url.startswith("http:") else "", "events.url")
            continue
        allowed += 1
        for host, port in (
            (httpx.URL(url).host, httpx.URL(url).port),
            (urlsplit(url).hostname, urlsplit(url).port),
        ):
            assert (host, port or 443) == (HOST, 443), url
    assert 0 < allowed < HOSTILE


def hostile_variables(dice: random.Random) -> Iterator[str]:
    bends = ["_", "US_", "А", "ＡCME_", "x", " ", "$", "{", "}", "=", "\n", "-", ".", "*", "ſ"]
    while True:
        name = dice.choice(["ACME_", "OTHER_", "PATH", "acme_", "ACME_US_", "ACM", "АCME_"])
        for _ in range(dice.randint(0, 3)):
            at = dice.randint(0, len(name))
            name = name[:at] + dice.choice(bends) + name[at:]
        yield name


class Everything(dict[str, str]):
    """An environment in which every variable is set."""

    def __contains__(self, name: object) -> bool:
        return True

    def get(self, name: str, _default: object = None) -> str:
        is_own = name.startswith("ACME_") and not name.startswith("ACME_US_")
        return OWN if is_own else SECRET


def test_no_variable_outside_the_grant_is_read() -> None:
    grant = Grant(environment=Names(("ACME_",), ("ACME_US_",)))
    references = References(Path("/nowhere"), Everything(), grant)
    values = [
        references.resolve(f"${{env:{name}}}", "events.keys[0]")
        for _, name in zip(range(HOSTILE), hostile_variables(random.Random(8)), strict=False)
    ]
    assert SECRET not in values
    assert OWN in values
    assert "" in values


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Two tenants, each with secrets in its folder and in a folder of the machine, and links."""
    root = Path(os.path.realpath(tmp_path))
    for tenant, content in (("acme", OWN), ("acme-us", SECRET)):
        for name in (f"m/{tenant}/secrets", f"run/{tenant}", f"run/{tenant}/..2026"):
            (root / name).mkdir(parents=True)
            (root / name / "key").write_text(content)
        (root / "run" / tenant / "..data").symlink_to("..2026")
        (root / "run" / tenant / "mounted").symlink_to("..data/key")
        (root / "run" / f"{tenant}_flat").write_text(content)
    (root / "secret").write_text(SECRET)
    acme = root / "m" / "acme"
    targets = (
        "../acme-us/secrets",
        "../../run/acme-us",
        "../..",
        "/",
        "loop",
        "../../run/acme",
        "secrets",
    )
    for number, target in enumerate(targets):
        (acme / f"link{number}").symlink_to(target)
    (acme / "loop").symlink_to("loop")
    os.mkfifo(acme / "pipe")
    return root


def grant_of(here: Path) -> Grant:
    own = (f"{here}/run/acme/", f"{here}/run/acme_")
    secret_roots = (
        Root(f"{here}/m", entry="acme"),
        Root(f"{here}/run/acme"),
        Root(f"{here}/run", begins="acme_"),
    )
    return Grant(files=Names(own, (f"{here}/run/acme-us/",)), secret_roots=secret_roots)


def hostile_paths(dice: random.Random, here: Path) -> Iterator[str]:
    parts = [
        "..",
        ".",
        "",
        "%2e%2e",
        "．．",
        "link0",
        "link1",
        "link2",
        "link3",
        "link4",
        "link5",
        "link6",
    ]
    parts += [
        "secrets",
        "key",
        "run",
        "m",
        "acme",
        "acme-us",
        "ACME-US",
        "acme_flat",
        "acme-us_flat",
    ]
    parts += [
        "..data",
        "..2026",
        "mounted",
        "pipe",
        "secret",
        "loop",
        "..\\",
        "\0",
        "\n",
        "etc",
        "hostname",
    ]
    starts = [
        "",
        "../acme-us/",
        "../../",
        "secrets/../../acme-us/",
        f"{here}/",
        f"{here}/run/acme/",
    ]
    starts += [
        f"{here}/run/acme-us/",
        f"{here}/run/acme/../acme-us/",
        "/proc/self/root",
        "/proc/self/cwd/",
        "//",
    ]
    starts += [
        f"/{here}/run/acme-us/",
        f"{here}/RUN/acme-us/",
        "link3" + str(here) + "/",
        "link2/run/",
    ]
    while True:
        path = dice.choice(starts) + "/".join(dice.choices(parts, k=dice.randint(1, 4)))
        yield dice.choice((path, path + "/key", path + "/", path.replace("/", "//")))


def test_no_file_outside_the_grant_is_read(here: Path) -> None:
    references = References(here / "m" / "acme", {}, grant_of(here))
    values = [
        references.resolve(f"${{file:{path}}}", "netsuite.auth.certificate.key")
        for _, path in zip(range(HOSTILE), hostile_paths(random.Random(9), here), strict=False)
    ]
    assert set(values) == {"", OWN}
    # The same paths read what is outside where nothing is granted apart.
    trusting = References(here / "m" / "acme", {}, UNRESTRICTED)
    assert trusting.resolve(f"${{file:{here}/run/acme-us/key}}", "x") == SECRET


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("secrets/key", OWN),
        ("{here}/run/acme/mounted", OWN),
        ("link5/mounted", OWN),
        ("{here}/run/acme_flat", OWN),
        ("{here}/run/acme-us_flat", ""),
        ("{here}/run/acme-us/key", ""),
        ("../acme-us/secrets/key", ""),
        ("link1/key", ""),
        ("pipe", ""),
    ],
)
def test_files_that_are_granted_are_read(here: Path, path: str, value: str) -> None:
    references = References(here / "m" / "acme", {}, grant_of(here))
    text = path.format(here=here)
    assert references.resolve(f"${{file:{text}}}", "events.keys[0]") == value
    assert bool(references.missing) is (value == "")


@pytest.mark.parametrize(
    "name", ["/erpmap/other/x", "/erpmap/acme", "arn:aws:ssm:eu:1:parameter/erpmap/acme/x", ""]
)
def test_no_parameter_outside_the_grant_is_asked_for(name: str) -> None:
    store = ParameterStore(Grant(parameters=Names(("/erpmap/acme/",))).allows_parameter)
    with pytest.raises(ReadError) as caught:
        asyncio.run(store.read(name))
    assert caught.value.findings[0].code == "E1205"
