"""A record about to be written: its payload with the ids of earlier records, and what is put down of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from ..netsuite import Answer, safe_id
from ..run import Payload
from .periods import MovedDate
from .references import resolved_map
from .results import WrittenRecord


@dataclass(frozen=True, slots=True)
class RecordWrite:
    """One record about to be written.

    `external_id` is the payload's, as the mapping gives it: every way of writing needs one. `body` is
    its JSON with the ids of earlier records; `details` its payload's, likewise.
    `look_first` says that an earlier attempt may have written it. `has_landed` answers, for an
    update, whether the record that was found holds it already. `origin` is the id of the record
    that a transform starts from. `may_move` lets what is made be dated on the first open day where its
    own is closed. `answers` is where each answer to a request that writes is put down, `moves` where a
    day is that took the place of the payload's.
    """

    payload: Payload
    external_id: str
    body: dict[str, object]
    details: Mapping[str, object]
    look_first: bool
    has_landed: Callable[[Mapping[str, object]], bool]
    origin: str | None = None
    may_move: bool = False
    answers: list[Answer] = field(default_factory=list)
    moves: list[MovedDate] = field(default_factory=list)

    def posted(self, id_: str, how: str) -> WrittenRecord:
        """The record, standing in NetSuite."""
        payload = self.payload
        return WrittenRecord(
            payload.name, payload.record, payload.external_id, id_, how, self.moved
        )

    @property
    def moved(self) -> MovedDate | None:
        """The move that was put down last, if any."""
        return self.moves[-1] if self.moves else None

    def heard(self, answer: Answer) -> Answer:
        """The answer, put down."""
        self.answers.append(answer)
        return answer

    def explained(self, words: str) -> Answer:
        """The answer heard last, with more words."""
        last = self.answers[-1]
        self.answers[-1] = replace(last, words=f"{last.words}, {words}")
        return self.answers[-1]


def writing(
    payload: Payload,
    posted: Mapping[str, WrittenRecord],
    *,
    look_first: bool,
    has_landed: Callable[[Mapping[str, object]], bool],
) -> RecordWrite:
    """A payload with the ids of the records written before it, ready to be written itself."""
    assert payload.external_id is not None
    body = resolved_map(payload.body, posted)
    body["externalId"] = safe_id(payload.external_id)
    details = resolved_map(payload.details, posted)
    return RecordWrite(payload, payload.external_id, body, details, look_first, has_landed)
