"""The state of one simulated NewStore tenant: its clients, documents, tokens and Event Stream."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request

from .settings import Settings
from .stored_documents import Document, normalize_document, remove_aliases
from .streams.stream import Stream

Clock = Callable[[], float]
WINDOW = 300.0  # five minutes, both to count requests in and to be blocked for (documented)
_POLL_SECONDS = 0.005
# Fields of an order that its event has too; they complete an answer without them.
_EVENT_FIELDS = {
    "createdAt": "created_at",
    "placedAt": "placed_at",
    "externalId": "external_id",
    "channel": "channel",
    "channelType": "channel_type",
    "currency": "currency",
}


@dataclass(slots=True)
class Access:
    """Tokens with their expiry, and the addresses that sent too many requests.

    The caller passes the time; `gate` turns the verdicts into responses.
    """

    tokens: dict[str, float] = field(default_factory=dict)
    windows: dict[str, tuple[float, int]] = field(default_factory=dict)
    blocked: dict[str, float] = field(default_factory=dict)

    def issue_token(self, now: float, ttl: float) -> str:
        """Return a new token; drop expired ones."""
        self.tokens = {token: expiry for token, expiry in list(self.tokens.items()) if expiry > now}
        token = secrets.token_urlsafe(32)
        self.tokens[token] = now + ttl
        return token

    def is_valid(self, token: str, now: float) -> bool:
        """Return whether a token was issued here and has not expired."""
        return self.tokens.get(token, now) > now

    def revoke_token(self, token: str) -> None:
        """End a token before it expires."""
        self.tokens.pop(token, None)

    def admit_request(self, address: str, now: float, limit: int | None) -> bool:
        """Count a request; return False while the address is blocked."""
        if self.blocked.get(address, now) > now:
            return False
        start, count = self.windows.get(address, (now, 0))
        if now - start >= WINDOW:
            start, count = now, 0
        self.windows[address] = (start, count + 1)
        if limit is not None and count >= limit:
            self.blocked[address] = now + WINDOW
            del self.windows[address]
            return False
        return True


@dataclass(slots=True)
class StoredDocument:
    """An order or a return: its document, the time it was added, its event's payload, its reads so far."""

    document: Document
    added: float
    payload: Mapping[str, object]
    reads: int = 0


@dataclass(slots=True)
class SimulatedShop:
    """One tenant. `clients` are the API clients: id and secret. `clock` returns Unix seconds.

    `failing` makes one field of one order or return fail with a message, under (id, field name):
    `{("7f0c…", "items"): "canceling statement due to statement timeout"}`.
    """

    tenant: str
    clients: Mapping[str, str] = field(repr=False)
    clock: Clock = time.time
    settings: Settings = field(default_factory=Settings)
    orders: dict[str, StoredDocument] = field(default_factory=dict)
    returns: dict[str, StoredDocument] = field(default_factory=dict)
    accounts: dict[str, object] = field(default_factory=dict)
    failing: dict[tuple[str, str], str] = field(default_factory=dict)
    access: Access = field(default_factory=Access, repr=False)
    stream: Stream = field(default_factory=Stream)

    def add(
        self,
        event: Mapping[str, object],
        answer: Mapping[str, object] | None = None,
        account: object = None,
        *,
        query: str | None = None,
    ) -> None:
        """Store an order or a return, and publish its event on the Event Stream.

        `event` is the whole envelope; `answer` is the recorded GraphQL answer, its `data`, or the
        order alone; `account` is the REST payment account. `query` is the query of the answer,
        needed only when it has aliases. Errors recorded in the answer are returned again. Raise
        ValueError for a document that does not match the schema.
        """
        payload = _read_payload(event)
        for kind, document in _read_documents(answer or {}, query):
            keep, key = _STORES[kind]
            name = str(_find_first(payload, key) or document.get("id") or "")
            if not name:
                raise ValueError(f"neither the {kind} nor its event has an id")
            stored = StoredDocument(
                _fill_from_event(kind, document, payload), self.clock(), payload
            )
            getattr(self, keep)[name] = stored
            self.failing |= {
                (name, path): words for path, words in _read_errors(answer or {}, kind)
            }
        if account is not None:
            self.accounts[str(_find_first(payload, ("order_id", "id")))] = account
        self.stream.publish(event, self.clock())

    async def wait_until_idle(self) -> None:
        """Wait until every running integration has sent all its events, in any thread."""
        while not self.is_idle:
            await asyncio.sleep(_POLL_SECONDS)

    @property
    def is_idle(self) -> bool:
        """Whether no running integration has events left to send."""
        published = len(self.stream.events)
        return all(
            integration.is_idle(published)
            for integration in list(self.stream.integrations.values())
        )

    def document(self) -> dict[str, object]:
        """Return the state as plain data without secrets, for an operator."""
        return {
            "tenant": self.tenant,
            "orders": len(self.orders),
            "returns": len(self.returns),
            "accounts": len(self.accounts),
            "events": len(self.stream.events),
            "integrations": self.stream.document(),
        }

    def add_transaction(self, order: str, transaction: Mapping[str, object]) -> None:
        """Add a payment transaction, of any type, to an order's payment account.

        It becomes the last of the last instrument. Raise ValueError for an unknown order, one without a
        payment account, or members that the schema does not have.
        """
        stored = self.orders.get(order)
        if stored is None:
            raise ValueError(f"the order {order!r:.80} is not known")
        added = normalize_document("PaymentAccountTransaction", transaction)
        account = stored.document.get("paymentAccount")
        listed = _find_transactions(account if isinstance(account, dict) else {})
        if listed is None:
            raise ValueError(f"the order {order!r:.80} has no payment account with transactions")
        listed.append(added)


def _find_transactions(account: dict[str, object]) -> list[object] | None:
    """Return the list that a new transaction is added to: the account's, or the last instrument's."""
    if isinstance(listed := account.get("transactions"), list):
        return listed
    instruments = account.get("instruments")
    last = instruments[-1] if isinstance(instruments, list) and instruments else None
    if not isinstance(last, dict):
        return None
    listed = last.setdefault("paymentAccountTransactions", [])
    return listed if isinstance(listed, list) else None


def get_shop(request: Request) -> SimulatedShop:
    """Return the shop that an application serves."""
    shop = request.app.state.shop
    assert isinstance(shop, SimulatedShop)
    return shop


# Where a document of an answer is stored, and which members of the event's payload are its id.
_STORES = {"order": ("orders", ("order_id", "id")), "return": ("returns", ("id",))}
_TYPES = {"order": "Order", "return": "Return"}


def _read_payload(event: Mapping[str, object]) -> Mapping[str, object]:
    payload = event.get("payload")
    return payload if isinstance(payload, Mapping) else {}


def _find_first(payload: Mapping[str, object], names: tuple[str, ...]) -> object:
    return next((payload[name] for name in names if payload.get(name)), None)


def _read_documents(answer: Mapping[str, object], query: str | None) -> list[tuple[str, Document]]:
    """Return the kinds and documents of an answer, as they are stored."""
    data = answer.get("data", answer)
    if not isinstance(data, Mapping):
        return []
    named = remove_aliases(data, query) if query else data
    if not named.keys() & _TYPES.keys() and "id" in named:
        named = {"order": named}
    documents = [(kind, named.get(kind)) for kind in _TYPES]
    return [
        (kind, normalize_document(_TYPES[kind], document))
        for kind, document in documents
        if isinstance(document, Mapping)
    ]


def _fill_from_event(kind: str, document: Document, payload: Mapping[str, object]) -> Document:
    if kind != "order":
        return document
    added = {name: payload[key] for name, key in _EVENT_FIELDS.items() if payload.get(key)}
    return {**added, **document}


def _read_errors(answer: Mapping[str, object], kind: str) -> list[tuple[str, str]]:
    """Return the fields of a document that failed in the recording, with their messages."""
    errors = answer.get("errors")
    found = []
    for error in errors if isinstance(errors, list) else ():
        path = error.get("path") if isinstance(error, Mapping) else None
        if isinstance(path, list) and len(path) > 1 and path[0] == kind:
            found.append((str(path[1]), str(error.get("message"))))
    return found
