"""What venues' error codes prove about an order that was sent.

CCXT's classes are no proof: it raises "rejected" for time-outs and for answers that broke
off. Only what stands here is believed; every other error leaves the order UNKNOWN.

REFUSED: the order does not exist and will not. EXISTS: an order with this id is there
already, so it is looked up. NOT_NOW: not placed either, but for a reason that passes
(clock, rate), so it may be tried again.

Sources: the venues' documentation of errors, and `exceptions` of CCXT 4.5.90 less what its
texts contradict (Bybit 170035 "submitted to the system for processing", 170146 "order
creation timeout", KuCoin 408000 "network timeout", ...).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """A venue's codes by what they prove. A text after a code must occur in the answer."""

    refused: frozenset[str] = frozenset()
    refused_ranges: tuple[tuple[int, int], ...] = ()
    exists: Mapping[str, Texts] = field(default_factory=dict[str, Texts])
    not_now: frozenset[str] = frozenset()


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ANY: Texts = ("",)

BINANCE = Codes(
    refused=_codes(
        "-1002 -1013 -1022 -1111 -1112 -1114 -1115 -1116 -1117 -1121 -1128 -1130 -1131"
        " -2010 -2014 -2015 -2018 -2019 -2020 -2021 -2022 -2023 -2024 -2025 -2026 -2027"
        " -2028 -4003 -4004 -4005 -4013 -4014 -4015 -4016 -4023 -4024 -4029 -4030 -4045"
        " -4061 -4062 -4082 -4083 -4087 -4088 -4131 -4164 -4183 -4184 -4192 -4400 -4401"
        " -4402 -4403 -5021 -5022"
    ),
    refused_ranges=((-1108, -1100),),
    exists={
        "-4116": _ANY,
        "-4111": _ANY,
        "-2010": ("Duplicate order sent",),
    },
    not_now=_codes("-1003 -1015 -1021"),
)
BYBIT = Codes(
    refused=_codes(
        "10001 10003 10004 10005 10008 10009 10010 10024 10027 10028 10029"
        " 110003 110004 110005 110006 110007 110009 110011 110012 110013 110014 110017"
        " 110018 110020 110021 110022 110023 110032 110033 110044 110045 110051 110052"
        " 110053 110054 110055 110056 110058 110059 110090 110092 110093 110094 110095"
        " 110100 170033 170034 170036 170037 170105 170115 170116 170117 170121 170124"
        " 170130 170131 170132 170133 170134 170135 170136 170137 170139 170140 170142"
        " 170143 170144 170145 170147 170148 170193 170194 170201 170206 170209 170217"
        " 170223 170224 170226"
    ),
    exists={"110072": _ANY, "110030": _ANY, "170141": _ANY, "12141": _ANY},
    not_now=_codes("10002 10006 10018 170222"),
)
OKX = Codes(
    refused=_codes(
        "50100 50101 50103 50104 50105 50107 50108 50110 50111 50113 50114 50119 50120"
        " 51000 51001 51002 51003 51004 51005 51006 51008 51009 51010 51012 51014 51015"
        " 51017 51020 51021 51022 51023 51024 51025 51026 51027 51028 51029 51030 51031"
        " 51111 51115 51116 51117 51118 51119 51120 51121 51124 51127 51130 51131 51136"
        " 51137 51138 51147 51169 51170 51201 51202 51203 51502"
    ),
    exists={"51016": _ANY, "51011": _ANY},
    not_now=_codes("50011 50061 50102 50112 51113"),
)
KRAKEN = Codes(
    refused=frozenset(
        (
            "EAccount:Invalid permissions",
            "EAPI:Invalid key",
            "EAPI:Invalid signature",
            "EGeneral:Invalid arguments",
            "EGeneral:Permission denied",
            "EOrder:Cost minimum not met",
            "EOrder:Insufficient funds",
            "EOrder:Insufficient margin",
            "EOrder:Invalid price",
            "EOrder:Margin allowance exceeded",
            "EOrder:Order minimum not met",
            "EOrder:Orders limit exceeded",
            "EOrder:Positions limit exceeded",
            "EOrder:Reduce only:No position exists",
            "EOrder:Reduce only:Position is closed",
            "EOrder:Tick size check failed",
            "EQuery:Invalid asset pair",
            "EQuery:Unknown asset pair",
        )
    ),
    not_now=frozenset(
        ("EAPI:Invalid nonce", "EAPI:Rate limit exceeded", "EOrder:Rate limit exceeded")
    ),
)
KUCOIN = Codes(
    refused=_codes(
        "130105 130203 200003 200004 200005 210021 300000 300001 300003 300004 300005"
        " 300006 300007 300009 300012 330008 330011 330012 400001 400003 400004 400005"
        " 400006 400007 400100 400600 400760 411100 900001"
    ),
    exists={"126033": _ANY, "126044": _ANY},
    not_now=_codes("200002 400002 429000"),
)
BITGET = Codes(
    refused=_codes(
        "22002 30024 40006 40009 40012 40014 40017 40034 40309 40711 40712 40754 40762"
        " 40774 40778 40808 43004 43005 43006 43008 43009 43010 43011 43012 43027 45110"
        " 45111 45112 45113 45117"
    ),
    exists={"40786": _ANY},
    not_now=_codes("429 40004 40005 40008"),
)
GATE = Codes(
    refused=_codes(
        "ACCOUNT_LOCKED AMOUNT_TOO_LITTLE AMOUNT_TOO_MUCH BALANCE_NOT_ENOUGH"
        " CONTRACT_NOT_FOUND CONTRACT_IN_DELISTING EMPTY_POSITION FORBIDDEN"
        " FUTURES_BALANCE_NOT_ENOUGH INCREASE_POSITION INSUFFICIENT_AVAILABLE"
        " INVALID_CURRENCY INVALID_CURRENCY_PAIR INVALID_KEY INVALID_PARAM_VALUE"
        " INVALID_PRECISION INVALID_SIGNATURE IP_FORBIDDEN LIQUIDATE_IMMEDIATELY"
        " MARGIN_BALANCE_NOT_ENOUGH MARGIN_NOT_ENOUGH MISSING_REQUIRED_PARAM"
        " ORDER_BOOK_NOT_FOUND POC_FILL_IMMEDIATELY POSITION_EMPTY PRICE_TOO_DEVIATED"
        " QUOTE_NOT_ENOUGH READ_ONLY REDUCE_EXCEEDED RISK_LIMIT_EXCEEDED SIZE_TOO_LARGE"
        " SIZE_TOO_SMALL TRADE_RESTRICTED"
    ),
    not_now=_codes("REQUEST_EXPIRED TOO_FAST TOO_MANY_REQUESTS"),
)
NOTHING_KNOWN = Codes()
