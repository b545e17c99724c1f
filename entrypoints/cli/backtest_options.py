"""What every backtest is told on the command line, and what is made of it."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from adapters.bars.chart_export import read_chart_export
from adapters.bars.column_cache import ColumnCache
from adapters.configuration.yaml_file import read_yaml
from application.backtesting.preparing import CannotPrepare, Wanted, prepare
from application.backtesting.request import BacktestRequest, FillMode
from application.configuration.charts import Listings
from application.ports.bars import BadHistory, Bars
from domain.timeframe import Timeframe
from entrypoints.cli.failure import Exit, Failure
from entrypoints.settings import Settings, SettingsInvalid

F = TypeVar("F", bound=Callable[..., Any])
_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A bot on its bars."""

    bars: Bars
    request: BacktestRequest


class Number(click.ParamType[Decimal]):
    """An exact number above or from zero."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Read it, or say what it must be."""
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal(-1)
        if not number.is_finite() or number < 0:
            self.fail(f"must be a number from 0 on, was {value!r}", param, ctx)
        return number


class Interval(click.ParamType[Timeframe]):
    """A timeframe as TradingView writes it."""

    name = "interval"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Timeframe:
        """Read it, or say what it looks like."""
        try:
            return Timeframe.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def subject_options(command: F) -> F:
    """Add the file of bars, the file of the bot, and everything that changes fills."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_NUMBER = Number()
_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("csv", type=click.Path(path_type=Path)),
    click.option(
        "--bot",
        "file",
        required=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="The bot's configuration, as for `signalman apply`.",
    ),
    click.option("--name", help="Which bot of the file, if it has several."),
    click.option(
        "--fill",
        type=click.Choice([mode.value for mode in FillMode]),
        default=FillMode.NEXT_OPEN.value,
        show_default=True,
        help="Fill at the next bar's open as TradingView, or at the close as paper.",
    ),
    click.option("--capital", type=_NUMBER, help="Money to begin with."),
    click.option("--fee-rate", type=_NUMBER, help="Fee as a fraction, 0.001 is 0.1 %."),
    click.option("--slippage-ticks", type=_NUMBER, help="Ticks lost at every fill."),
    click.option("--interval", type=Interval(), help="What a bar of the file lasts."),
    click.option("--price-tick", type=_NUMBER, help="Where no account trades the chart."),
    click.option("--quantity-step", type=_NUMBER, help="The same, for sizes."),
)


def subject(given: dict[str, Any]) -> Subject:
    """Take the options out of what a command was given, and read both files."""
    path, file, interval = given.pop("csv"), given.pop("file"), given.pop("interval")
    wanted = Wanted(
        bot=given.pop("name"),
        fill=FillMode(given.pop("fill")),
        capital=given.pop("capital") or None,
        fee_rate=given.pop("fee_rate"),
        slippage_ticks=given.pop("slippage_ticks"),
        quantity_step=given.pop("quantity_step") or None,
        price_tick=given.pop("price_tick") or None,
    )
    bars = read_bars(path, interval)
    return Subject(bars=bars, request=_request(file, bars, wanted))


def read_bars(path: Path, interval: Timeframe | None) -> Bars:
    """Read a chart export, or columns that were read before."""
    cache = ColumnCache(_data_dir() / "cache" / "bars")
    try:
        how = "" if interval is None else str(interval)
        return cache.of_file(path, lambda: read_chart_export(path, interval), how)
    except BadHistory as error:
        raise Failure(
            Exit.USAGE,
            "The bars cannot be read.",
            str(error),
            'Export the chart again: TradingView, menu of the layout, "Export chart data".',
        ) from None


def data_cache() -> ColumnCache:
    """Return where histories are kept."""
    return ColumnCache(_data_dir() / "cache" / "bars")


def _data_dir() -> Path:
    try:
        return Settings.read().data_dir
    except SettingsInvalid as error:
        raise Failure(
            Exit.CONFIGURATION,
            "The settings are not usable.",
            str(error),
            "Correct the environment or the file .env in this directory.",
        ) from None


def _request(file: Path, bars: Bars, wanted: Wanted) -> BacktestRequest:
    try:
        source = read_yaml(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise Failure(
            Exit.CONFIGURATION, f"{file.name} is not UTF-8.", str(error)
        ) from None
    try:
        return prepare(source, known_listings(), bars, wanted)
    except CannotPrepare as error:
        raise Failure(
            Exit.CONFIGURATION, f"{file.name} cannot be run on these bars.", str(error)
        ) from None


def known_listings() -> Listings:
    """Return the markets that come with the package."""
    from adapters.instruments.snapshot import listings  # noqa: PLC0415 - reads 100 kB

    return Listings(listings())


def issue_lines(bars: Bars) -> list[str]:
    """Return what a reader should know about the bars, a kind summed up in one line."""
    lines: list[str] = []
    by_kind: dict[str, list[str]] = {}
    for issue in bars.issues:
        by_kind.setdefault(issue.kind.value, []).append(issue.text)
    for kind, texts in by_kind.items():
        if len(texts) <= _SHOWN:
            lines += texts
        else:
            lines.append(f"{len(texts)} times {kind}, first: {texts[0]}")
    return lines
