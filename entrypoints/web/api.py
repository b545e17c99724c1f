"""`/api/v1`: what the dashboard and other programs read, and the trading state."""

from collections.abc import Sequence

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import JSONBody, SkipValidation

from application.configuration.account import ACCOUNT_FIELDS
from application.explain_alert import ExplainAlert
from application.flatten import Flatten
from application.ports.configuration import ConfigurationStore, Scope, loosens
from application.ports.flattening import Flattenings
from application.ports.vault import CannotSeal, SealedSecrets, SecretKind, SecretPlace
from application.ports.views import Views
from application.secret import Secret
from application.settle_order import CannotSettle, SettleOrder
from application.vault import SealSecret
from domain.performance import performance
from domain.risk import TradingState
from domain.signal import AlertId
from entrypoints.web import (
    clearing,
    configuring,
    differences,
    moving,
    render,
    revising,
)
from entrypoints.web.access import (
    Identity,
    may_admin_proved,
    may_read,
    may_trade,
)
from entrypoints.web.answers import Unusable, documented
from entrypoints.web.backtests import kept_backtest, kept_backtests
from entrypoints.web.description import TOKEN, as_described
from entrypoints.web.parameters import PAGE, Id, Limit, Name, Number, Of
from entrypoints.web.preview import preview
from entrypoints.web.protection import UNSIGNED
from entrypoints.web.requests import FlattenRequest, KeysRequest, StateRequest
from entrypoints.web.schemas import (
    AccountOut,
    AlertOut,
    BotOut,
    FlatteningOut,
    KeysOut,
    OrderOut,
    PositionOut,
    RefusedOut,
    StateOut,
    StatsOut,
    StepOut,
    TraceOut,
    TradeOut,
)
from entrypoints.web.settling import (
    SettledOut,
    SettleRequest,
    settled_out,
    settlement,
)

EVERYTHING = 1_000_000
Reader = SkipValidation[NamedDependency[Views]]
Who = SkipValidation[NamedDependency[Identity]]
Secrets = SkipValidation[NamedDependency[SealedSecrets]]
Configuration = SkipValidation[NamedDependency[ConfigurationStore]]


@get("/alerts")
async def alerts(
    views: Reader,
    limit: Limit = PAGE,
    before: Number = None,
    bot: Of = None,
) -> list[AlertOut]:
    """List alerts, newest first; ``before`` pages on."""
    known = AlertId(before) if before is not None else None
    rows = await views.alerts(limit=limit, before=known, bot=bot)
    return [render.alert_out(row) for row in rows]


@get("/alerts/{id:int}")
async def alert(explain: NamedDependency[ExplainAlert], id: Id) -> TraceOut:
    """Explain one alert."""
    found = await explain(AlertId(id))
    if found is None:
        raise NotFoundException(f"There is no alert {id}.")
    trace = found.trace
    steps = [
        StepOut(
            state=step.state.value,
            title=step.title,
            sentence=step.sentence,
            at=step.at,
            details=list(step.details),
        )
        for step in trace.steps
    ]
    return TraceOut(
        id=id, sentence=trace.sentence, steps=steps, body=found.alert.alert.body
    )


@get("/refused")
async def refused(views: Reader, limit: Limit = PAGE) -> list[RefusedOut]:
    """List the newest requests that never became alerts, and why."""
    return [render.refused_out(row) for row in await views.refused(limit=limit)]


@get("/bots")
async def bots(configuration: Configuration) -> list[BotOut]:
    """List all bots, archived ones included."""
    return [render.bot_out(bot) for bot in (await configuration.deployed()).bots]


@get("/bots/{name:str}")
async def bot(configuration: Configuration, name: Name) -> BotOut:
    """Show one bot."""
    for known in (await configuration.deployed()).bots:
        if known.config.name == name:
            return render.bot_out(known)
    raise NotFoundException(f"There is no bot {name!r}.")


@get("/accounts")
async def accounts(configuration: Configuration, sealed: Secrets) -> list[AccountOut]:
    """List all accounts, without anything secret."""
    deployed = await configuration.deployed()
    keys = render.sealed_of(await sealed.all())
    return [render.account_out(one, keys.get(one.id)) for one in deployed.accounts]


@put("/accounts/{name:str}/keys", guards=[may_admin_proved])
async def set_keys(
    name: Name,
    data: JSONBody[KeysRequest],
    configuration: Configuration,
    seal: NamedDependency[SealSecret],
    identity: Who,
) -> KeysOut:
    """Seal an account's exchange keys in place of those before. Nobody can read them."""
    given = {field: Secret(value) for field, value in data.keys.items()}
    if not set(given) <= set(ACCOUNT_FIELDS):
        raise Unusable(f"keys: must be of {', '.join(ACCOUNT_FIELDS)}")
    deployed = await configuration.deployed()
    ids = [one.id for one in deployed.accounts if one.config.name == name]
    if not ids:
        raise NotFoundException(f"There is no account {name!r}.")
    try:
        await seal(
            SecretPlace(SecretKind.ACCOUNT, ids[0]),
            given,
            identity.author(data.reason.strip()),
        )
    except CannotSeal as error:
        raise ClientException(str(error), status_code=409) from None
    return KeysOut(account=name, keys=sorted(given))


@get("/orders")
async def orders(views: Reader, limit: Limit = PAGE, bot: Of = None) -> list[OrderOut]:
    """List orders, newest first."""
    return [render.order_out(row) for row in await views.orders(limit=limit, bot=bot)]


@post("/orders/{id:str}/settle", status_code=200, guards=[may_trade])
async def settle_order(
    id: Name,
    data: JSONBody[SettleRequest],
    settle: NamedDependency[SettleOrder],
    identity: Who,
) -> SettledOut:
    """Say what became of an order that the venue cannot tell of; nothing is sent again."""
    try:
        said = settlement(data)
        found = await settle(id, said, identity.author(data.reason.strip()))
    except CannotSettle as error:
        raise ClientException(f"{error} {error.fix}".strip(), status_code=409) from None
    return settled_out(found)


@get("/positions")
async def positions(views: Reader) -> list[PositionOut]:
    """List what is open."""
    return [render.position_out(row) for row in await views.positions()]


@get("/trades")
async def trades(views: Reader, limit: Limit = PAGE, bot: Of = None) -> list[TradeOut]:
    """List the newest completed trades, oldest of them first."""
    return [render.trade_out(row) for row in await views.trades(limit=limit, bot=bot)]


@get("/stats")
async def stats(views: Reader, bot: Of = None) -> StatsOut:
    """Count what came in against what came of it, and say what it earned."""
    rows = await views.trades(limit=EVERYTHING, bot=bot)
    earned = performance([row.trade for row in rows])
    return render.stats_out(await views.accounted(), earned)


@get("/state")
async def states(configuration: Configuration) -> list[StateOut]:
    """List the installation's trading state and everything that is not active."""
    return [render.state_out(change) for change in await configuration.states()]


@post("/state", status_code=200, guards=[may_trade])
async def change_state(
    data: JSONBody[StateRequest], configuration: Configuration, identity: Who
) -> Sequence[StateOut]:
    """Set a trading state; effective at the last check before an order leaves."""
    scope, name = _scope(data)
    state = TradingState[data.state.upper()]
    author = identity.author(data.reason.strip())
    if loosens(state, scope, name, await configuration.states()):
        identity.must_have_proved()
    if not await configuration.change_state(scope, name, state, author):
        raise NotFoundException(f"There is no {scope.value} {name!r}.")
    return [render.state_out(change) for change in await configuration.states()]


@post("/flatten", status_code=202, guards=[may_trade])
async def flatten_now(
    data: JSONBody[FlattenRequest], flatten: NamedDependency[Flatten], identity: Who
) -> FlatteningOut:
    """Halt, close everything that the bots hold, and ask the venue; 202, it goes on."""
    scope, name = _scope(data)
    begun = await flatten(scope, name, identity.author(data.reason.strip()))
    if begun is None:
        raise NotFoundException(f"There is no {scope.value} {name!r}.")
    return render.flattening_out(begun)


@get("/flattenings")
async def flattenings(
    requests: SkipValidation[NamedDependency[Flattenings]], limit: Limit = PAGE
) -> list[FlatteningOut]:
    """List requests to flatten and how far each is, running ones first."""
    return [render.flattening_out(one) for one in await requests.newest(limit)]


def _scope(data: StateRequest | FlattenRequest) -> tuple[Scope, str]:
    if data.account is not None and data.bot is not None:
        raise Unusable("name an account or a bot, not both")
    if data.account is not None:
        return Scope.ACCOUNT, data.account
    return (Scope.BOT, data.bot) if data.bot is not None else (Scope.GLOBAL, "")


router = Router(
    path="/api/v1",
    guards=[may_read],
    opt={UNSIGNED: True},
    security=[{TOKEN: []}],
    before_request=as_described,
    route_handlers=documented(
        [
            alerts,
            alert,
            refused,
            bots,
            bot,
            accounts,
            set_keys,
            clearing.clearance,
            clearing.confirm_live,
            clearing.revoke_live,
            moving.movements,
            moving.record_movement,
            differences.differences,
            differences.settle_difference,
            orders,
            settle_order,
            positions,
            trades,
            stats,
            states,
            change_state,
            flatten_now,
            flattenings,
            preview,
            kept_backtests,
            kept_backtest,
            configuring.exported,
            configuring.apply,
            revising.revisions,
            revising.difference,
            revising.roll_back,
        ]
    ),
)
