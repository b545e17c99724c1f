"""Feeds and accounts, read from their sections."""

from collections.abc import Mapping
from decimal import Decimal

from application.configuration.limits import ACCOUNT, read_limits
from application.configuration.scalar import (
    RATE_PLACES,
    Unusable,
    amount,
    choice,
    decimal,
    matching,
    name,
    optional,
    time_of_day,
)
from application.configuration.section import Section
from application.configuration.tree import Tree
from application.configuration.values import (
    DAY_START,
    AccountConfig,
    Clock,
    FeedConfig,
    Mode,
    OnDifference,
    PaperConfig,
)
from domain.money import ZERO

SLIPPAGE_MAX = 1000
"""In basis points: a tenth of the price."""

_DEFAULT = PaperConfig()

_exchange = matching(
    r"[a-z0-9]{1,32}", "a CCXT exchange id in small letters such as binanceusdm"
)
_symbol = matching(
    r"[^\s/]{1,32}/[^\s/]{1,32}", "a symbol as CCXT writes it, such as BTC/USDT:USDT"
)
_currency = matching(r"[A-Z0-9]{2,12}", "a currency in capital letters such as USDT")
_modes: Mapping[str, Mode] = {"paper": "paper", "testnet": "testnet", "live": "live"}
_mode = choice(_modes)
LIVE_NEEDS = ("position_notional", "daily_loss")
"""Limits without which an account does not trade real money."""
_clocks: Mapping[str, Clock] = {"wall": "wall", "bar": "bar"}
_on_differences: Mapping[str, OnDifference] = {
    "ask": "ask",
    "adopt": "adopt",
    "ignore": "ignore",
    "close": "close",
}
_on_difference = choice(_on_differences)
_fee_rate = optional(
    decimal(
        "a fraction between 0 and 0.1 (0.0005 is 0.05 %)",
        lambda value: ZERO <= value <= Decimal("0.1"),
        RATE_PLACES,
    )
)
_slippage = decimal(
    f"a number between 0 and {SLIPPAGE_MAX}",
    lambda value: ZERO <= value <= SLIPPAGE_MAX,
    RATE_PLACES,
)

ACCOUNT_FIELDS = (
    "apiKey",
    "secret",
    "uid",
    "accountId",
    "login",
    "password",
    "twofa",
    "privateKey",
    "walletAddress",
    "token",
)
"""What venues call the parts of their keys.

Source: ``Exchange.requiredCredentials``, CCXT 4.5.
"""
_CREDENTIALS = frozenset(name.casefold() for name in ACCOUNT_FIELDS)


def read_feed(section: Section) -> FeedConfig:
    """Read one feed."""
    with section:
        return FeedConfig(name=section.require("name", name, "?"))


def read_account(section: Section) -> AccountConfig:
    """Read one account."""
    with section:
        account = AccountConfig(
            name=section.require("name", name, "?"),
            exchange=section.require("exchange", _exchange, "?"),
            mode=section.read("mode", _mode, "paper"),
            paper=_paper(section.child("paper")),
            limits=read_limits(section.child("limits"), ACCOUNT),
            options=_options(section),
            day_start=section.read("day_start", time_of_day, DAY_START),
            on_difference=section.read("on_difference", _on_difference, "ask"),
            symbols=_symbols(section),
        )
        if account.mode == "live" and section.is_sound("limits"):
            _ask_for_limits(section, account)
    return account


def _ask_for_limits(section: Section, account: AccountConfig) -> None:
    """Report every limit that is missing where real money is traded."""
    for limit in LIVE_NEEDS:
        if getattr(account.limits, limit) is None:
            section.refuse(f"limits.{limit}", "is missing: mode live needs it")


def _symbols(account: Section) -> tuple[str, ...]:
    """Read what alone may be traded; whether it exists is known with the exchange."""
    found: list[str] = []
    for path, item in account.items("symbols"):
        try:
            found.append(_symbol(item))
        except Unusable as error:
            account.refuse(path.removeprefix(f"{account.path}."), str(error))
    return tuple(found)


def _paper(section: Section) -> PaperConfig:
    with section:
        return PaperConfig(
            balance=section.read("balance", amount, _DEFAULT.balance),
            currency=section.read("currency", _currency, _DEFAULT.currency),
            fee_rate=section.read("fee_rate", _fee_rate, _DEFAULT.fee_rate),
            slippage_bps=section.read("slippage_bps", _slippage, _DEFAULT.slippage_bps),
            clock=section.read("clock", choice(_clocks), _DEFAULT.clock),
        )


def _options(account: Section) -> Mapping[str, Tree]:
    """Keep what is for CCXT as it is, except keys: they are never part of a file."""
    options = account.mapping("options")
    for key in options:
        if key.casefold() in _CREDENTIALS:
            account.refuse(
                f"options.{key}",
                "must not stand in a file: give keys to `signalman account set-keys`",
            )
    return options
