"""Whoever is told: Telegram, or the log where there is no Telegram."""
