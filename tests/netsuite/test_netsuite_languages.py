"""No meaning depends on English: the company's language is named, closed periods are asked for."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from netsuite_server import REAL, TOKEN_KEY, Scripted, asking
from raw_server import Reply, answering
from starlette.responses import JSONResponse, Response

from engine.netsuite import NetSuite, build_simulated_address
from engine.netsuite.languages import guess_language
from engine.netsuite.periods import is_closed, name_closed_period
from engine.run.ledger import Answer, Verdict

GERMAN = "Der Beleg kann in dieser Form nicht verbucht werden."
BODY = {"tranDate": "2026-11-30", "memo": "Gartenstuhl"}


def refused(detail: str, code: str = "USER_ERROR", **more: str) -> dict[str, Any]:
    return {"o:errorDetails": [{"detail": detail, "o:errorCode": code, **more}]}


def raw(status: str, document: object = None) -> Reply:
    body = b"" if document is None else json.dumps(document).encode()
    kind = "" if document is None else "Content-Type: application/json\r\n"
    head = f"HTTP/1.1 {status}\r\n{kind}Content-Length: {len(body)}\r\n\r\n"
    return Reply(head.encode() + body)


@pytest.mark.parametrize(
    "detail",
    [
        "Invalid language. Provide the Content-Language header with your company language value 'pt'.",
        "Idioma inválido. Forneça o cabeçalho com o idioma padrão 'pt' da empresa.",
    ],
)
@pytest.mark.parametrize("header", ["Accept-Language", "Content-Language"])
def test_the_companys_language_is_named_once_it_is_known(detail: str, header: str) -> None:
    refusal = refused(detail, "INVALID_HEADER", **{"o:errorHeader": header})

    async def run() -> list[bool]:
        replies = [raw("400 Bad Request", refusal), raw("204 No Content"), raw("204 No Content")]
        async with answering(*replies) as server:
            at = build_simulated_address("1", server.url)
            async with NetSuite(at, TOKEN_KEY, REAL, allowance=1) as netsuite:
                for _ in range(2):
                    answer = await netsuite.update("salesOrder", "5", {})
                    assert answer.verdict is Verdict.DELIVERED
        return [
            b"Content-Language: pt\r\n" in asked and b"Accept-Language: pt\r\n" in asked
            for _, asked in server.asked
        ]

    assert asyncio.run(run()) == [False, True, True]


def test_a_language_that_is_refused_again_is_a_refusal() -> None:
    refusal = refused("Use 'pt'.", "INVALID_HEADER", **{"o:errorHeader": "Accept-Language"})
    scripted = Scripted([JSONResponse(refusal, 400)])
    answer = asking(scripted, lambda netsuite: netsuite.update("salesOrder", "5", {}))
    assert (answer.verdict, answer.codes[0]) == (Verdict.REFUSED, "LANGUAGE")
    assert len(scripted.asked) == 2
    other = refused("Header 'xx' is not known", "INVALID_HEADER", **{"o:errorHeader": "Prefer"})
    scripted = Scripted([JSONResponse(other, 400)])
    asking(scripted, lambda netsuite: netsuite.update("salesOrder", "5", {}))
    assert len(scripted.asked) == 1


def periods(*days: str) -> Response:
    items = [{"id": at, "first": day} for at, day in enumerate(days)]
    return JSONResponse({"items": items, "hasMore": False})


@pytest.mark.parametrize(
    ("detail", "code", "answers", "closed", "asked"),
    [
        (GERMAN, "USER_ERROR", [periods("2026-12-01")], True, 1),
        (GERMAN, "USER_ERROR", [periods()], True, 1),
        (GERMAN, "USER_ERROR", [periods("2026-11-01")], False, 1),
        (GERMAN, "USER_ERROR", [JSONResponse(refused("x", "INSUFFICIENT_PERMISSION"), 403)], False, 1),
        (GERMAN, "USER_ERROR", [Response(status_code=503)], False, 1),
        ("Die Buchungsperiode ist geschlossen.", "USER_ERROR", [periods()], True, 0),
        ("Please enter value(s) for: Customer", "USER_ERROR", [periods()], False, 0),
        ("x", "CONCURRENCY_LIMIT_EXCEEDED", [periods()], False, 0),
    ],
)  # fmt: skip
def test_a_closed_period_is_found_without_its_words(
    detail: str, code: str, answers: list[Response], *, closed: bool, asked: int
) -> None:
    async def ask(netsuite: NetSuite) -> Answer:
        answer = await netsuite.create("invoice", BODY)
        return await name_closed_period(netsuite, answer, BODY)

    scripted = Scripted([JSONResponse(refused(detail, code), 400), *answers])
    answer = asking(scripted, ask)
    assert is_closed(answer) is closed
    assert len(scripted.asked) == 1 + asked


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Please enter value(s) for: Customer", "English"),
        ("The entity is inactive.", "English"),
        (GERMAN, "German"),
        ("Geben Sie einen Wert ein für: Kunde", "German"),
        ("Il valore non è valido.", "Italian"),
        ("Questo record esiste già.", "Italian"),
        ("Veuillez saisir une valeur pour le champ", "French"),
        ("この値は無効です", "Japanese"),
        ("请输入值", "Chinese"),
        ("INVALID_CONTENT", None),
        ("", None),
    ],
)
def test_the_language_of_a_message(text: str, language: str | None) -> None:
    assert guess_language(text) == language
