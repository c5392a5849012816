"""The tables. Children of a check keep their order in `position`, and have a column for each field of their record.

    aw_runs ─┬─ aw_factors, aw_links, aw_run_anchors ── aw_anchors
             └─ aw_attempts ─┬─ aw_losses
                             └─ aw_checks ── aw_outputs, aw_scores, aw_contracts, aw_aggregates, aw_flags

A check or loss point is `live` until a later attempt starts below its step, or records the same step again. What is
no longer live stays in the database. A change here needs a revision in `migrations/versions` and a new `HEAD`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, MetaData, Named, Table, TypedColumns

from anchorwatch.store.columns import Json, JsonTuple, Likelihoods, Real, String, Time

HEAD = "0001"
"""The newest revision in `migrations/versions`; revisions are numbered upwards."""
VERSION_TABLE = "aw_version"

metadata = MetaData()


class _Runs(TypedColumns):
    id: Named[str] = Column(String, primary_key=True)
    name: Named[str] = Column(String)
    anchor_set: Named[str] = Column(String)
    anchor_set_version: Named[int]
    anchor_set_digest: Named[str] = Column(String)
    status: Named[str] = Column(String)
    created_at: Named[datetime] = Column(Time)
    finished_at: Named[datetime | None] = Column(Time)
    final_step: Named[int | None]


class _OfRun(TypedColumns):
    run_id: Named[str] = Column(String, ForeignKey("aw_runs.id"), primary_key=True)


class _Factors(_OfRun):
    name: Named[str] = Column(String, primary_key=True)
    value: Named[Any] = Column(Json, nullable=False)


class _Links(_OfRun):
    tracker: Named[str] = Column(String, primary_key=True)
    target: Named[str] = Column(String)


class _Anchors(TypedColumns):
    digest: Named[str] = Column(String, primary_key=True)
    content: Named[Any] = Column(Json, nullable=False)


class _RunAnchors(_OfRun):
    position: Named[int] = Column(primary_key=True)
    digest: Named[str] = Column(String, ForeignKey("aw_anchors.digest"))


class _Attempts(_OfRun):
    number: Named[int] = Column(primary_key=True)
    start_step: Named[int]
    started_at: Named[datetime] = Column(Time)


class _Losses(TypedColumns):
    run_id: Named[str] = Column(String, primary_key=True)
    name: Named[str] = Column(String, primary_key=True)
    step: Named[int] = Column(primary_key=True)
    attempt: Named[int] = Column(primary_key=True)
    value: Named[float | None] = Column(Real)  # NULL is a loss of NaN
    epoch: Named[float | None] = Column(Real)
    live: Named[bool]


class _Checks(TypedColumns):
    id: Named[int] = Column(primary_key=True)
    run_id: Named[str] = Column(String)
    attempt: Named[int]
    step: Named[int]
    live: Named[bool]
    trigger: Named[str] = Column(String)
    epoch: Named[float | None] = Column(Real)
    seconds: Named[float] = Column(Real)
    forward_calls: Named[int]
    prompt_tokens: Named[int]
    new_tokens: Named[int]
    batch_size: Named[int]


class _OfCheck(TypedColumns):
    check_id: Named[int] = Column(ForeignKey("aw_checks.id", ondelete="CASCADE"), primary_key=True)
    position: Named[int] = Column(primary_key=True)


class _Outputs(_OfCheck):
    anchor_id: Named[str] = Column(String)
    text: Named[str] = Column(String)
    tokens: Named[tuple[int, ...]] = Column(JsonTuple)
    finish: Named[str] = Column(String)
    samples: Named[tuple[str, ...]] = Column(JsonTuple)
    likelihoods: Named[Any] = Column(Likelihoods, nullable=False)


class _Scores(_OfCheck):
    anchor_id: Named[str] = Column(String)
    metric: Named[str] = Column(String)
    type: Named[str | None] = Column(String)  # "bool", "number", "label"; NULL where the score is missing
    number: Named[float | None] = Column(Real)  # a bool as 0 or 1; NULL with type "number" is NaN
    label: Named[str | None] = Column(String)
    reason: Named[str] = Column(String)


class _Contracts(_OfCheck):
    anchor_id: Named[str] = Column(String)
    name: Named[str] = Column(String)
    held: Named[bool]
    reason: Named[str] = Column(String)


class _Aggregates(_OfCheck):
    metric: Named[str] = Column(String)
    group: Named[str] = Column(String)
    n: Named[int]
    missing: Named[int]
    value: Named[float | None] = Column(Real)
    low: Named[float | None] = Column(Real)
    high: Named[float | None] = Column(Real)
    interval: Named[str] = Column(String)


class _Flags(_OfCheck):
    rule: Named[str] = Column(String)
    level: Named[str] = Column(String)
    step: Named[int]
    since_step: Named[int]
    message: Named[str] = Column(String)
    anchor_ids: Named[tuple[str, ...]] = Column(JsonTuple)
    metric: Named[str] = Column(String)
    group: Named[str] = Column(String)
    evidence: Named[Any] = Column(Json, nullable=False)


def _of_attempt() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["run_id", "attempt"], ["aw_attempts.run_id", "aw_attempts.number"])


runs = Table("aw_runs", metadata, _Runs)
factors = Table("aw_factors", metadata, _Factors)
links = Table("aw_links", metadata, _Links)
anchors = Table("aw_anchors", metadata, _Anchors)
run_anchors = Table("aw_run_anchors", metadata, _RunAnchors)
attempts = Table("aw_attempts", metadata, _Attempts)
losses = Table("aw_losses", metadata, _Losses, _of_attempt())
checks = Table("aw_checks", metadata, _Checks, _of_attempt())
outputs = Table("aw_outputs", metadata, _Outputs)
scores = Table("aw_scores", metadata, _Scores)
contracts = Table("aw_contracts", metadata, _Contracts)
aggregates = Table("aw_aggregates", metadata, _Aggregates)
flags = Table("aw_flags", metadata, _Flags)

Index("aw_runs_newest", runs.c.created_at, runs.c.id)
Index("aw_checks_step", checks.c.run_id, checks.c.step, checks.c.attempt, unique=True)
Index("aw_checks_live", checks.c.run_id, checks.c.live, checks.c.step)
