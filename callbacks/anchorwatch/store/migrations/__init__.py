"""The schema's revisions, run by alembic when a store is opened. There is no alembic.ini: this is all of it."""

from __future__ import annotations

from alembic.config import Config


def configuration() -> Config:
    """Where the revisions lie; the caller adds the connection, inside a transaction, as `attributes["connection"]`."""
    config = Config()
    config.set_main_option("script_location", "anchorwatch.store:migrations")
    return config
