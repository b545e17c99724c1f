"""The paper venue's books: an order once for its id, whatever comes at the same time."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.clock.fixed import FixedClock
from adapters.clock.system import SystemClock
from adapters.paper_ledger.memory import MemoryPaperLedger
from adapters.paper_ledger.postgres import PostgresPaperLedger
from adapters.store.postgres.engine import create_engine
from application.ports.broker import Acknowledged, FillReport, Refused, VenueOrder
from application.ports.clock import Clock
from application.ports.paper_ledger import Books, Executed, Holding, PaperLedger
from application.records import AccountId, DeskAccount
from domain.fills import Costs
from domain.instrument import Instrument, Kind, Symbol
from domain.order import Order, OrderId
from domain.signal import Direction

ACCOUNT = DeskAccount(
    id=AccountId(1),
    name="paper",
    exchange="binanceusdm",
    mode="paper",
    currency="USDT",
    start_balance=Decimal(1000),
    costs=Costs(),
)
PERPETUAL = Instrument(
    exchange="binanceusdm",
    symbol=Symbol("BTC/USDT:USDT"),
    kind=Kind.PERPETUAL,
    base="BTC",
    quote="USDT",
    settle="USDT",
    price_tick=Decimal("0.1"),
    quantity_step=Decimal("0.001"),
    quantity_min=Decimal("0.001"),
    notional_min=Decimal(5),
    contract_size=Decimal(1),
    taker_fee=Decimal(0),
)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Venue:
    """The ledger and the clock that its deadlines are measured by."""

    ledger: PaperLedger
    clock: Clock


@asynccontextmanager
async def in_memory() -> AsyncIterator[Venue]:
    clock = FixedClock(datetime(2026, 1, 5, tzinfo=UTC))
    yield Venue(MemoryPaperLedger(clock), clock)


@asynccontextmanager
async def in_postgres(url: str) -> AsyncIterator[Venue]:
    engine = create_engine(url)
    try:
        yield Venue(PostgresPaperLedger(engine), SystemClock())
    finally:
        await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def place(request: pytest.FixtureRequest) -> str | None:
    if request.param == "memory":
        return None
    return str(request.getfixturevalue("database_url"))


@pytest.fixture
async def venue(place: str | None) -> AsyncIterator[Venue]:
    async with in_memory() if place is None else in_postgres(place) as one:
        yield one


def order(
    id: str = "one", *, symbol: str = "BTC/USDT:USDT", until: datetime | None = None
) -> VenueOrder:
    market = replace(PERPETUAL, symbol=Symbol(symbol))
    return VenueOrder(
        account=ACCOUNT,
        instrument=market,
        order=Order(
            id=OrderId(id),
            symbol=symbol,
            side=Direction.LONG,
            reduces=False,
            quantity=Decimal("0.5"),
            decision_price=Decimal(100),
            may_arrive_until=until,
        ),
    )


@dataclass(slots=True)
class Matching:
    """Buys half a coin at 100, and remembers the books it was shown."""

    at: datetime
    seen: list[Books]

    def __call__(self, wanted: VenueOrder, books: Books) -> Executed | Refused:
        self.seen.append(books)
        report = FillReport(
            trade_id=f"trade of {wanted.order.id}",
            quantity=Decimal("0.5"),
            price=Decimal("100.0"),
            fee=Decimal("0.05"),
            fee_currency="USDT",
            at=self.at,
        )
        answer = Acknowledged(
            venue_order_id=f"venue {wanted.order.id}",
            fills=(report,),
            ended=True,
            evidence="filled",
        )
        held = books.holding
        return Executed(
            answer=answer,
            balance_change=Decimal("-0.05"),
            holding=Holding(held.quantity + Decimal("0.5"), held.cost + 50),
        )


@pytest.fixture
def match(venue: Venue) -> Matching:
    return Matching(venue.clock.now(), [])


def refusing(_wanted: VenueOrder, _books: Books) -> Refused:
    return Refused(code="paper.no", text="not today")


async def test_a_first_order_opens_the_account(venue: Venue, match: Matching) -> None:
    before = await venue.ledger.balance(ACCOUNT.id)

    answer = await venue.ledger.execute(order(), match)

    empty = Holding(Decimal(0), Decimal(0))
    assert before is None
    assert match.seen == [
        Books(balance=Decimal(1000), holding=empty, margin_used=Decimal(0))
    ]
    assert isinstance(answer, Acknowledged)
    assert await venue.ledger.balance(ACCOUNT.id) == Decimal("999.95")


async def test_an_order_that_comes_again_gets_the_same_answer(
    venue: Venue, match: Matching
) -> None:
    first = await venue.ledger.execute(order(), match)
    second = await venue.ledger.execute(order(), match)
    found = await venue.ledger.find(order())

    assert first == second == found
    assert len(match.seen) == 1
    assert await venue.ledger.balance(ACCOUNT.id) == Decimal("999.95")


async def test_a_refusal_is_an_answer_that_is_kept(venue: Venue, match: Matching) -> None:
    first = await venue.ledger.execute(order(), refusing)
    second = await venue.ledger.execute(order(), match)

    assert first == Refused(code="paper.no", text="not today")
    assert second == first
    assert await venue.ledger.find(order()) == first
    assert await venue.ledger.balance(ACCOUNT.id) == Decimal(1000)


async def test_the_same_order_many_times_at_once_is_executed_once(
    venue: Venue, match: Matching
) -> None:
    answers = await asyncio.gather(
        *(venue.ledger.execute(order(), match) for _ in range(20))
    )

    assert answers == [answers[0]] * 20
    assert await venue.ledger.balance(ACCOUNT.id) == Decimal("999.95")


async def test_many_orders_at_once_lose_nothing_of_the_books(
    venue: Venue, match: Matching
) -> None:
    await asyncio.gather(
        *(
            venue.ledger.execute(
                order(f"{number}", symbol=f"COIN{number % 4}/USDT:USDT"), match
            )
            for number in range(20)
        )
    )
    await venue.ledger.execute(order("last", symbol="COIN0/USDT:USDT"), match)

    last = match.seen[-1]
    assert last.balance == Decimal(999)
    assert last.holding == Holding(Decimal("2.5"), Decimal(250))
    assert last.margin_used == Decimal(750)


async def test_each_of_many_at_once_sees_what_those_before_it_have_used(
    venue: Venue, match: Matching
) -> None:
    await asyncio.gather(
        *(
            venue.ledger.execute(order(f"{n}", symbol=f"COIN{n}/USDT:USDT"), match)
            for n in range(10)
        )
    )

    assert sorted(books.margin_used for books in match.seen) == [
        Decimal(50 * n) for n in range(10)
    ]


async def test_orders_of_two_processes_in_turn_see_what_the_other_has_used(
    database_url: str,
) -> None:
    async with in_postgres(database_url) as one, in_postgres(database_url) as other:
        match = Matching(one.clock.now(), [])
        for number in range(3):
            await one.ledger.execute(order(f"a{number}"), match)
            await one.ledger.execute(order(f"b{number}"), match)
            await other.ledger.execute(order(f"c{number}"), match)

        assert await one.ledger.balance(ACCOUNT.id) == Decimal("999.55")
        assert await one.ledger.held(ACCOUNT.id, PERPETUAL.symbol) == Decimal("4.5")
        assert match.seen[-1].holding == Holding(Decimal(4), Decimal(400))


async def test_orders_of_two_processes_at_once_lose_nothing_of_the_books(
    database_url: str,
) -> None:
    async with in_postgres(database_url) as one, in_postgres(database_url) as other:
        match = Matching(one.clock.now(), [])

        async def trade(venue: Venue, name: str) -> None:
            for number in range(25):
                await venue.ledger.execute(order(f"{name}{number}"), match)

        await asyncio.gather(trade(one, "a"), trade(other, "b"))

        assert await one.ledger.balance(ACCOUNT.id) == Decimal("997.50")
        assert await one.ledger.held(ACCOUNT.id, PERPETUAL.symbol) == Decimal(25)


async def test_whoever_asks_for_an_account_s_first_order_waits_for_who_executes_it(
    database_url: str,
) -> None:
    async def asked() -> object:
        async with in_postgres(database_url) as other:
            return await other.ledger.find(order())

    with ThreadPoolExecutor(1) as elsewhere:
        answers: list[Future[object]] = []

        async with in_postgres(database_url) as one:
            match = Matching(one.clock.now(), [])

            def slow(wanted: VenueOrder, books: Books) -> Executed | Refused:
                answers.append(elsewhere.submit(asyncio.run, asked()))
                wait(answers, timeout=0.5)  # long enough to answer too early
                return match(wanted, books)

            taken = await one.ledger.execute(order(), slow)
            found = await asyncio.wrap_future(answers[0])

        assert isinstance(taken, Acknowledged)
        assert found == taken


async def test_an_order_known_to_another_process_gets_the_same_answer(
    database_url: str,
) -> None:
    async with in_postgres(database_url) as one, in_postgres(database_url) as other:
        match = Matching(one.clock.now(), [])
        first = await one.ledger.execute(order("first"), match)
        await other.ledger.execute(order("second"), match)

        assert await other.ledger.execute(order("first"), match) == first
        assert await one.ledger.balance(ACCOUNT.id) == Decimal("999.90")


async def test_an_order_after_another_is_as_late_as_a_first_one(
    venue: Venue, match: Matching
) -> None:
    await venue.ledger.execute(order("first"), match)
    late = order("late", until=venue.clock.now() - SECOND)

    assert await venue.ledger.execute(late, match) is None
    assert await venue.ledger.find(late) is None


async def test_an_order_that_comes_too_late_is_not_taken(
    venue: Venue, match: Matching
) -> None:
    late = order(until=venue.clock.now() - SECOND)

    answer = await venue.ledger.execute(late, match)

    assert answer is None
    assert match.seen == []
    assert await venue.ledger.find(late) is None


async def test_an_order_that_is_known_is_found_however_late(
    venue: Venue, match: Matching
) -> None:
    in_time = order(until=venue.clock.now() + 60 * SECOND)
    first = await venue.ledger.execute(in_time, match)

    again = await venue.ledger.execute(order(until=venue.clock.now() - SECOND), match)

    assert again == first


async def test_an_order_that_never_came_is_not_found(venue: Venue) -> None:
    assert await venue.ledger.find(order()) is None
    assert await venue.ledger.balance(ACCOUNT.id) is None


async def test_a_matching_that_fails_leaves_nothing(venue: Venue, match: Matching) -> None:
    def broken(_wanted: VenueOrder, _books: Books) -> Refused:
        message = "no market"
        raise ArithmeticError(message)

    with pytest.raises(ArithmeticError):
        await venue.ledger.execute(order(), broken)

    assert await venue.ledger.find(order()) is None
    assert isinstance(await venue.ledger.execute(order(), match), Acknowledged)
