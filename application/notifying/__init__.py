"""What people are told: when, and in which words. Pure; an outbox keeps it."""
