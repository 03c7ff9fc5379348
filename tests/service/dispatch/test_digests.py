"""The digest of an event is kept in journals: it is the same with every version of the program."""

from __future__ import annotations

from typing import Any

from engine.documents import read_json_bytes
from engine.service.dispatch.route import make_arrival

EVENT = (
    '{"tenant":"t","name":"n","published_at":"x","payload":'
    '{"z":[1,1.50,1e2,-0,"1.50",null,true],"a":"é\\ud83d\\ude00\\u007f\\"\\\\/","ä":{}}}'
)
DIGEST = "43ed6e9a60f071bd943fae1eefa62aad13953f9d9ee328ef315c25b55f2bc5b3"


def test_the_digest_of_an_event_never_changes() -> None:
    event: Any = read_json_bytes("event", EVENT.encode())
    assert make_arrival("t", event, None, 1).digest == DIGEST
    payload = dict(reversed(event["payload"].items()))
    assert make_arrival("u", {**event, "payload": payload}, None, 2).digest == DIGEST
    text = {**payload, "z": [1, "1.50", *payload["z"][2:]]}
    assert make_arrival("t", {**event, "payload": text}, None, 1).digest != DIGEST
