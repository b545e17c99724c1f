"""An alert as it was understood, in whichever dialect, and the names it goes by."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from adapters.alert.dialect import Dialect, Reading
from domain.signal import Action, AlertId, Direction, Signal
from domain.timeframe import Timeframe

MAX_BODY_BYTES = 65_536
"""The longest body that is read, and the longest text that is stored, in bytes of UTF-8."""

BLANK = " \t\r\n\v\f\u00a0\ufeff"
"""What may surround a body without meaning anything: white space and byte order marks."""

DUPLICATE_WINDOW_SECONDS = 60
"""How long a body is remembered that carries neither an id nor a time.

TradingView sends again after 5 s, at most three times.
Source: https://www.tradingview.com/support/solutions/43000735201
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMessage:
    """What one body says, before it has a number and a time of receipt.

    ``id`` names the intended action and is None if the body has none. ``token`` is
    printable ASCII and does not show in a ``repr``. ``hints`` are sentences for the trace
    about what was perhaps meant otherwise; none of them stops the alert.
    """

    id: str | None = None
    token: str | None = field(default=None, repr=False)
    action: Action | None = None
    closes: Direction | None = None
    rsi: float | None = None
    rsi_length: int | None = None
    price: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    bar_time: datetime | None = None
    sent_at: datetime | None = None
    timeframe: Timeframe | None = None
    exchange: str | None = None
    ticker: str | None = None
    chart: str | None = None
    bot: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict[str, str])
    hints: tuple[str, ...] = ()
    adds_to: Direction | None = None
    reduces: bool = False
    dialect: Dialect = Dialect.NATIVE
    readings: tuple[Reading, ...] = ()
    """How each field of another receiver's message was read, in the order of the body."""

    def signal(self, alert: AlertId, received_at: datetime) -> Signal:
        """Return the signal of the alert that was stored under ``alert``."""
        return Signal(
            alert=alert,
            received_at=received_at,
            action=self.action,
            closes=self.closes,
            rsi=self.rsi,
            rsi_length=self.rsi_length,
            price=self.price,
            high=self.high,
            low=self.low,
            bar_time=self.bar_time,
            sent_at=self.sent_at,
            timeframe=self.timeframe,
            exchange=self.exchange,
            ticker=self.ticker,
            chart=self.chart,
            bot=self.bot,
            extra=self.extra,
            adds_to=self.adds_to,
            reduces=self.reduces,
        )


class DuplicateKey(NamedTuple):
    """The name under which a second arrival is recognized within a feed.

    Without ``keeps_for_ever`` it counts for ``DUPLICATE_WINDOW_SECONDS``.
    """

    key: str
    keeps_for_ever: bool


def duplicate_key(message: AlertMessage, masked_text: str) -> DuplicateKey:
    """Return the id as a key, else the digest of the body as it is stored."""
    if message.id is not None:
        return DuplicateKey(f"id:{message.id}", keeps_for_ever=True)
    says_when = message.bar_time is not None or message.sent_at is not None
    return DuplicateKey(f"sha256:{body_digest(masked_text)}", keeps_for_ever=says_when)


def body_digest(masked_text: str) -> str:
    """Return the SHA-256 in hex; it tells a resend from another body with the same id."""
    return hashlib.sha256(masked_text.encode()).hexdigest()
