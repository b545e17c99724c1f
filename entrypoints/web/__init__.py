"""The HTTP side: the webhook, the JSON API and health."""
