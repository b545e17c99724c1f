"""What TradingView sends, read into signals; one file a dialect, and what they share."""
