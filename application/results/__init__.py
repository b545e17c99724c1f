"""What a run of a bot over bars earned, measured and put into words."""
