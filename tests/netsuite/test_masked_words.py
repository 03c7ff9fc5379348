"""NetSuite's words are shown, and nothing of what was sent: whatever its case, accents, format or place."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.netsuite.error_details import read_detail
from engine.netsuite.masked_words import MASK, collect_words, list_literals, mask
from engine.netsuite.refusals import build_catalogue

SENT = {
    "email": "Jörg.Müller+shop@post.example",
    "firstName": "Jörg", "lastName": "Müller-Lüdenscheidt", "companyName": "O'Brien & Söhne",
    "phone": "+49 (0)30 1234-567", "zip": "10115", "addr1": "Straße des 17. Juni 12b",
    "memo": "Geschenk 山田太郎", "amount": Decimal("1234.5"), "tranDate": "2026-11-30",
    "externalId": "SO-1001-A", "entity": {"id": "4711"}, "items": [{"item": {"id": 90210}}],
    "nick": "Bo Li",
}  # fmt: skip
WORDS = collect_words(SENT)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Invalid phone number.", "Invalid phone number."),
        ("The field addr1 is too long ( 150 ).", "The field addr1 is too long ( 150 )."),
        ("Ungültiger Wert für das Feld: Kunde", "Ungültiger Wert für das Feld: Kunde"),
        ("Customer JÖRG MULLER-LUDENSCHEIDT exists.", "Customer … exists."),
        ("Kunde Joerg Mueller existiert", "Kunde … existiert"),
        ("Cliente jo\u0308rg, non valido", "Cliente …, non valido"),
        ("joerg.mueller+shop@post.example is in use", "… is in use"),
        ("mail to j.doe@elsewhere.example now", "mail to … now"),
        ("see https://x.example/?q=1 now", "see … now"),
        ("O&#39;Brien &amp; S&ouml;hne exists", "… & … exists"),
        ("JörgMüller exists", "… exists"),
        ("BoLi exists", "… exists"),
        ("J\u200börg exists", "… exists"),
        ("J\\u00f6rg exists", "… exists"),
        ("M%C3%BCller exists", "… exists"),
        ("JÃ¶rg MÃ¼ller exists", "… exists"),
        ("J?rg M?ller exists", "… exists"),
        ("Jrg Mller exists", "… exists"),
        ("Müller-Lüdensch.. exists", "… exists"),
        ("Amount 1.234,50 or 1,234.50 or 1 234,5 or 1234.500 is wrong", "Amount … or … or … or … is wrong"),
        ("Total 00001234.50", "Total …"),
        ("Call 0049301234567 or 030/1234567", "Call … or …"),
        ("Date 30.11.2026 or 11/30/2026 is closed", "Date … or … is closed"),
        ("id SO-1001-A, so_x2D_1001", "id …, …"),
        ("entity 4711 in line 8", "entity … in line 8"),
        ("顧客山田太郎は存在します", "…"),
        ("card 4111 1111 1111 1111 x", "card … x"),
        ("order 1234567 of another", "order … of another"),
        ("Customer 'Jane Doe' and \"John Roe\" exist; field 'emial'", "Customer … and … exist; field 'emial'"),
        ("can't use „Anna Schmidt“ here", "can't use … here"),
        ("a\u202eb\x00c\nd", "ab c d"),
        ("J.Ö.R.G and j o r g and J_ö_r_g exist", "… and … and … exist"),
        ("Jö-rg exists", "… exists"),
        ("ＪＯＲＧ and ＭＵＬＬＥＲ exist", "… and … exist"),
        ("xxLüdenscheidtxx and üdensch and L-u-d-e n-s.c", "… and … and …"),
        ("a b c of d e f", "a b c of d e f"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_is_shown(text: str, shown: str) -> None:
    assert mask(text, WORDS) == shown


def test_a_query_shows_its_names_and_none_of_its_values() -> None:
    sent = collect_words(list_literals("SELECT id FROM customer WHERE email = 'zoe''s@x.example'"))
    text = "Unknown identifier 'email' near zoe's@x.example in customer"
    assert mask(text, sent) == "Unknown identifier 'email' near … in customer"


def test_a_large_request_shows_nothing() -> None:
    sent = collect_words([f"word{at}" for at in range(30_000)])
    assert mask("word7 anything", sent) == "…"
    many = collect_words([f"w{at}x{'y' * 200}" for at in range(4_000)])
    assert mask("z" * 500 + " x" * 500, many).startswith("… x")


def test_a_long_text_is_cut() -> None:
    shown = mask("word " * 200, collect_words({}))
    assert len(shown) <= 300
    assert shown.endswith("…")


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=20)
FORMS = (
    str, str.upper, str.lower, str.title, str.swapcase, str.casefold,
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: f"<{text}>", lambda text: f"x-{text}_y", lambda text: f"({text}@x.example)",
    lambda text: f"'{text}'", lambda text: f"«{text}»", lambda text: text.replace(" ", "\u00a0"),
)  # fmt: skip


@given(first=TEXTS, last=TEXTS, form=st.sampled_from(FORMS), cut=st.integers(4, 40))
def test_nothing_that_was_sent_is_shown(first: str, last: str, form: object, cut: int) -> None:
    assert callable(form)
    sent = collect_words({"name": f"Zqk{first}", "rest": [f"Jxv{last}"]})
    quoted = f"{form(f'Zqk{first}')} and {form(f'Jxv{last}')}"
    shown = mask(f"The customer {quoted[:cut]} is not valid: {quoted}", sent).casefold()
    assert "zqk" not in shown
    assert "jxv" not in shown
    assert shown != MASK


SPELLINGS = (
    str, str.upper, str.lower, str.swapcase,
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign)),
    lambda text: "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text),
)  # fmt: skip
NAMES = st.text("abcdefghijklmnopqrstuvwxyzäöüéèçñåABCDEFGHIJ", min_size=6, max_size=20)


@given(
    name=NAMES,
    spelling=st.sampled_from(SPELLINGS),
    separator=st.sampled_from(["", ".", "-", "_", " ", "/", " . ", "\u200b", "*"]),
    cut=st.tuples(st.integers(0, 14), st.integers(6, 20)),
    around=st.sampled_from(["", "x", "7"]),
)
def test_six_letters_in_a_row_are_recognised_in_every_spelling(
    name: str, spelling: object, separator: str, cut: tuple[int, int], around: str
) -> None:
    assert callable(spelling)
    part = name[cut[0] : cut[0] + cut[1]] if len(name) >= cut[0] + 6 else name[-6:]
    quoted = f"{around}{spelling(separator.join(part))}{around}"
    shown = mask(f"!! {quoted} !!", collect_words({"name": name}))
    assert set(shown) <= set(f"!{MASK} ./-_*"), (quoted, shown)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("JORG_EXISTS", "UNKNOWN_CODE"),
        ("X_LUDENSCH_X", "UNKNOWN_CODE"),
        ("ACME_LOCK_4711", "ACME_LOCK_4711"),
    ],
)
def test_a_code_of_a_script_is_no_value(code: str, shown: str) -> None:
    assert read_detail({"o:errorCode": code}, WORDS, build_catalogue()).codes == (shown,)


@given(
    amount=st.decimals("0.01", "99999999", places=2),
    style=st.sampled_from(["{:,.2f}", "{:.2f}", "{:,.3f}", "{:.0f}", "{:+,.2f}", "{:015.2f}"]),
    separators=st.sampled_from(["", ",.", ".,", " .", "'.", "\u00a0,"]),
)
def test_a_number_is_recognised_in_every_format(
    amount: Decimal, style: str, separators: str
) -> None:
    text = style.format(amount)
    if separators:
        first, second = separators[0], separators[1]
        text = text.replace(",", "\x01").replace(".", "\x02")
        text = text.replace("\x01", first).replace("\x02", second)
    if Decimal(style.format(amount).replace(",", "")) != amount:
        return
    shown = mask(f"The amount {text} is not valid", collect_words({"amount": amount}))
    assert shown.startswith("The amount ")
    assert not any(sign.isdigit() for sign in shown), (text, shown)
