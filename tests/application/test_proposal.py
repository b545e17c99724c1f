from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from application.configuration.values import (
    AccountConfig,
    BotConfig,
    Chart,
    Document,
    FeedConfig,
)
from application.configuration.writer import Change
from application.ports.configuration import (
    Deployed,
    DeployedAccount,
    DeployedBot,
    DeployedFeed,
    Kind,
)
from application.proposal import Proposal, Verb, Wishes, propose
from application.receive_alert import token_digest
from application.records import AccountId, BotId, FeedId, RevisionId
from domain.instrument import Symbol
from domain.risk import NO_LIMITS, Limits
from domain.rules import RsiRules, Rules, Sizing
from domain.timeframe import Timeframe

BTC = Symbol("BTC/USDT:USDT")
FEED = FeedConfig(name="tradingview")
ACCOUNT = AccountConfig(name="paper", exchange="binanceusdm")
BOT = BotConfig(
    name="herenya",
    account="paper",
    feed="tradingview",
    chart=Chart(exchange="BINANCE", ticker="BTCUSDT.P", timeframe=Timeframe.parse("4h")),
    symbol=BTC,
    rules=Rules(sizing=Sizing(amount=Decimal(1000)), timeframe=Timeframe.parse("4h")),
)
FILE = Document(feeds=(FEED,), accounts=(ACCOUNT,), bots=(BOT,))
NOTHING = Deployed(feeds=(), accounts=(), bots=(), limits=NO_LIMITS)
LONGER_RSI = replace(BOT, rules=replace(BOT.rules, rsi=RsiRules(length=21)))


def deployed(bot: BotConfig = BOT, *, open_position: bool = False) -> Deployed:
    return Deployed(
        feeds=(
            DeployedFeed(
                id=FeedId(1),
                config=FEED,
                created_at=datetime(2026, 11, 23, tzinfo=UTC),
                revision=RevisionId(1),
            ),
        ),
        accounts=(
            DeployedAccount(
                id=AccountId(1), config=ACCOUNT, revision=RevisionId(1), archived=False
            ),
        ),
        bots=(
            DeployedBot(
                id=BotId(1),
                config=bot,
                symbol=BTC,
                revision=RevisionId(2),
                archived=False,
                has_position=open_position,
                bound_revision=RevisionId(2) if open_position else None,
            ),
        ),
        limits=NO_LIMITS,
    )


def proposed(
    document: Document, known: Deployed, *, prune: bool = False, adopt: bool = False
) -> Proposal:
    numbers = count(1)
    return propose(
        document, known, Wishes(prune=prune, adopt=adopt), lambda: f"token-{next(numbers)}"
    )


def verbs(proposal: Proposal) -> list[tuple[str, Verb]]:
    return [(one.name, one.verb) for one in proposal.differences]


def test_an_empty_installation_gets_everything() -> None:
    proposal = proposed(FILE, NOTHING)

    assert verbs(proposal) == [
        ("tradingview", Verb.NEW),
        ("paper", Verb.NEW),
        ("herenya", Verb.NEW),
    ]
    assert [edit.kind for edit in proposal.edits] == [Kind.FEED, Kind.ACCOUNT, Kind.BOT]


def test_a_new_feed_has_a_token_of_which_only_the_digest_is_kept() -> None:
    proposal = proposed(FILE, NOTHING)

    assert proposal.tokens == {"tradingview": "token-1"}
    assert proposal.edits[0].token_digest == token_digest("token-1")


def test_the_same_file_again_changes_nothing() -> None:
    proposal = proposed(FILE, deployed())

    assert proposal.changes_nothing
    assert {verb for _, verb in verbs(proposal)} == {Verb.UNCHANGED}
    assert proposal.tokens == {}


def test_a_changed_field_is_shown_old_and_new() -> None:
    proposal = proposed(replace(FILE, bots=(LONGER_RSI,)), deployed())

    bot = proposal.differences[-1]
    assert bot.verb is Verb.CHANGED
    assert bot.changes == (Change("rsi.length", "14", "21"),)
    assert [edit.name for edit in proposal.edits] == ["herenya"]


def test_what_the_file_omits_is_left_as_it_is() -> None:
    proposal = proposed(Document(feeds=(FEED,)), deployed())

    assert verbs(proposal) == [("tradingview", Verb.UNCHANGED), ("herenya", Verb.LEFT)]
    assert proposal.changes_nothing


def test_pruning_archives_what_the_file_omits() -> None:
    proposal = proposed(Document(feeds=(FEED,)), deployed(), prune=True)

    assert proposal.archive == ("herenya",)
    assert proposal.obstacles == ()


def test_pruning_a_bot_with_a_position_is_seen_to_be_refused() -> None:
    proposal = proposed(Document(feeds=(FEED,)), deployed(open_position=True), prune=True)

    assert proposal.obstacles == (
        "bot herenya holds a position; close it before it is archived",
    )


def test_an_open_position_keeps_its_rules_unless_told_otherwise() -> None:
    document = replace(FILE, bots=(LONGER_RSI,))
    known = deployed(open_position=True)

    kept, adopted = proposed(document, known), proposed(document, known, adopt=True)

    assert kept.differences[-1].note == (
        "its open position keeps the rules it was opened with"
    )
    assert not kept.edits[0].adopt
    assert adopted.edits[0].adopt


def test_a_market_cannot_change_under_an_open_position() -> None:
    other = replace(BOT, symbol=Symbol("ETH/USDT:USDT"))

    proposal = proposed(replace(FILE, bots=(other,)), deployed(open_position=True))

    assert proposal.obstacles == (
        (
            "bot herenya holds a position, and symbol cannot change while it does; "
            "close it first"
        ),
    )


def test_the_limits_of_the_installation_are_left_unless_the_file_names_them() -> None:
    limited = replace(FILE, limits=Limits(open_positions=3))

    silent, named = proposed(FILE, deployed()), proposed(limited, deployed())

    assert silent.changes_nothing
    assert named.differences[-1].changes == (Change("limits.open_positions", None, "3"),)


def test_an_archived_bot_that_the_file_names_is_new_again() -> None:
    known = deployed()
    archived = replace(known, bots=(replace(known.bots[0], archived=True),))

    proposal = proposed(FILE, archived)

    assert ("herenya", Verb.NEW) in verbs(proposal)


def test_a_position_that_kept_old_rules_can_adopt_them_later() -> None:
    known = deployed(open_position=True)
    older = replace(known.bots[0], bound_revision=RevisionId(1))

    adopted = proposed(FILE, replace(known, bots=(older,)), adopt=True)

    assert adopted.differences[-1].verb is Verb.CHANGED
    assert [edit.name for edit in adopted.edits] == ["herenya"]
    assert adopted.edits[0].adopt
