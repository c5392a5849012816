"""The tables. Children of a check keep their order in `position`, and have a column for each field of their record.

    aw_runs ─┬─ aw_factors, aw_links, aw_run_anchors ── aw_anchors
             └─ aw_attempts ─┬─ aw_losses
                             └─ aw_checks ── aw_outputs, aw_scores, aw_contracts, aw_aggregates, aw_flags

A check or loss point is `live` until a later attempt starts below its step, or records the same step again. What is
no longer live stays in the database. A change here needs a revision in `migrations/versions` and a new `HEAD`.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    and_,
    literal,
)

from anchorwatch.store.columns import Json, JsonTuple, Likelihoods, Real, Samples, String, Time

HEAD = "0004"
"""The newest revision in `migrations/versions`; revisions are numbered upwards."""
VERSION_TABLE = "aw_version"

metadata = MetaData()


def _run_id() -> Column[str]:
    return Column("run_id", String, ForeignKey("aw_runs.id"), primary_key=True)


def _of_attempt() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["run_id", "attempt"], ["aw_attempts.run_id", "aw_attempts.number"])


def _of_check() -> tuple[Column[int], Column[int]]:
    return (
        Column("check_id", Integer, ForeignKey("aw_checks.id", ondelete="CASCADE"), primary_key=True),
        Column("position", Integer, primary_key=True),
    )


runs = Table(
    "aw_runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("anchor_set", String, nullable=False),
    Column("anchor_set_version", Integer, nullable=False),
    Column("anchor_set_digest", String, nullable=False),
    Column("status", String, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("finished_at", Time),
    Column("final_step", Integer),
)
factors = Table(
    "aw_factors",
    metadata,
    _run_id(),
    Column("name", String, primary_key=True),
    Column("value", Json, nullable=False),
)
links = Table(
    "aw_links",
    metadata,
    _run_id(),
    Column("tracker", String, primary_key=True),
    Column("target", String, nullable=False),
)
anchors = Table(
    "aw_anchors",
    metadata,
    Column("digest", String, primary_key=True),
    Column("content", Json, nullable=False),
)
run_anchors = Table(
    "aw_run_anchors",
    metadata,
    _run_id(),
    Column("position", Integer, primary_key=True),
    Column("digest", String, ForeignKey("aw_anchors.digest"), nullable=False),
)
attempts = Table(
    "aw_attempts",
    metadata,
    _run_id(),
    Column("number", Integer, primary_key=True),
    Column("start_step", Integer, nullable=False),
    Column("started_at", Time, nullable=False),
)
losses = Table(
    "aw_losses",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("value", Real),  # NULL is a loss of NaN
    Column("epoch", Real),
    Column("live", Boolean, nullable=False),
    _of_attempt(),
)
checks = Table(
    "aw_checks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("trigger", String, nullable=False),
    Column("epoch", Real),
    Column("generated_because", String, nullable=False),
    Column("tie_margin", Real),
    Column("seconds", Real, nullable=False),
    Column("forward_calls", Integer, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("new_tokens", Integer, nullable=False),
    Column("batch_size", Integer, nullable=False),
    Column("positions", Integer, nullable=False),
    Column("departed", Integer),  # NULL where nothing was verified
    _of_attempt(),
)
outputs = Table(
    "aw_outputs",
    metadata,
    *_of_check(),
    Column("anchor_id", String, nullable=False),
    Column("text", String, nullable=False),
    Column("tokens", JsonTuple, nullable=False),
    Column("finish", String, nullable=False),
    Column("samples", Samples, nullable=False),
    Column("likelihoods", Likelihoods, nullable=False),
    Column("ties", JsonTuple, nullable=False),
)
scores = Table(
    "aw_scores",
    metadata,
    *_of_check(),
    Column("anchor_id", String, nullable=False),
    Column("metric", String, nullable=False),
    Column("type", String),  # "bool", "number", "label"; NULL where the score is missing
    Column("number", Real),  # a bool as 0 or 1; NULL with type "number" is NaN
    Column("label", String),
    Column("reason", String, nullable=False),
)
contracts = Table(
    "aw_contracts",
    metadata,
    *_of_check(),
    Column("anchor_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("reason", String, nullable=False),
)
aggregates = Table(
    "aw_aggregates",
    metadata,
    *_of_check(),
    Column("metric", String, nullable=False),
    Column("group", String, nullable=False),
    Column("n", Integer, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("value", Real),
    Column("low", Real),
    Column("high", Real),
    Column("interval", String, nullable=False),
)
flags = Table(
    "aw_flags",
    metadata,
    *_of_check(),
    Column("rule", String, nullable=False),
    Column("level", String, nullable=False),
    Column("step", Integer, nullable=False),
    Column("since_step", Integer, nullable=False),
    Column("message", String, nullable=False),
    Column("anchor_ids", JsonTuple, nullable=False),
    Column("metric", String, nullable=False),
    Column("group", String, nullable=False),
    Column("evidence", Json, nullable=False),
)

Index("aw_runs_newest", runs.c.created_at, runs.c.id)
Index("aw_checks_step", checks.c.run_id, checks.c.step, checks.c.attempt, unique=True)
Index("aw_checks_live", checks.c.run_id, checks.c.live, checks.c.step)

CONTRACT_PASS = and_(
    aggregates.c.metric == literal("contract_pass", literal_execute=True),
    aggregates.c.group == literal("all", literal_execute=True),
)
"""What a list of runs shows of a check. Its values stand in a statement itself, as a partial index asks for."""
Index(
    "aw_contract_pass",
    aggregates.c.check_id,
    aggregates.c.value,
    sqlite_where=CONTRACT_PASS,
    postgresql_where=CONTRACT_PASS,
)
