"""What a list of runs shows of each run's contracts, found without reading everything else that a check aggregates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds the index."""
    shown = sa.text("metric = 'contract_pass' AND \"group\" = 'all'")
    op.create_index(
        "aw_contract_pass", "aw_aggregates", ["check_id", "value"], sqlite_where=shown, postgresql_where=shown
    )
