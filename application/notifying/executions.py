"""The words for what was executed: opened, added, closed."""

from decimal import Decimal

from application import wording
from application.notice import Kind, Notice, Weight
from application.notifying.about import About
from domain.money import add, multiply
from domain.order import Order
from domain.position import Trade
from domain.reasons import Reason


def opened(about: About, order: Order) -> Notice:
    """Return the notice of a first entry, or of the second half of a reversal."""
    turned = any(
        one.reason is Reason.EXIT_REVERSED and one.bot == about.intent.bot
        for one in about.job.intents
    )
    verb = "Reversed to" if turned else "Opened"
    return _notice(
        about,
        Kind.OPENED,
        f"{verb} {about.side} {about.symbol}",
        (f"{about.filled_at(order)}.", _worth(about, order.cost), about.why()),
    )


def added(about: About, order: Order) -> Notice:
    """Return the notice of a scale-in, with the whole position after it."""
    state = about.step.states.get(about.intent.bot, about.bot.state)
    held, average = state.position.quantity, state.position.average_price
    base = about.desk.instrument.base
    now = "" if average is None else f" Now {wording.number(held)} {base}"
    whole = f"{now} at {wording.average(average)} on average." if average else ""
    return _notice(
        about,
        Kind.ADDED,
        f"Added to {about.side} {about.symbol}",
        (f"{about.filled_at(order)}.", _worth(about, order.cost) + whole, about.why()),
    )


def closed(about: About, order: Order) -> Notice:
    """Return the notice of an exit, with what the round trip earned once it is flat."""
    trade = next(
        (one.trade for one in about.step.trades if one.intent == about.intent.id), None
    )
    what = f"{about.side} {about.symbol}"
    filled = f"{about.filled_at(order)}."
    if trade is None:
        lines = (filled, "The rest of the position is still open.", about.why())
        return _notice(about, Kind.CLOSED, f"Closed a part of {what}", lines)
    earned = f"{wording.fixed(trade.pnl, 2, sign=True)} {about.desk.instrument.quote}"
    return _notice(
        about,
        Kind.CLOSED,
        f"Closed {what}, {earned}",
        (filled + _dust(about), _earned(about, trade), about.why()),
    )


def _dust(about: About) -> str:
    """Say what is left that nobody takes, and what it is worth."""
    base, quote = about.desk.instrument.base, about.desk.instrument.quote
    return "".join(
        f" {wording.number(one.quantity)} {base} "
        f"({wording.fixed(multiply(one.quantity, one.price), 2)} {quote}) stay: too little "
        "for an order."
        for one in about.step.dust
        if one.intent == about.intent.id
    )


def _notice(about: About, kind: Kind, what: str, lines: tuple[str, ...]) -> Notice:
    signal = about.job.signal
    return Notice(
        kind=kind,
        weight=Weight.NEWS,
        title=f"{what} · {about.where}",
        lines=lines,
        bot=about.intent.bot,
        alert=signal.alert if signal else None,
    )


def _worth(about: About, cost: Decimal) -> str:
    """Return what an entry is worth and which of how many it is."""
    most = about.bot.rules.scaling.max_entries
    number = f"entry {about.intent.number} of {most}" if most > 1 else "the only entry"
    return f"{wording.fixed(cost, 2)} {about.desk.instrument.quote}, {number}."


def _earned(about: About, trade: Trade) -> str:
    quote = about.desk.instrument.quote
    share = wording.change(add(trade.entry_cost, trade.pnl), trade.entry_cost)
    fees = f"after fees of {wording.fixed(trade.fees, 2)} {quote}"
    held = trade.closed_at - trade.opened_at
    how_long = f", held {wording.duration(held)}" if held.total_seconds() >= 1 else ""
    entries = wording.plural(trade.entries, "entry")
    return f"{share} {fees}; {entries}{how_long}."
