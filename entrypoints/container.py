"""The composition root: the only place that knows which adapter serves which port.

The annotations prove conformity: an adapter that does not fit its port fails type checks.
"""

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import (
    Callable,
    Dependency,
    Factory,
    Object,
    Provider,
    Selector,
    Singleton,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.alert.parser import DialectParser
from adapters.anchors.file import AnchorFile
from adapters.broker.by_mode import BrokerByMode
from adapters.broker.lazy import (
    venue_broker,
    venue_check,
    venue_clients,
    venue_prices,
)
from adapters.broker.paper import PaperBroker
from adapters.clock.system import SystemClock
from adapters.instruments.snapshot import listings
from adapters.market_data.when_asked import MarketDataWhenAsked
from adapters.notifier.choice import link_of, notifier_of
from adapters.paper_ledger.postgres import PostgresPaperLedger
from adapters.passwords.argon2id import Argon2Passwords
from adapters.passwords.totp import TotpCodes
from adapters.queue.carriers import celery_carrier, dramatiq_carrier
from adapters.queue.memory import MemoryQueue
from adapters.queue.redis_queue import RedisQueue
from adapters.queue.runtime import Runtime
from adapters.queue.venues import KnownVenues
from adapters.rehearsal.memory import MemoryRehearsal
from adapters.store.postgres.audit import PostgresAuditChain
from adapters.store.postgres.backtests import PostgresBacktests
from adapters.store.postgres.clearances import PostgresClearances
from adapters.store.postgres.comparisons import PostgresComparisons
from adapters.store.postgres.configuration import PostgresConfiguration
from adapters.store.postgres.engine import create_engine, create_engine_for_work
from adapters.store.postgres.flattening import PostgresFlattenings
from adapters.store.postgres.inbox import PostgresInbox
from adapters.store.postgres.installation import PostgresInstallation
from adapters.store.postgres.journal import PostgresJournal
from adapters.store.postgres.leadership import PostgresLeadership
from adapters.store.postgres.movements import PostgresMovements
from adapters.store.postgres.news import PostgresNews
from adapters.store.postgres.outbox import PostgresOutbox
from adapters.store.postgres.outflow import PostgresOutflows
from adapters.store.postgres.overview import PostgresOverviews
from adapters.store.postgres.page_links import PostgresPageLinks
from adapters.store.postgres.preview import PostgresPreview
from adapters.store.postgres.probe import PostgresProbe
from adapters.store.postgres.protections import PostgresProtections
from adapters.store.postgres.pulse import PostgresPulse
from adapters.store.postgres.sealed_secrets import PostgresSealedSecrets
from adapters.store.postgres.sessions import (
    PostgresApiTokens,
    PostgresLoginThrottle,
    PostgresSessions,
)
from adapters.store.postgres.settling import PostgresSettlements
from adapters.store.postgres.standing import PostgresStandings
from adapters.store.postgres.stop_alarms import PostgresStopAlarms
from adapters.store.postgres.surplus_closes import PostgresSurplusCloses
from adapters.store.postgres.users import PostgresUsers
from adapters.store.postgres.venue_budget import PostgresVenueBudget
from adapters.store.postgres.views import PostgresViews
from adapters.store.postgres.watched import PostgresWatchedPositions
from adapters.store.postgres.work_queue import PostgresWorkQueue
from adapters.store.postgres.workbench import PostgresWorkbench
from adapters.vault.aes_gcm import KeyRing
from adapters.vault.key_file import keys_beside
from adapters.venue.accesses import DeployedAccesses
from application.apply_configuration import ApplyConfiguration
from application.audit import KeepAudit, RebuildPositions, VerifyAudit
from application.check_account import CheckAccount
from application.close_surplus import CloseSurplus
from application.configuration.charts import Listing
from application.deliver_notifications import DeliverNotifications
from application.execute import Execute
from application.explain_alert import ExplainAlert
from application.flatten import Flatten, PursueFlattenings
from application.logging_in import Enroll, LogIn
from application.ports.access import (
    ApiTokens,
    Codes,
    LoginThrottle,
    Passwords,
    Sessions,
    Users,
)
from application.ports.alert_parser import AlertParser
from application.ports.audit import Anchors, AuditChain, Journal
from application.ports.backtests import Backtests
from application.ports.broker import ClosingBroker
from application.ports.clearances import Clearances
from application.ports.clock import Clock
from application.ports.comparisons import Comparisons
from application.ports.configuration import ConfigurationStore
from application.ports.flattening import Flattenings
from application.ports.inbox import Inbox
from application.ports.installation import Installation
from application.ports.leadership import Leadership
from application.ports.market_data import ClosingMarketData
from application.ports.movements import Movements
from application.ports.news import News
from application.ports.notifier import ChatLink, Notifier
from application.ports.outbox import Outbox
from application.ports.outflow import Outflows
from application.ports.overview import Overviews
from application.ports.page_links import PageLinks
from application.ports.paper_ledger import PaperLedger
from application.ports.preview import Preview
from application.ports.probe import Probe
from application.ports.protections import Protections
from application.ports.pulse import Pulse
from application.ports.rehearsal import Rehearsal
from application.ports.settling import Settlements
from application.ports.standing import Standings
from application.ports.stop_alarms import StopAlarms
from application.ports.surplus_closes import SurplusCloses
from application.ports.vault import Opener, SealedSecrets, Sealer
from application.ports.venue_access import VenueAccesses
from application.ports.venue_budget import VenueBudget
from application.ports.views import Views
from application.ports.watched import WatchedPositions
from application.ports.workbench import Workbench, WorkQueue
from application.preview_alert import PreviewAlert
from application.protect import Protect, ProtectAll
from application.receive_alert import ReceiveAlert
from application.reconcile import Reconcile
from application.replaying.replay import Replay
from application.settle_difference import SettleDifference
from application.settle_order import SettleOrder
from application.sweep import FanOut, Sweep
from application.vault import OpenSecret, RotateKeys, SealSecret
from application.watch_outflow import WatchOutflow
from application.watch_prices import WatchPrices
from application.watch_stops import WatchStops
from application.write_scenario import WriteScenario
from entrypoints.naming import new_intent_id, new_token, owner
from entrypoints.settings import Settings


def key_ring_of(settings: Settings) -> KeyRing:
    """Return the keys that are set; beside an embedded database those of its directory."""
    given = settings.encryption_keys
    if not given and not settings.database_url:
        given = keys_beside(settings.data_dir)
    return KeyRing(given)


class Container(DeclarativeContainer):
    """One process's parts. Building it does nothing; parts come to be when asked for."""

    settings: Provider[Settings] = Dependency(instance_of=Settings)
    database_url: Provider[str] = Dependency(instance_of=str)
    redis_url: Provider[str] = Dependency(instance_of=str, default="")

    engine: Provider[AsyncEngine] = Singleton(create_engine, database_url)
    engine_for_work: Provider[AsyncEngine] = Singleton(create_engine_for_work, database_url)
    clock: Provider[Clock] = Singleton(SystemClock)
    inbox: Provider[Inbox] = Singleton(PostgresInbox, engine)
    work_queue: Provider[WorkQueue] = Singleton(PostgresWorkQueue, engine_for_work)
    workbench: Provider[Workbench] = Singleton(
        PostgresWorkbench, engine_for_work, settings.provided.live_trading
    )
    configuration: Provider[ConfigurationStore] = Singleton(PostgresConfiguration, engine)
    views: Provider[Views] = Singleton(PostgresViews, engine)
    probe: Provider[Probe] = Singleton(PostgresProbe, engine)
    pulse: Provider[Pulse] = Singleton(PostgresPulse, engine)
    news: Provider[News] = Singleton(PostgresNews, engine)
    standings: Provider[Standings] = Singleton(PostgresStandings, engine)
    overviews: Provider[Overviews] = Singleton(PostgresOverviews, engine)
    page_links: Provider[PageLinks] = Singleton(PostgresPageLinks, engine)
    process: Provider[str] = Singleton(owner)
    installation: Provider[Installation] = Singleton(PostgresInstallation, engine)
    paper_ledger: Provider[PaperLedger] = Singleton(PostgresPaperLedger, engine_for_work)
    parser: Provider[AlertParser] = Singleton(DialectParser)

    leadership: Provider[Leadership] = Singleton(PostgresLeadership, engine)
    venues: Provider[KnownVenues] = Singleton(KnownVenues)
    queue: Provider[Runtime] = Selector(
        settings.provided.queue,
        memory=Singleton(MemoryQueue, venue_of=venues),
        dramatiq=Singleton(
            RedisQueue, carrier=Callable(dramatiq_carrier, redis_url), venue_of=venues
        ),
        celery=Singleton(
            RedisQueue, carrier=Callable(celery_carrier, redis_url), venue_of=venues
        ),
    )
    doorbell: Provider[Runtime] = queue

    receive: Provider[ReceiveAlert] = Factory(
        ReceiveAlert, inbox=inbox, parser=parser, doorbell=doorbell, clock=clock
    )
    fan_out: Provider[FanOut] = Factory(FanOut, inbox=inbox, doorbell=doorbell)
    outbox: Provider[Outbox] = Singleton(PostgresOutbox, engine)
    notifier: Provider[Notifier] = Singleton(
        notifier_of,
        settings.provided.telegram_token,
        settings.provided.telegram_api_url,
        outbox,
    )
    deliver: Provider[DeliverNotifications] = Factory(
        DeliverNotifications, outbox=outbox, notifier=notifier, owner=Callable(owner)
    )
    telegram_link: Provider[ChatLink] = Factory(
        link_of,
        settings.provided.telegram_token,
        settings.provided.telegram_api_url,
        outbox,
    )
    sweep: Provider[Sweep] = Factory(
        Sweep,
        fan_out=fan_out,
        queue=work_queue,
        doorbell=doorbell,
        outbox=outbox,
        channel=notifier.provided.channel,
    )
    known_listings: Provider[tuple[Listing, ...]] = Callable(listings)
    apply: Provider[ApplyConfiguration] = Factory(
        ApplyConfiguration,
        configuration=configuration,
        listings=known_listings,
        new_token=Object(new_token),
    )
    backtests: Provider[Backtests] = Singleton(PostgresBacktests, engine)
    rehearsal: Provider[Rehearsal] = Factory(MemoryRehearsal, known_listings.provider)
    replay: Provider[Replay] = Factory(
        Replay,
        views=views,
        configuration=configuration,
        listings=known_listings.provider,
        rehearsal=rehearsal,
    )
    explain: Provider[ExplainAlert] = Factory(
        ExplainAlert, views=views, configuration=configuration, listings=known_listings
    )
    sealer: Provider[Sealer] = Singleton(key_ring_of, settings)
    opener: Provider[Opener] = Singleton(key_ring_of, settings)
    sealed_secrets: Provider[SealedSecrets] = Singleton(PostgresSealedSecrets, engine)
    seal_secret: Provider[SealSecret] = Factory(
        SealSecret, sealer=sealer, secrets=sealed_secrets
    )
    open_secret: Provider[OpenSecret] = Factory(
        OpenSecret, opener=opener, secrets=sealed_secrets
    )
    accesses: Provider[VenueAccesses] = Singleton(
        DeployedAccesses, configuration=configuration, open_secret=open_secret, clock=clock
    )
    budget: Provider[VenueBudget] = Singleton(PostgresVenueBudget, engine)
    clients: Provider[object] = Singleton(venue_clients, accesses, budget)
    open_venues: Provider[ClosingBroker] = Singleton(venue_broker, clients, clock)
    broker: Provider[ClosingBroker] = Singleton(
        BrokerByMode,
        paper=Singleton(PaperBroker, paper_ledger, clock),
        open_venues=open_venues.provider,
    )
    market_data: Provider[ClosingMarketData] = Singleton(
        MarketDataWhenAsked,
        open_venues=Singleton(venue_prices, clients, clock).provider,
    )
    watched_positions: Provider[WatchedPositions] = Singleton(
        PostgresWatchedPositions, engine
    )
    watch_prices: Provider[WatchPrices] = Factory(
        WatchPrices, positions=watched_positions, market_data=market_data, doorbell=doorbell
    )
    movements: Provider[Movements] = Singleton(PostgresMovements, engine)
    clearances: Provider[Clearances] = Singleton(PostgresClearances, engine)
    comparisons: Provider[Comparisons] = Singleton(PostgresComparisons, engine)
    settle_difference: Provider[SettleDifference] = Factory(SettleDifference, comparisons)
    surplus_closes: Provider[SurplusCloses] = Singleton(PostgresSurplusCloses, engine)
    reconcile: Provider[Reconcile] = Factory(
        Reconcile,
        comparisons=comparisons,
        broker=broker,
        close_surplus=Factory(
            CloseSurplus,
            closes=surplus_closes,
            comparisons=comparisons,
            broker=broker,
            queue=work_queue,
            owner=Callable(owner),
        ),
    )
    check_account: Provider[CheckAccount] = Factory(
        CheckAccount,
        configuration=configuration,
        clearances=clearances,
        open_venues=Factory(
            venue_check, Factory(venue_clients, accesses, budget), clock
        ).provider,
        listings=known_listings,
    )
    rotate_keys: Provider[RotateKeys] = Factory(
        RotateKeys, opener=opener, secrets=sealed_secrets
    )
    users: Provider[Users] = Singleton(PostgresUsers, engine)
    sessions: Provider[Sessions] = Singleton(PostgresSessions, engine)
    api_tokens: Provider[ApiTokens] = Singleton(PostgresApiTokens, engine)
    throttle: Provider[LoginThrottle] = Singleton(PostgresLoginThrottle, engine)
    passwords: Provider[Passwords] = Singleton(Argon2Passwords)
    codes: Provider[Codes] = Singleton(TotpCodes)
    log_in: Provider[LogIn] = Factory(
        LogIn,
        users=users,
        sessions=sessions,
        throttle=throttle,
        passwords=passwords,
        codes=codes,
        open_secret=open_secret,
        clock=clock,
        new_token=Object(new_token),
    )
    enroll: Provider[Enroll] = Factory(
        Enroll, users=users, passwords=passwords, new_token=Object(new_token)
    )
    audit_chain: Provider[AuditChain] = Singleton(PostgresAuditChain, engine)
    journal: Provider[Journal] = Singleton(PostgresJournal, engine)
    anchors: Provider[Anchors] = Singleton(AnchorFile, settings.provided.data_dir)
    keep_audit: Provider[KeepAudit] = Singleton(
        KeepAudit, chain=audit_chain, anchors=anchors, outbox=outbox, clock=clock
    )
    verify_audit: Provider[VerifyAudit] = Factory(
        VerifyAudit, chain=audit_chain, anchors=anchors
    )
    rebuild_positions: Provider[RebuildPositions] = Factory(
        RebuildPositions, journal=journal
    )
    write_scenario: Provider[WriteScenario] = Factory(
        WriteScenario, views=views, configuration=configuration, listings=known_listings
    )
    flattenings: Provider[Flattenings] = Singleton(PostgresFlattenings, engine)
    flatten: Provider[Flatten] = Factory(
        Flatten, flattenings=flattenings, doorbell=doorbell
    )
    pursue_flattenings: Provider[PursueFlattenings] = Factory(
        PursueFlattenings, flattenings=flattenings, broker=broker
    )
    preview: Provider[Preview] = Singleton(
        PostgresPreview, engine, settings.provided.live_trading
    )
    preview_alert: Provider[PreviewAlert] = Factory(
        PreviewAlert, preview=preview, broker=broker, new_id=Object(new_intent_id)
    )
    settlements: Provider[Settlements] = Singleton(PostgresSettlements, engine)
    settle_order: Provider[SettleOrder] = Factory(
        SettleOrder,
        settlements=settlements,
        queue=work_queue,
        workbench=workbench,
        doorbell=doorbell,
        clock=clock,
    )
    protections: Provider[Protections] = Singleton(PostgresProtections, engine)
    protect: Provider[Protect] = Factory(
        Protect, protections=protections, broker=broker, new_id=Object(new_intent_id)
    )
    protect_all: Provider[ProtectAll] = Factory(
        ProtectAll,
        protections=protections,
        protect=protect,
        queue=work_queue,
        doorbell=doorbell,
        owner=Callable(owner),
    )
    outflows: Provider[Outflows] = Singleton(PostgresOutflows, engine)
    watch_outflow: Provider[WatchOutflow] = Factory(WatchOutflow, outflows=outflows)
    stop_alarms: Provider[StopAlarms] = Singleton(PostgresStopAlarms, engine)
    watch_stops: Provider[WatchStops] = Factory(
        WatchStops, alarms=stop_alarms, broker=broker
    )
    execute: Provider[Execute] = Factory(
        Execute,
        protect=protect,
        queue=work_queue,
        workbench=workbench,
        broker=broker,
        new_id=Object(new_intent_id),
        owner=Callable(owner),
        now=clock.provided.now,
    )
