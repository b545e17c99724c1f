"""The words for what was earned: TradingView's five headline figures, then the rest."""

from application.results.metric import Better, Kind, Metric, Section

_TESTER = "TradingView, Strategy report"
_NEVER = "There always is one."

HEADLINE = (
    Metric(
        key="total_pnl",
        title="Total P&L",
        kind=Kind.GAIN,
        section=Section.HEADLINE,
        formula="equity at the end − balance at the start",
        meaning="Everything that was earned after fees: closed trades, and what is open at "
        "the end at the last close.",
        nothing=_NEVER,
        source=_TESTER,
        better=Better.HIGHER,
    ),
    Metric(
        key="max_drawdown",
        title="Max equity drawdown",
        kind=Kind.MONEY,
        section=Section.HEADLINE,
        formula="max over time of (highest equity so far − equity)",
        meaning="The deepest fall in money, with open positions at each bar's close. A "
        "fall inside a bar that was over by its close is not seen.",
        nothing="0 where equity never fell.",
        source=f"{_TESTER}; at closes, where TradingView looks inside bars",
        better=Better.LOWER,
    ),
    Metric(
        key="trades",
        title="Total trades",
        kind=Kind.COUNT,
        section=Section.HEADLINE,
        formula="closed round trips, from flat to flat",
        meaning="TradingView counts each entry as a trade of its own; the number of "
        "entries stands below the trades.",
        nothing="0.",
        source=_TESTER,
    ),
    Metric(
        key="win_rate",
        title="Profitable trades",
        kind=Kind.PERCENT,
        section=Section.HEADLINE,
        formula="trades that earned more than their fees ÷ all trades",
        meaning="High is no virtue in itself: a bot that never takes a loss wins nearly "
        "always, until once it does not.",
        nothing="None without trades.",
        source=f"{_TESTER}, Percent profitable",
        better=Better.HIGHER,
    ),
    Metric(
        key="profit_factor",
        title="Profit factor",
        kind=Kind.RATIO,
        section=Section.HEADLINE,
        formula="gross profit ÷ gross loss",
        meaning="What was won for each unit lost, after fees. Below 1 the bot loses; "
        "above 4 over many trades it is too good to be likely.",
        nothing="None where no trade lost.",
        source=f"{_TESTER}; TradeStation, Profit factor",
        better=Better.HIGHER,
    ),
)

PERFORMANCE = (
    Metric(
        key="total_return",
        title="Return",
        kind=Kind.GROWTH,
        section=Section.PERFORMANCE,
        formula="total P&L ÷ balance at the start",
        meaning="What one unit of the balance earned over the whole time.",
        nothing=_NEVER,
        source=_TESTER,
        better=Better.HIGHER,
    ),
    Metric(
        key="net_profit",
        title="Net profit",
        kind=Kind.GAIN,
        section=Section.PERFORMANCE,
        formula="gross profit − gross loss",
        meaning="What closed trades earned after fees.",
        nothing="0 without trades.",
        source=_TESTER,
        better=Better.HIGHER,
    ),
    Metric(
        key="gross_profit",
        title="Gross profit",
        kind=Kind.MONEY,
        section=Section.PERFORMANCE,
        formula="Σ P&L of the trades that won",
        meaning="After their fees.",
        nothing="0.",
        source=_TESTER,
        better=Better.HIGHER,
    ),
    Metric(
        key="gross_loss",
        title="Gross loss",
        kind=Kind.MONEY,
        section=Section.PERFORMANCE,
        formula="−Σ P&L of the trades that lost",
        meaning="Fees make a small gain a loss.",
        nothing="0.",
        source=_TESTER,
        better=Better.LOWER,
    ),
    Metric(
        key="open_pnl",
        title="Open P&L",
        kind=Kind.GAIN,
        section=Section.PERFORMANCE,
        formula="what is open at the end, at the last close − fees paid for it",
        meaning="Part of the total P&L and of no figure about trades.",
        nothing="None where the bot is flat at the end.",
        source=_TESTER,
    ),
    Metric(
        key="fees",
        title="Commission paid",
        kind=Kind.MONEY,
        section=Section.PERFORMANCE,
        formula="Σ fees of all fills of closed trades",
        meaning="Already taken off in every other figure.",
        nothing="0.",
        source=_TESTER,
        better=Better.LOWER,
    ),
    Metric(
        key="buy_and_hold",
        title="Buy & hold P&L",
        kind=Kind.GAIN,
        section=Section.PERFORMANCE,
        formula="balance × (last close ÷ price of the first entry − 1)",
        meaning="What all of the balance would have earned, bought at the first entry and "
        "kept, without fees. Who stays below it was paid for nothing, unless it fell less.",
        nothing="None without an entry.",
        source=f"{_TESTER}, Buy & hold return",
    ),
    Metric(
        key="max_run_up",
        title="Max equity run-up",
        kind=Kind.MONEY,
        section=Section.PERFORMANCE,
        formula="max over time of (equity − lowest equity so far)",
        meaning="The largest rise in money, the drawdown's mirror.",
        nothing="0 where equity never rose.",
        source=_TESTER,
        better=Better.HIGHER,
    ),
)
