"""Bots on their markets: what a chart leads to, and which rules that market rules out."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from application.configuration.charts import Listings, find_market, missing_symbol
from application.configuration.reader import Draft, Known, finished, read_draft
from application.configuration.scalar import plain
from application.configuration.tree import (
    Problem,
    Reading,
    Source,
    enumerated,
    join,
    nearest,
)
from application.configuration.values import AccountConfig, BotConfig, Document
from domain.instrument import Instrument, Kind
from domain.money import ONE
from domain.rules import Allowed

NO_FEEDS: AbstractSet[str] = frozenset()


def read_resolved(
    source: Source,
    listings: Listings,
    *,
    feeds: AbstractSet[str] = NO_FEEDS,
    accounts: Mapping[str, AccountConfig] | None = None,
) -> Reading[Document]:
    """Read a whole file and put every bot on its market; all problems of both at once.

    ``feeds`` and ``accounts`` are those that exist already; the file's own come first.
    """
    existing = dict(accounts or {})
    draft = read_draft(source, Known(feeds=feeds, accounts=existing.keys()))
    strangers, problems = _unknown_exchanges(draft, listings)
    problems += _unknown_symbols(draft, listings)
    named = {account.name: account for account in draft.accounts if account is not None}
    bots: list[BotConfig | None] = []
    for index, bot in enumerate(draft.bots):
        account = None if bot is None else (existing | named).get(bot.account)
        if bot is None or account is None or account.name in strangers:
            bots.append(None)
            continue
        reading = resolve(bot, account, listings)
        bots.append(reading.value)
        problems += [
            Problem(join(f"bots[{index}]", problem.path), problem.message)
            for problem in reading.problems
        ]
    checked = replace(draft, problems=(*draft.problems, *problems))
    return finished(bots, checked, source)


def resolve(
    bot: BotConfig, account: AccountConfig, listings: Listings
) -> Reading[BotConfig]:
    """Return a bot with its symbol, or why it cannot trade; paths begin at the bot."""
    if not listings.of(account.exchange):
        return Reading(None, (Problem("account", _no_instruments(account, listings)),))
    market = find_market(bot.chart, account.exchange, bot.symbol, listings)
    if isinstance(market, Problem):
        return Reading(None, (market,))
    problems = _refused(bot, account, market)
    return Reading(None, problems) if problems else Reading(fitted(bot, market))


def fitted(bot: BotConfig, market: Instrument) -> BotConfig:
    """Return the bot with its market's symbol, and whether it may go short there."""
    rules = replace(bot.rules, can_short=market.can_short)
    return replace(bot, symbol=market.symbol, rules=rules)


def _refused(
    bot: BotConfig, account: AccountConfig, market: Instrument
) -> tuple[Problem, ...]:
    found: list[Problem] = []
    if account.symbols and market.symbol not in account.symbols:
        found.append(Problem("symbol", not_allowed(market.symbol, account)))
    spot = market.kind is Kind.SPOT
    if spot and bot.rules.allowed is Allowed.SHORT:
        message = f"must not be short on spot: {market.symbol} cannot be sold short"
        found.append(Problem("direction", message))
    if spot and bot.rules.leverage != ONE:
        shown = plain(bot.rules.leverage)
        message = f"must be 1 on spot: {market.symbol} has no margin, was '{shown}'"
        found.append(Problem("leverage", message))
    if account.mode == "paper" and account.paper.currency != market.settle:
        message = (
            f"cannot pay for {market.symbol}, which is settled in {market.settle}: "
            f"the paper money of {account.name} is {account.paper.currency}"
        )
        found.append(Problem("account", message))
    return tuple(found)


def not_allowed(symbol: str, account: AccountConfig) -> str:
    """Say that an account's list leaves a symbol out."""
    allowed = enumerated(list(account.symbols))
    return f"must be one that account {account.name} may trade ({allowed}), was {symbol!r}"


def _unknown_symbols(draft: Draft, listings: Listings) -> list[Problem]:
    """Report what an account may trade and its exchange does not have."""
    return [
        Problem(f"accounts[{index}].symbols[{place}]", f"{missing}")
        for index, account in enumerate(draft.accounts)
        if account is not None and listings.of(account.exchange)
        for place, symbol in enumerate(account.symbols)
        if (missing := missing_symbol(account.exchange, symbol, listings))
    ]


def _unknown_exchanges(
    draft: Draft, listings: Listings
) -> tuple[AbstractSet[str], list[Problem]]:
    """Report an exchange without instruments at its account, not at each of the bots."""
    strangers: set[str] = set()
    problems: list[Problem] = []
    for index, account in enumerate(draft.accounts):
        if account is not None and not listings.of(account.exchange):
            strangers.add(account.name)
            path = f"accounts[{index}].exchange"
            problems.append(Problem(path, _no_instruments(account, listings)))
    return strangers, problems


def _no_instruments(account: AccountConfig, listings: Listings) -> str:
    exchange, known = account.exchange, listings.exchanges
    hint = nearest(exchange, known) or f"; known: {', '.join(known)}"
    return f"must be an exchange whose instruments are known, was {exchange!r}{hint}"
