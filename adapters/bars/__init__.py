"""Where the bars of a backtest come from."""
