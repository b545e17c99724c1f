"""What differs between venues, in one table: everything else treats them alike.

CCXT's `features` says what orders a market takes, but nothing of client order ids, of what
a lookup proves, or of what an error code means; that stands here. A venue that is not in
the table goes the generic way: only lists of orders are believed, and not finding one there
proves nothing.

Source: measured against CCXT 4.5.90 on the wire; the venues' documentation for the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from types import MappingProxyType
from typing import Any

from adapters.venue import codes
from adapters.venue.client_id import Encoding
from adapters.venue.codes import Codes

Options = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """One question about an order: CCXT's method, and how our id goes into it.

    ``id_parameter`` None asks for everything, and our id is sought in the answer.
    """

    method: str
    id_parameter: str | None
    further: Options = field(default_factory=dict[str, Any])


class ModeProbe(Enum):
    """How it is found out whether the account is in hedge mode."""

    ASKED = "fetch_position_mode"
    SHOWN_BY_POSITIONS = "positions"
    ALWAYS_ONE_WAY = "the venue has one-way mode only"


class LeverageWay(Enum):
    """How a market gets the leverage of its bot."""

    SET = "set before the first entry, and read again"
    WITH_ORDER = "sent with every order"
    THEIRS = "left as the venue has it"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """How a venue says that it was asked too often, beside 418 and 429."""

    banned_status: int | None = None
    """A status that means minutes of silence for the whole address."""
    banned_for: timedelta = timedelta(minutes=10)
    exceeded: tuple[str, ...] = ()
    """Texts of an answer's body that mean it, with the status 200 as well."""
    reset_header: str | None = None
    """The header that then says, in milliseconds since 1970, when to ask again."""


USUAL_LIMITS = RateLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRights:
    """How a key's rights are told: a method of CCXT's implicit API, and where it answers.

    ``withdraw`` is a path of keys; its value says it, or a list that has ``withdraw_word``.
    """

    method: str
    withdraw: tuple[str, ...]
    withdraw_word: str | None = None
    ips: tuple[str, ...] = ()
    live_only: bool = False
    """Whether the venue's testnet does not answer this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopOrders:
    """How orders rest at a venue until a price triggers them.

    ``further`` goes with every question about one. Where a venue makes another order of it
    once it has triggered, ``became`` is where that one's id stands in the answer.
    """

    further: Options = field(default_factory=dict[str, Any])
    became: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """One venue."""

    codes: Codes = codes.NOTHING_KNOWN
    code_path: tuple[str, ...] = ("code",)
    """Fields of an error's body that hold its code, the most telling one first."""
    encoding: Encoding = Encoding.HEX
    id_parameter: str = "clientOrderId"
    lookups: tuple[Lookup, ...] = ()
    cancel_id_parameter: str | None = "clientOrderId"
    """None where an order can only be canceled by the venue's own id."""
    authoritative: bool = False
    """Whether not finding an order by these lookups proves that there is none."""
    trades_order_parameter: str | None = None
    """How executions of one order are asked for; None filters all of the market's."""
    market_buy_by_cost: bool = False
    """Whether a spot market buy is told what to spend rather than what to buy."""
    window_option: str | None = None
    """The option of CCXT that limits, in milliseconds, how late an order is taken."""
    testnet_method: str = "set_sandbox_mode"
    """What CCXT calls the switch to the venue's testnet."""
    one_writer: bool = False
    """Whether a key's nonces demand that one process at a time uses it."""
    position_mode: ModeProbe = ModeProbe.SHOWN_BY_POSITIONS
    rights: KeyRights | None = None
    leverage: LeverageWay = LeverageWay.THEIRS
    sets_margin_mode: bool = False
    """Whether a market's margin mode can be set, and is told."""
    limits: RateLimits = USUAL_LIMITS
    options: Options = field(default_factory=dict[str, Any])
    """What CCXT's constructor is told, beneath the account's own options."""
    order_extras: Options = field(default_factory=dict[str, Any])
    """What goes with every order."""
    stops: "StopOrders | None" = None
    """How a perpetual's stops rest; None where nobody has proved that they do."""


WINDOW = timedelta(seconds=5)
_BY_ID = (Lookup(method="fetch_order", id_parameter="clientOrderId"),)
_LISTS = (
    Lookup(method="fetch_open_orders", id_parameter=None),
    Lookup(method="fetch_closed_orders", id_parameter=None),
)
GENERIC = Capabilities(lookups=_LISTS, cancel_id_parameter=None)


def _binance(
    types: tuple[str, ...], testnet_method: str, stops: StopOrders | None = None
) -> Capabilities:
    return Capabilities(
        testnet_method=testnet_method,
        codes=codes.BINANCE,
        lookups=_BY_ID,
        authoritative=True,
        trades_order_parameter="orderId",
        window_option="recvWindow",
        position_mode=ModeProbe.ASKED,
        leverage=LeverageWay.SET,
        sets_margin_mode=True,
        rights=KeyRights(
            method="sapi_get_account_apirestrictions",
            withdraw=("enableWithdrawals",),
            ips=("ipRestrict",),
            live_only=True,
        ),
        options={
            "options": {
                "fetchMarkets": {"types": list(types)},
                "fetchMargins": False,
                "warnOnFetchOpenOrdersWithoutSymbol": False,
            }
        },
        stops=stops,
    )


CAPABILITIES: Mapping[str, Capabilities] = MappingProxyType(
    {
        "binance": _binance(("spot",), "set_sandbox_mode"),
        # The futures testnet was closed in favor of demo trading.
        "binanceusdm": _binance(
            ("linear",),
            "enable_demo_trading",
            StopOrders(further={"trigger": True}, became=("info", "actualOrderId")),
        ),
        "bybit": Capabilities(
            codes=codes.BYBIT,
            code_path=("retCode",),
            # `fetch_order` would add `orderId=None`, which Bybit heeds before our id; the
            # same endpoint without it tells open orders and the newest closed ones.
            lookups=(
                Lookup(method="fetch_open_orders", id_parameter="orderLinkId"),
                Lookup(
                    method="fetch_canceled_and_closed_orders", id_parameter="orderLinkId"
                ),
            ),
            cancel_id_parameter="orderLinkId",
            authoritative=True,
            trades_order_parameter="orderId",
            window_option="recvWindow",
            leverage=LeverageWay.SET,
            limits=RateLimits(
                banned_status=403,
                exceeded=('"retCode":10006', '"retCode":10018', '"retCode":10429'),
                reset_header="x-bapi-limit-reset-timestamp",
            ),
            rights=KeyRights(
                method="private_get_v5_user_query_api",
                withdraw=("result", "permissions", "Wallet"),
                withdraw_word="Withdraw",
                ips=("result", "ips"),
            ),
            options={"options": {"fetchMarkets": {"types": ["spot", "linear"]}}},
            stops=StopOrders(),
        ),
        "okx": Capabilities(
            codes=codes.OKX,
            code_path=("sCode", "code"),
            lookups=_BY_ID,
            authoritative=True,
            trades_order_parameter="ordId",
            position_mode=ModeProbe.ASKED,
            options={"options": {"fetchMarkets": {"types": ["spot", "swap"]}}},
        ),
        "kraken": Capabilities(
            codes=codes.KRAKEN,
            code_path=("error",),
            lookups=(
                Lookup(method="fetch_open_orders", id_parameter="clientOrderId"),
                Lookup(method="fetch_closed_orders", id_parameter="clientOrderId"),
            ),
            one_writer=True,
            position_mode=ModeProbe.ALWAYS_ONE_WAY,
        ),
        "krakenfutures": Capabilities(
            code_path=("error",),
            lookups=(Lookup(method="fetch_orders", id_parameter="cliOrdIds"),),
            cancel_id_parameter=None,
            one_writer=True,
            position_mode=ModeProbe.ALWAYS_ONE_WAY,
        ),
        "kucoin": Capabilities(
            codes=codes.KUCOIN,
            # Or CCXT asks for the kind of account before every order.
            options={"options": {"uta": False}},
            lookups=_BY_ID,
            authoritative=True,
            trades_order_parameter="orderId",
            position_mode=ModeProbe.ALWAYS_ONE_WAY,
        ),
        "kucoinfutures": Capabilities(
            codes=codes.KUCOIN,
            # Or CCXT asks for the kind of account before every order.
            options={"options": {"uta": False}},
            lookups=_BY_ID,
            authoritative=True,
            trades_order_parameter="orderId",
            position_mode=ModeProbe.ASKED,
            leverage=LeverageWay.WITH_ORDER,
        ),
        "bitget": Capabilities(
            codes=codes.BITGET,
            lookups=_BY_ID,
            authoritative=True,
            trades_order_parameter="orderId",
            market_buy_by_cost=True,
            options={"options": {"fetchMarkets": {"types": ["spot", "swap"]}}},
        ),
        "gate": Capabilities(
            codes=codes.GATE,
            code_path=("label",),
            encoding=Encoding.BASE62,
            lookups=(Lookup(method="fetch_order", id_parameter="clientOrderId"), *_LISTS),
            cancel_id_parameter=None,
            market_buy_by_cost=True,
            options={"options": {"fetchMarkets": {"types": ["spot", "swap"]}}},
        ),
        "mexc": Capabilities(lookups=(*_BY_ID, *_LISTS), window_option="recvWindow"),
        "coinbase": Capabilities(
            id_parameter="client_order_id",
            lookups=(Lookup(method="fetch_orders", id_parameter=None),),
            cancel_id_parameter=None,
            market_buy_by_cost=True,
            position_mode=ModeProbe.ALWAYS_ONE_WAY,
        ),
        "hyperliquid": Capabilities(
            encoding=Encoding.PREFIXED_HEX,
            lookups=_BY_ID,
            authoritative=True,
            one_writer=True,
            position_mode=ModeProbe.ALWAYS_ONE_WAY,
            options={"options": {"builderFee": False, "refSet": True}},
        ),
        "deribit": Capabilities(
            id_parameter="label",
            lookups=_LISTS,
            cancel_id_parameter=None,
            position_mode=ModeProbe.ALWAYS_ONE_WAY,
        ),
    }
)


def capabilities_of(exchange: str) -> Capabilities:
    """Return what is known of a venue; the generic way for one that is not listed."""
    return CAPABILITIES.get(exchange, GENERIC)
