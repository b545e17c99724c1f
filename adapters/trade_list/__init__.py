"""TradingView's "List of trades", in and out."""
