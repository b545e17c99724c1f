"""Backtests from the shell: no database is needed, and bad input is explained."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli.main import cli

DATA = Path(__file__).parents[2] / "data"
CSV = str(DATA / "FX_EURUSD, 60.csv")
LIST = str(DATA / "RSI Strategy_FX_EURUSD_60_List_of_Trades.csv")
BOT = """
bots:
  - name: rsi-strategy
    account: chart
    feed: tradingview
    chart: {exchange: FX, ticker: EURUSD, interval: 60}
    rsi: {length: 14, oversold: 30, overbought: 70, trigger: cross_out}
    reverse: yes
    sizing: {mode: base, amount: 1}
"""
Backtest = Callable[..., Result]


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    path = tmp_path / "bot.yaml"
    path.write_text(BOT, encoding="utf-8")
    return path


@pytest.fixture
def backtest(tmp_path: Path, bot: Path) -> Backtest:
    def invoke(command: str, *arguments: str, csv: str = CSV) -> Result:
        return CliRunner(env={"SIGNALMAN_DATA_DIR": str(tmp_path)}).invoke(
            cli,
            ["backtest", command, csv, "--bot", str(bot), *arguments],
            prog_name="signalman",
            catch_exceptions=False,
        )

    return invoke


def test_a_run_needs_a_file_of_bars_and_a_bot_and_no_account(backtest: Backtest) -> None:
    result = backtest("run", "--json")

    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["lots"], told["open_lots"], told["data"]["bars"]) == (193, 1, 23054)
    assert told["asked"] < 300
    assert told["issues"][0] == {
        "kind": "gap",
        "line": 122,
        "text": "line 122 (2022-01-09 22:00): 48 bars are missing before it",
    }


def test_the_list_that_a_run_writes_is_equal_to_tradingviews(
    backtest: Backtest, tmp_path: Path
) -> None:
    ours = tmp_path / "ours.csv"

    assert backtest("run", "--trades", str(ours)).exit_code == 0

    assert backtest("compare", "--trades", str(ours)).exit_code == 0
    compared = backtest("compare", "--trades", LIST)
    assert compared.exit_code == 0
    assert "All 194 trades are the same" in compared.stdout


def test_differences_end_with_one_and_name_their_cause(backtest: Backtest) -> None:
    compared = backtest("compare", "--trades", LIST, "--fill", "close", "--json")

    assert compared.exit_code == 1
    told = json.loads(compared.stdout)
    assert told["same"] == 0
    assert "--fill next_open" in told["causes"][0]


def test_no_decision_knows_the_future(backtest: Backtest) -> None:
    checked = backtest("check-lookahead", "--cuts", "20")

    assert checked.exit_code == 0
    assert "No decision knows the future" in checked.stdout
    assert "RSI(14) of a history that begins 50 bars later" in checked.stdout


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("interval: 60", "interval: 4h", "trades bars of 4h, and these last 1h"),
        ("oversold: 30", "oversold: 80", "rsi.oversold"),
        ("name: rsi-strategy", "strategy: follow\n    name: f", "replay its alerts"),
    ],
)
def test_a_bot_that_cannot_be_run_says_why(
    backtest: Backtest, bot: Path, old: str, new: str, told: str
) -> None:
    bot.write_text(BOT.replace(old, new), encoding="utf-8")

    result = backtest("run")

    assert result.exit_code == 3
    assert told in result.output


def test_bars_that_cannot_be_read_say_where(backtest: Backtest, tmp_path: Path) -> None:
    path = tmp_path / "FX_EURUSD, 60.csv"
    path.write_text("time,open,high,low,close\n1700000000,1,2,x,1\n", encoding="utf-8")

    result = backtest("run", csv=str(path))

    assert result.exit_code == 2
    assert "line 2, column 4: 'x' must be a price" in result.output


def test_a_bot_of_an_account_trades_that_accounts_market(
    backtest: Backtest, bot: Path, tmp_path: Path
) -> None:
    path = tmp_path / "BINANCE_BTCUSDT.P, 60.csv"
    path.write_text(Path(CSV).read_text(encoding="utf-8"), encoding="utf-8")
    accounts = (
        "accounts:\n  - {name: chart, exchange: binanceusdm, mode: paper,"
        " paper: {balance: 5000, fee_rate: 0.0005}}\nfeeds: [{name: tradingview}]"
    )
    text = accounts + BOT.replace("FX, ticker: EURUSD", "BINANCE, ticker: BTCUSDT.P")
    bot.write_text(text.replace("amount: 1}", "amount: 100}"), encoding="utf-8")

    told = json.loads(backtest("run", "--json", csv=str(path)).stdout)

    assert told["balance"] == "5000"
    assert told["lots"] == 193
