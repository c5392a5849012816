"""What alembic runs to apply revisions: on the caller's connection, in the caller's transaction."""

from __future__ import annotations

from alembic import context

from anchorwatch.store.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite cannot alter most of a table in place
)
with context.begin_transaction():
    context.run_migrations()
