"""The settings of a simulated shop, with defaults where NewStore documents nothing."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

MoneyAs = Literal["text", "number", "stored"]
MONEY_AS: tuple[str, ...] = get_args(MoneyAs)


@dataclass(slots=True)
class Settings:
    """How a shop behaves; every setting may be changed at runtime. Times are in seconds.

    `orders_delay`: from the event to the order or return. `payments_delay`: from the order to its payment
    account. `transactions_delay`: from the order to the last `late_transactions` of each list of
    payments. Each also lasts for a number of reads (`…_reads`) of that order. `null_taxes`: whether the
    taxes are null. `page_cap`: maximum entries of a
    connection requested without `first` or `last`; whether NewStore has such a cap is not
    documented. `money_as`: how GraphQL writes amounts: `text` (most likely), `number`, or `stored`,
    each as it was added. `rate_limit`: maximum requests of an address in five minutes (NewStore's
    pages say 30,000 and 5,000), None for no limit.

    Event Stream: `repeated` is the fraction of events that is sent twice; `shuffle` is the maximum
    number of places that an event comes too early (0 keeps the order); `retry_pause` is the time to
    the next attempt, 60 in the only log that NewStore shows; `callback_timeout` is the maximum time of
    a response; `stop_after` is the number of failed attempts in a row after which an integration stops
    itself, None for never. The last three are documented nowhere. `seed` seeds all randomness.
    """

    orders_delay: float = 0.0
    orders_delay_reads: int = 0
    payments_delay: float = 0.0
    payments_delay_reads: int = 0
    transactions_delay: float = 0.0
    transactions_delay_reads: int = 0
    late_transactions: int = 0
    null_taxes: bool = False
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
