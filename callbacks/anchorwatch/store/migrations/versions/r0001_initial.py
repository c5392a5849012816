"""The first schema. A revision is history: it repeats the tables as they were, and takes nothing from `schema`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates every table."""
    _runs()
    _attempts()
    _checks()


def _runs() -> None:
    op.create_table(
        "aw_runs",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("anchor_set", sa.Text(), nullable=False),
        sa.Column("anchor_set_version", sa.Integer(), nullable=False),
        sa.Column("anchor_set_digest", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime()),
        sa.Column("final_step", sa.Integer()),
    )
    op.create_index("aw_runs_newest", "aw_runs", ["created_at", "id"])
    op.create_table(
        "aw_factors",
        sa.Column("run_id", sa.Text(), sa.ForeignKey("aw_runs.id"), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.create_table(
        "aw_links",
        sa.Column("run_id", sa.Text(), sa.ForeignKey("aw_runs.id"), primary_key=True),
        sa.Column("tracker", sa.Text(), primary_key=True),
        sa.Column("target", sa.Text(), nullable=False),
    )
    op.create_table(
        "aw_anchors",
        sa.Column("digest", sa.Text(), primary_key=True),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.create_table(
        "aw_run_anchors",
        sa.Column("run_id", sa.Text(), sa.ForeignKey("aw_runs.id"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.Text(), sa.ForeignKey("aw_anchors.digest"), nullable=False),
    )


def _attempts() -> None:
    op.create_table(
        "aw_attempts",
        sa.Column("run_id", sa.Text(), sa.ForeignKey("aw_runs.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("start_step", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "aw_losses",
        sa.Column("run_id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("step", sa.Integer(), primary_key=True),
        sa.Column("attempt", sa.Integer(), primary_key=True),
        sa.Column("value", sa.Double()),
        sa.Column("epoch", sa.Double()),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id", "attempt"], ["aw_attempts.run_id", "aw_attempts.number"]),
    )


def _checks() -> None:
    op.create_table(
        "aw_checks",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Double()),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("forward_calls", sa.Integer(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("new_tokens", sa.Integer(), nullable=False),
        sa.Column("batch_size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id", "attempt"], ["aw_attempts.run_id", "aw_attempts.number"]),
    )
    op.create_index("aw_checks_step", "aw_checks", ["run_id", "step", "attempt"], unique=True)
    op.create_index("aw_checks_live", "aw_checks", ["run_id", "live", "step"])
    _child(
        "aw_outputs",
        sa.Column("anchor_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.Column("finish", sa.Text(), nullable=False),
        sa.Column("samples", sa.Text(), nullable=False),
        sa.Column("likelihoods", sa.Text(), nullable=False),
    )
    _child(
        "aw_scores",
        sa.Column("anchor_id", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("type", sa.Text()),
        sa.Column("number", sa.Double()),
        sa.Column("label", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    _child(
        "aw_contracts",
        sa.Column("anchor_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    _child(
        "aw_aggregates",
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("low", sa.Double()),
        sa.Column("high", sa.Double()),
        sa.Column("interval", sa.Text(), nullable=False),
    )
    _child(
        "aw_flags",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("since_step", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("anchor_ids", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
    )


def _child(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("check_id", sa.Integer(), sa.ForeignKey("aw_checks.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        *columns,
    )
