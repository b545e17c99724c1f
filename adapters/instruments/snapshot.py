"""The instruments that come with the package, as they were on ``SNAPSHOT_DATE``.

``SNAPSHOT.md`` beside this file says where each figure is from and how far to trust it.
"""

import csv
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources

from application.configuration.charts import Listing
from domain.instrument import Instrument, Kind, Symbol

SNAPSHOT_DATE = date(2026, 11, 23)


@cache
def listings() -> tuple[Listing, ...]:
    """Return every listing of the snapshot, in the order of its file."""
    file = resources.files(__package__) / "snapshot.csv"
    with file.open(encoding="utf-8") as lines:
        return tuple(_listing(row) for row in csv.DictReader(lines, strict=True))


def _listing(row: dict[str, str]) -> Listing:
    return Listing(
        instrument=Instrument(
            exchange=row["exchange"],
            symbol=Symbol(row["symbol"]),
            kind=Kind(row["kind"]),
            base=row["base"],
            quote=row["quote"],
            settle=row["settle"],
            price_tick=Decimal(row["price_tick"]),
            quantity_step=Decimal(row["quantity_step"]),
            quantity_min=Decimal(row["quantity_min"]),
            notional_min=Decimal(row["notional_min"]),
            contract_size=Decimal(row["contract_size"]),
            taker_fee=Decimal(row["taker_fee"]),
        ),
        tv_exchange=row["tv_exchange"],
        tv_ticker=row["tv_ticker"],
    )
