"""The words for what trades were like. TradingView shows them for long and short apart."""

from application.results.metric import Better, Kind, Metric, Section

_TESTER = "TradingView, Strategy report, Trades analysis"
_NO_WIN = "None where no trade won."
_NO_LOSS = "None where no trade lost."


def _metric(
    key: str, title: str, kind: Kind, words: tuple[str, str, str, str], better: Better
) -> Metric:
    formula, meaning, nothing, source = words
    return Metric(
        key=key,
        title=title,
        kind=kind,
        section=Section.TRADES,
        formula=formula,
        meaning=meaning,
        nothing=nothing,
        source=source,
        better=better,
    )


TRADES = (
    _metric(
        "wins",
        "Winning trades",
        Kind.COUNT,
        ("trades with P&L above 0", "After fees.", "0.", _TESTER),
        Better.HIGHER,
    ),
    _metric(
        "losses",
        "Losing trades",
        Kind.COUNT,
        (
            "trades with P&L below 0",
            "After fees. The rest came out even.",
            "0.",
            _TESTER,
        ),
        Better.LOWER,
    ),
    _metric(
        "entries",
        "Entries",
        Kind.COUNT,
        (
            "entries filled, the open position's too",
            "What TradingView calls trades: scaling in makes several of one.",
            "0.",
            _TESTER,
        ),
        Better.NEITHER,
    ),
    _metric(
        "expectancy",
        "Average P&L",
        Kind.GAIN,
        (
            "net profit ÷ trades",
            "The expectancy: what the next trade earns if the future is like the past.",
            "None without trades.",
            _TESTER,
        ),
        Better.HIGHER,
    ),
    _metric(
        "average_win",
        "Average winning trade",
        Kind.MONEY,
        ("gross profit ÷ winning trades", "After fees.", _NO_WIN, _TESTER),
        Better.HIGHER,
    ),
    _metric(
        "average_loss",
        "Average losing trade",
        Kind.MONEY,
        ("gross loss ÷ losing trades", "After fees.", _NO_LOSS, _TESTER),
        Better.LOWER,
    ),
    _metric(
        "payoff_ratio",
        "Ratio avg win / avg loss",
        Kind.RATIO,
        (
            "average winning trade ÷ average losing trade",
            "Read it with the win rate: at 50 % wins anything above 1 earns.",
            "None where not both exist.",
            _TESTER,
        ),
        Better.HIGHER,
    ),
    _metric(
        "expectancy_r",
        "Expectancy in R",
        Kind.RATIO,
        (
            "average P&L ÷ average losing trade",
            "What a trade earns for each unit that it usually risks.",
            _NO_LOSS,
            "V. K. Tharp, Trade your way to financial freedom, 2007",
        ),
        Better.HIGHER,
    ),
    _metric(
        "largest_win",
        "Largest winning trade",
        Kind.MONEY,
        (
            "max P&L",
            "Where most of the profit is this one trade, nothing was proved.",
            _NO_WIN,
            _TESTER,
        ),
        Better.HIGHER,
    ),
    _metric(
        "largest_loss",
        "Largest losing trade",
        Kind.MONEY,
        ("−min P&L", "The worst that happened so far, not the worst.", _NO_LOSS, _TESTER),
        Better.LOWER,
    ),
    _metric(
        "wins_in_row",
        "Wins in a row",
        Kind.COUNT,
        ("longest row of winning trades", "An even trade ends it.", "0.", "TradeStation"),
        Better.HIGHER,
    ),
    _metric(
        "losses_in_row",
        "Losses in a row",
        Kind.COUNT,
        (
            "longest row of losing trades",
            "Expect a longer one: at 40 % losses, six in a row come every 400 trades.",
            "0.",
            "TradeStation, Max. consecutive losing trades",
        ),
        Better.LOWER,
    ),
    _metric(
        "average_bars",
        "Avg bars in trades",
        Kind.BARS,
        (
            "Σ bars from first entry to close ÷ trades",
            "How long money is tied up.",
            "None without trades.",
            _TESTER,
        ),
        Better.NEITHER,
    ),
    _metric(
        "average_bars_winning",
        "Avg bars in winning trades",
        Kind.BARS,
        ("the same for winning trades", "", _NO_WIN, _TESTER),
        Better.NEITHER,
    ),
    _metric(
        "average_bars_losing",
        "Avg bars in losing trades",
        Kind.BARS,
        (
            "the same for losing trades",
            "Much longer than the winners' means that losses are sat out.",
            _NO_LOSS,
            _TESTER,
        ),
        Better.NEITHER,
    ),
)
