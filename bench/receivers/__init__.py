"""How fast alerts are acknowledged, beside the receivers a user would write."""
