"""Sampled answers with their tokens and how they ended, where only their texts were kept."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_OUTPUTS = sa.table("aw_outputs", sa.column("check_id"), sa.column("position"), sa.column("samples"))


def upgrade() -> None:
    """Rewrites the outputs that have samples, a check at a time; how those samples ended is not known."""
    connection, of = op.get_bind(), _OUTPUTS.c
    one = sa.and_(of.check_id == sa.bindparam("check"), of.position == sa.bindparam("at"))
    rewrite = sa.update(_OUTPUTS).where(one).values(samples=sa.bindparam("rewritten"))
    for check_id in connection.scalars(sa.select(of.check_id).where(of.samples != "[]").distinct()).all():
        sampled = sa.select(of.position, of.samples).where(of.check_id == check_id, of.samples != "[]")
        rows = [
            {"check": check_id, "at": at, "rewritten": _without_end(texts)} for at, texts in connection.execute(sampled)
        ]
        connection.execute(rewrite, rows)


def _without_end(texts: str) -> str:
    return json.dumps([(text, (), None) for text in json.loads(texts)], ensure_ascii=False, separators=(",", ":"))
