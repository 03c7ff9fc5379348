"""The README.md of a new tenant: what was assumed, which ids are made up, what is left to do. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from .answers import CompleteAnswers

_FILES = {
    "subsidiaries": "lookups/locations.csv",
    "currencies": "common.yaml",
    "stores": "lookups/locations.csv",
    "tax_codes": "common.yaml",
    "service_levels": "lookups/shipping_methods.csv",
    "payments": "lookups/payment_items.csv",
    "items": "tenant.yaml",
    "goods": "cases/lookups/item.json",
}
_WORDS = {
    "subsidiaries": "subsidiary",
    "currencies": "currency",
    "stores": "location of",
    "tax_codes": "tax code of",
    "service_levels": "shipping method of",
    "payments": "payment item of",
    "items": "item for",
}
MADE_UP = "## Ids that are made up"


def write_readme(tenant: str, complete: CompleteAnswers) -> str:
    """Return the text of the README.md."""
    name = tenant.upper().replace("-", "_")
    parts = [
        f"# {tenant}\n",
        (
            "The files of this folder validate, and run against `erpmap simulate`. What is left for the real\n"
            "systems:\n"
        ),
        *_list_steps(tenant, name),
        *_list_assumed(complete),
        *list_made_up(complete.made_up),
        (
            "\n## Try it\n\n```sh\n"
            f"erpmap validate {tenant}\n"
            f"erpmap test {tenant}\n"
            f"erpmap sample {tenant} --count 20 --to orders\n"
            f"erpmap render {tenant} --all orders\n"
            f"erpmap simulate {tenant}\n```\n"
        ),
    ]
    return "\n".join(parts)


def list_made_up(made_up: Sequence[tuple[str, str, int]]) -> list[str]:
    """Return the lines that name the ids that NetSuite does not have; goods are for the simulator only."""
    shown = [
        f"- [ ] {_WORDS[kind]} {name}: {found} in `{_FILES[kind]}`"
        for kind, name, found in made_up
        if kind in _WORDS
    ]
    if not shown:
        return []
    words = "Replace each by the id in NetSuite, in the file named and in `simulator.yaml`:"
    return [f"\n{MADE_UP}\n\n{words}\n", *shown]


def describe_made_up(made_up: Sequence[tuple[str, str, int]]) -> list[str]:
    """Return a sentence for each id that is made up, but for goods."""
    return [
        f"the id of the {_WORDS[kind]} {name} is made up: {found}"
        for kind, name, found in made_up
        if kind in _WORDS
    ]


def _list_steps(tenant: str, name: str) -> list[str]:
    return [
        (
            f"- [ ] Set {name}_NEWSTORE_ID, {name}_NEWSTORE_SECRET, {name}_NETSUITE_CLIENT, "
            f"{name}_NETSUITE_CERTIFICATE\n  and {name}_EVENT_KEY, and put the key of the certificate into "
            "`secrets/netsuite.pem`."
        ),
        f"- [ ] `erpmap doctor {tenant}` asks both systems, and says what is missing.",
        "- [ ] Set the first day in `tenant.yaml`: `events: {from: 2026-12-01}`; older orders are ignored.",
        (
            "- [ ] The base mappings use department 1 for web and 3 for stores, and the custom fields\n"
            "  `custcol_nws_item_id`, `custbody_nws_exchange_of` and `custentity_nws_profilesource`: create them\n"
            "  in NetSuite, or override the mappings."
        ),
        "- [ ] The column `class` of `lookups/locations.csv` is empty where no class is posted.",
    ]


def _list_assumed(complete: CompleteAnswers) -> list[str]:
    assumed = [*complete.assumed, *complete.guesses]
    if not assumed:
        return []
    return [
        "\n## Assumed\n\nNobody said these; check them in the files:\n",
        *(f"- [ ] {key}" for key in assumed),
    ]
