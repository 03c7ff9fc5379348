"""What can be set about a simulated shop, and what stands where NewStore says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

MoneyAs = Literal["text", "number", "stored"]
MONEY_AS: tuple[str, ...] = get_args(MoneyAs)


@dataclass(slots=True)
class Settings:
    """How a shop behaves; all of it may be changed while it is served. Times are in seconds.

    `payments_delay` is how long after an order its payment account is there. `page_cap` is the most
    entries of a connection asked for without `first` or `last`; whether NewStore has one is not
    documented. `money_as` is how GraphQL writes amounts: `text` as is most likely, `number`, or
    `stored`, each as it was added. `rate_limit` is how many requests an address may send in five
    minutes (NewStore's pages say 30,000 and 5,000), None for any number.

    Of the Event Stream: `repeated` is the part of the events that is sent twice; by at most
    `shuffle` places an event comes too early (0 keeps the order); `retry_pause` is the time to the
    next attempt, 60 in the one log that NewStore shows; `callback_timeout` is how long an answer
    may take; `stop_after` so many attempts at one event an integration stops itself, None for never;
    all three are documented nowhere. All chance comes from `seed`.
    """

    payments_delay: float = 0.0
    page_cap: int | None = None
    token_ttl: int = 3600
    money_as: MoneyAs = "text"
    rate_limit: int | None = 30_000
    repeated: Fraction = Fraction(1, 20)
    shuffle: int = 4
    retry_pause: float = 60.0
    callback_timeout: float = 30.0
    stop_after: int | None = None
    seed: int = 20261201
