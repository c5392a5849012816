"""What a check that verifies the last outputs tells of itself, and the ties of an output."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the columns; checks of before have the defaults, as nothing was verified then.

    In place, which is why the columns keep their defaults. A batch would drop and rename the table, and in SQLite the
    drop of `aw_checks` deletes everything read off the checks, by cascade.
    """
    op.add_column("aw_checks", sa.Column("generated_because", sa.Text(), nullable=False, server_default=""))
    op.add_column("aw_checks", sa.Column("tie_margin", sa.Double()))
    op.add_column("aw_checks", sa.Column("positions", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("aw_checks", sa.Column("departed", sa.Integer()))
    op.add_column("aw_outputs", sa.Column("ties", sa.Text(), nullable=False, server_default="[]"))
