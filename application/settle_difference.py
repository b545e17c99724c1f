"""What a person wants done about a difference between a venue and our books."""

from dataclasses import dataclass

from application.differences import Remedy, Seen, remedies
from application.ports.comparisons import Asked, Comparison, Comparisons
from application.ports.configuration import Author


class NotPossible(Exception):
    """The difference cannot be settled so; nothing was changed. ``fix`` is the way out."""

    def __init__(self, message: str, fix: str = "") -> None:
        """Say why, and what can be done."""
        super().__init__(message)
        self.fix = fix


WHY_NOT = {
    Remedy.ADOPT: "Only what our books hold beyond the venue can be booked as closed there,"
    " all of it or the part of the one bot that holds.",
    Remedy.CLOSE: "Only what a venue holds of a perpetual beyond our books can be closed.",
    Remedy.IGNORE: "The venue has not told what it holds.",
}


@dataclass(frozen=True, slots=True)
class SettleDifference:
    """Ignore a difference at once; adopting and closing wait for the next comparison.

    Whoever compares asks the venue once more before anything is booked or sent.
    """

    comparisons: Comparisons

    async def __call__(
        self, account: str, symbol: str, remedy: Remedy, author: Author
    ) -> Comparison:
        """Return the market as it was seen last.

        Raises:
            NotPossible: If nothing differs there, or not in this way.
        """
        one = await self._found(account, symbol)
        if one.differs_since is None:
            raise NotPossible(f"Nothing differs in {symbol} on {account}.")
        possible = can_be_done(one)
        if remedy not in possible:
            can = ", ".join(found.value for found in possible) or "nothing yet"
            raise NotPossible(WHY_NOT[remedy], f"What can be done: {can}.")
        if remedy is Remedy.IGNORE:
            await self.comparisons.ignore(one.account_id, one.symbol, author)
        else:
            asked = Asked(remedy, author)
            await self.comparisons.ask(one.account_id, one.symbol, asked)
        return await self._found(account, symbol)

    async def _found(self, account: str, symbol: str) -> Comparison:
        known = await self.comparisons.all()
        for one in known:
            if (one.account, one.symbol) == (account, symbol):
                return one
        markets = ", ".join(f"{one.symbol} on {one.account}" for one in known) or "none"
        message = f"{symbol} on {account} was never compared."
        raise NotPossible(message, f"Markets that were: {markets}.")


def can_be_done(one: Comparison) -> tuple[Remedy, ...]:
    """Return what can be done about a market; nothing where nothing differs."""
    if one.differs_since is None or one.theirs is None:
        return ()
    found = Seen(one.ours, one.theirs, one.baseline, one.can_short)
    return remedies(found, len(one.holders))
