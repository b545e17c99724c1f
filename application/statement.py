"""An account's month, from its executions: what came in, went out, and is still open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from application.configuration.values import AccountConfig
from application.ports.audit import ExecutionRow
from application.ports.movements import Movement, MovementKind
from application.ports.views import PositionRow
from domain.money import ZERO, add, subtract, total


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """What one symbol brought in a month, in the settlement currency."""

    bot: str
    symbol: str
    executions: int
    realized: Decimal
    fees: dict[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An account's month. ``fees`` are by the currency they were taken in."""

    account: str
    exchange: str
    mode: str
    currency: str
    since: datetime
    until: datetime
    deposit: Decimal | None
    """What a paper account began with."""
    movements: tuple[Movement, ...]
    realized_before: Decimal
    realized: Decimal
    fees: dict[str, Decimal]
    executions: int
    lines: tuple[StatementLine, ...]
    open: tuple[PositionRow, ...]

    @property
    def net(self) -> Decimal:
        """Return what was realized after fees and funding in its currency."""
        after_fees = subtract(self.realized, self.fees.get(self.currency, ZERO))
        return add(after_fees, self.moved(MovementKind.FUNDING).get(self.currency, ZERO))

    @property
    def moved_sums(self) -> list[tuple[str, str, Decimal]]:
        """Return what each kind of movement adds, by its currency: kind, currency, sum."""
        return [
            (kind.value, currency, change)
            for kind in MovementKind
            for currency, change in self.moved(kind).items()
        ]

    def moved(self, kind: MovementKind) -> dict[str, Decimal]:
        """Return what movements of a kind add to the balance, by currency."""
        of_kind = [one for one in self.movements if one.kind is kind]
        return {
            currency: total(one.change for one in of_kind if one.currency == currency)
            for currency in sorted({one.currency for one in of_kind})
        }


def statement_of(
    account: AccountConfig,
    month: tuple[datetime, datetime],
    executions: Sequence[ExecutionRow],
    positions: Sequence[PositionRow],
    movements: Sequence[Movement] = (),
) -> Statement:
    """Return a month's statement; ``executions`` are all up to its end.

    ``movements`` are those of the month.
    """
    since, until = month
    within = [row for row in executions if since <= row.at < until]
    before = [row for row in executions if row.at < since]
    places = sorted({(row.bot, row.symbol) for row in within})
    paper = account.mode == "paper"
    return Statement(
        account=account.name,
        exchange=account.exchange,
        mode=account.mode,
        currency=account.paper.currency,
        since=since,
        until=until,
        deposit=account.paper.balance if paper else None,
        movements=tuple(movements),
        realized_before=total(row.realized for row in before),
        realized=total(row.realized for row in within),
        fees=_fees(within),
        executions=len(within),
        lines=tuple(_line(place, within) for place in places),
        open=tuple(positions),
    )


def _line(place: tuple[str, str], within: Sequence[ExecutionRow]) -> StatementLine:
    own = [row for row in within if (row.bot, row.symbol) == place]
    return StatementLine(
        bot=place[0],
        symbol=place[1],
        executions=len(own),
        realized=total(row.realized for row in own),
        fees=_fees(own),
    )


def _fees(rows: Sequence[ExecutionRow]) -> dict[str, Decimal]:
    currencies = sorted({row.fee_currency for row in rows})
    return {
        currency: total(row.fee for row in rows if row.fee_currency == currency)
        for currency in currencies
    }
