"""What a run was asked for, as people read it."""

from collections.abc import Mapping, Sequence

from application.backtesting.request import BacktestRequest, FillMode
from application.configuration.tree import Tree
from application.configuration.writer import rules_tree
from application.wording import number, percent, plural

_TOLD = (
    *("strategy", "direction", "rsi", "reverse", "rearm", "leverage", "sizing"),
    *("scaling", "exits"),
)
_FILLS = {
    FillMode.NEXT_OPEN: "at the next bar's open, as TradingView",
    FillMode.CLOSE: "at the close, as on paper",
}


def settings_of(request: BacktestRequest) -> Mapping[str, str]:
    """Return the rules that shape a run, its fills and its costs; null settings are out."""
    tree = rules_tree(request.rules)
    costs = request.settings.costs
    slippage = [f"{number(costs.slippage_bps)} bps"] if costs.slippage_bps else []
    if costs.slippage_ticks:
        slippage.append(plural(int(costs.slippage_ticks), "tick"))
    rules = {name: _told(tree[name]) for name in _TOLD}
    return {
        **{name: told for name, told in rules.items() if told},
        "fills": _FILLS[request.settings.fill],
        "fee": f"{percent(costs.fee_rate)} % of notional",
        "slippage": " and ".join(slippage) or "none",
    }


def _told(tree: Tree) -> str:
    match tree:
        case None:
            return ""
        case str():
            return tree
        case Mapping():
            parts = {name: _told(below) for name, below in tree.items()}
            return ", ".join(
                f"{name.replace('_', ' ')} {text}" for name, text in parts.items() if text
            )
        case Sequence():
            return " ".join(_told(one) for one in tree)
