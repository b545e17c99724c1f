"""Alembic's entry: migrates over the connection that ``migrate`` hands it."""

from alembic import context

from adapters.store.postgres.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
