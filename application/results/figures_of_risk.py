"""The words for ratios of return and risk, and for what happened inside trades."""

from application.results.metric import Better, Kind, Metric, Section

_DAYS = "Daily returns of equity, every calendar day, 365 a year, no risk-free rate."
_TESTER = "TradingView, Strategy report, Risk ratios"
_FLAT = "None below two days, and where equity never moved."


def _risk(
    key: str, title: str, words: tuple[str, str, str, str], better: Better = Better.HIGHER
) -> Metric:
    formula, meaning, nothing, source = words
    return Metric(
        key=key,
        title=title,
        kind=Kind.RATIO,
        section=Section.RISK,
        formula=formula,
        meaning=meaning,
        nothing=nothing,
        source=source,
        better=better,
    )


def _inside(key: str, title: str, kind: Kind, formula: str, meaning: str) -> Metric:
    return Metric(
        key=key,
        title=title,
        kind=kind,
        section=Section.EXCURSIONS,
        formula=formula,
        meaning=meaning,
        nothing="None where no bars were seen inside trades.",
        source="J. Sweeney, Maximum adverse excursion, 1997",
    )


RISK = (
    Metric(
        key="growth",
        title="CAGR",
        kind=Kind.GROWTH,
        section=Section.RISK,
        formula="(equity at the end ÷ balance)^(365 days ÷ time) − 1",
        meaning="The yearly growth that leads to the same end.",
        nothing="None for less than 30 days, which say nothing of a year.",
        source="compound annual growth rate",
        better=Better.HIGHER,
    ),
    Metric(
        key="max_drawdown_percent",
        title="Max drawdown in percent",
        kind=Kind.PERCENT,
        section=Section.RISK,
        formula="max over time of (1 − equity ÷ highest equity so far)",
        meaning="May be another fall than the deepest in money. A fall of 50 % takes a "
        "gain of 100 % to undo.",
        nothing="0 where equity never fell; None where it fell from zero or below.",
        source="M. Magdon-Ismail and A. Atiya, Maximum drawdown, 2004",
        better=Better.LOWER,
    ),
    Metric(
        key="longest_drawdown",
        title="Longest drawdown",
        kind=Kind.SPAN,
        section=Section.RISK,
        formula="longest time from a highest point back to it, or to the end",
        meaning="How long one would have had to bear it.",
        nothing="None where equity never fell.",
        source="the field's time under water",
        better=Better.LOWER,
    ),
    _risk(
        "recovery_factor",
        "Recovery factor",
        (
            "total P&L ÷ max equity drawdown",
            "How many times the deepest fall was earned.",
            "None where equity never fell.",
            "MetaTrader, STAT_RECOVERY_FACTOR",
        ),
    ),
    _risk(
        "sharpe",
        "Sharpe ratio",
        (
            "mean(r) ÷ sd(r) × √365",
            f"{_DAYS} Above 1 is good, above 3 over years too good to be likely.",
            _FLAT,
            "W. F. Sharpe, The Sharpe ratio, 1994",
        ),
    ),
    _risk(
        "sortino",
        "Sortino ratio",
        (
            "mean(r) ÷ √mean(min(r, 0)²) × √365",
            f"{_DAYS} Like Sharpe, but only falling counts as risk.",
            "None where no day lost.",
            "F. A. Sortino and R. van der Meer, Downside risk, 1991",
        ),
    ),
    _risk(
        "calmar",
        "Calmar ratio",
        (
            "CAGR ÷ max drawdown in percent",
            "Yearly growth for each unit of the worst fall.",
            "None without a fall, or for less than 30 days.",
            "T. W. Young, Calmar ratio: a smoother tool, 1991",
        ),
    ),
    _risk(
        "omega",
        "Omega ratio",
        (
            "Σ max(r, 0) ÷ Σ max(−r, 0)",
            f"{_DAYS} The profit factor of days: above 1 is a gain.",
            "None where no day lost.",
            "C. Keating and W. F. Shadwick, A universal performance measure, 2002",
        ),
    ),
    _risk(
        "system_quality",
        "System quality (SQN)",
        (
            "√trades × mean(P&L) ÷ sd(P&L)",
            "2 is average, 3 good, above 7 unheard of. It grows with the number of trades.",
            "None below two trades.",
            "V. K. Tharp, Definitive guide to position sizing, 2008",
        ),
    ),
    Metric(
        key="volatility",
        title="Volatility of a year",
        kind=Kind.PERCENT,
        section=Section.RISK,
        formula="sd(r) × √365",
        meaning=_DAYS,
        nothing=_FLAT,
        source="standard deviation of a sample",
        better=Better.LOWER,
    ),
    Metric(
        key="exposure",
        title="Exposure",
        kind=Kind.PERCENT,
        section=Section.RISK,
        formula="time with a position ÷ time",
        meaning="Little exposure makes a small return worth more.",
        nothing="None where no time passed.",
        source="time in the market",
    ),
    _risk(
        "tradingview_sharpe",
        "Sharpe as TradingView",
        (
            "(mean(r) − 2 % ÷ 12) ÷ sd(r) of months; of days below 3 months",
            "TradingView does not make it a year's, so it is smaller than the other.",
            "None below three months and three days.",
            _TESTER,
        ),
    ),
    _risk(
        "tradingview_sortino",
        "Sortino as TradingView",
        (
            "(mean(r) − 2 % ÷ 12) ÷ √mean(min(r, 0)²) of months; of days below 3 months",
            "The same, and only falling counts as risk.",
            "None below three months and three days, and where none lost.",
            _TESTER,
        ),
    ),
)

EXCURSIONS = (
    _inside(
        "average_favorable",
        "Avg favorable excursion",
        Kind.MONEY,
        "mean of the most that each trade was up (MFE)",
        "Much more than the average win: exits come late.",
    ),
    _inside(
        "average_adverse",
        "Avg adverse excursion",
        Kind.MONEY,
        "mean of the most that each trade was down (MAE)",
        "What one has to bear inside a trade.",
    ),
    _inside(
        "adverse_of_winners",
        "Avg adverse, winners",
        Kind.MONEY,
        "the same for winning trades",
        "A stop tighter than this would have cut winners.",
    ),
    _inside(
        "capture",
        "Captured by winners",
        Kind.PERCENT,
        "Σ gain before fees ÷ Σ favorable excursion, of winning trades",
        "How much of what was there was kept.",
    ),
)
