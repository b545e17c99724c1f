"""The table of kept backtests."""

from sqlalchemy import Table

from adapters.store.postgres.tables.metadata import (
    count,
    key,
    metadata,
    moment,
    rule,
    text,
    tree,
)

backtests = Table(
    "backtests",
    metadata,
    key(),
    text("name"),
    moment("kept_at", now=True),
    text("author"),
    text("bot"),
    text("chart"),
    text("timeframe"),
    moment("start_at"),
    moment("end_at"),
    count("bars"),
    text("currency"),
    text("digest"),
    tree("figures"),
    tree("run"),
    rule("bars > 0", "bars"),
    rule("end_at > start_at", "span"),
)
