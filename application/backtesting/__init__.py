"""Trading on history with the very rules that trade: bars in, executions out."""
