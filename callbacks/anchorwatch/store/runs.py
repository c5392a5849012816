"""Runs as the store lists them: looked up by what people call them, with what a list of runs shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, Connection, ScalarSelect, Select, Table, func, literal, select

from anchorwatch.errors import StoreError, nearest
from anchorwatch.records import RunInfo
from anchorwatch.store.schema import CONTRACT_PASS, aggregates, checks, factors, links, runs
from anchorwatch.text import scrub

Status = Literal["running", "finished", "failed"]
"""A run whose process was killed stays "running"."""


@dataclass(frozen=True)
class StoredRun:
    """A run and where it stands. Counts and steps are of live checks."""

    info: RunInfo
    status: Status
    created_at: datetime
    """Aware, in UTC."""
    finished_at: datetime | None
    """Aware, in UTC; None while running."""
    final_step: int | None
    """The trainer's last step; None while running."""
    checks: int
    last_step: int | None
    """Of the last check; None before the first."""
    baseline_contract_pass: float | None
    """all/contract_pass at step 0; None where that was not checked or has no value."""
    last_contract_pass: float | None
    """all/contract_pass at the last check."""
    links: dict[str, str]
    """Tracker name to that tracker's address of the run."""


def newest(limit: int | None = None) -> Select[str]:
    """Selects the ids of the runs that began last, newest first."""
    return select(runs.c.id).order_by(*_NEWEST_FIRST).limit(limit)


def load_runs(connection: Connection, chosen: Select[str], *, with_factors: bool = True) -> list[StoredRun]:
    """The runs whose ids `chosen` selects, newest first, in three statements; in two, and without factors, if asked."""
    live = (
        select(checks.c.run_id, func.count().label("checks"), func.max(checks.c.step).label("last_step"))
        .where(checks.c.live, checks.c.run_id.in_(chosen))
        .group_by(checks.c.run_id)
        .subquery()
    )
    statement = (
        select(
            runs,
            live.c.checks,
            live.c.last_step,
            _contract_pass_at(literal(0)).label("baseline_contract_pass"),
            _contract_pass_at(live.c.last_step).label("last_contract_pass"),
        )
        .outerjoin_from(runs, live, live.c.run_id == runs.c.id)
        .where(runs.c.id.in_(chosen))
        .order_by(*_NEWEST_FIRST)
    )
    rows = connection.execute(statement).all()
    factors_of: Mapping[str, dict[str, Any]] = defaultdict(dict)
    if with_factors:
        factors_of = _by_run(connection, factors, factors.c.name, factors.c.value, chosen)
    links_of = _by_run(connection, links, links.c.tracker, links.c.target, chosen)
    return [
        StoredRun(
            info=RunInfo(
                row.id,
                row.name,
                row.anchor_set,
                row.anchor_set_version,
                row.anchor_set_digest,
                factors_of[row.id],
            ),
            status=row.status,
            created_at=row.created_at,
            finished_at=row.finished_at,
            final_step=row.final_step,
            checks=row.checks or 0,
            last_step=row.last_step,
            baseline_contract_pass=row.baseline_contract_pass,
            last_contract_pass=row.last_contract_pass,
            links=links_of[row.id],
        )
        for row in rows
    ]


def find_run(connection: Connection, reference: str) -> str:
    """The id of the run that `reference` means: an id, "latest", a name (the newest with it) or the start of one id.

    Raises:
        StoreError: it means no run, or begins several ids.
    """
    statement = select(runs.c.id, runs.c.name).order_by(*_NEWEST_FIRST)
    known: list[tuple[str, str]] = [(row.id, row.name) for row in connection.execute(statement)]
    if not known:
        raise StoreError(f"no run {reference!r}: the store holds no runs yet")
    wanted = scrub(reference)  # as the names are stored
    ids = [id_ for id_, _ in known]
    if wanted in ids:
        return wanted
    if wanted == "latest":
        return ids[0]
    named = [id_ for id_, name in known if name == wanted]
    if named:
        return named[0]
    begun = [id_ for id_ in ids if wanted and id_.startswith(wanted)]
    if len(begun) > 1:
        raise StoreError(f"run {reference!r} could be {_some(begun)}; give more of the id")
    if not begun:
        names = list(dict.fromkeys(name for _, name in known))
        raise StoreError(f"no run {reference!r}; the newest are {_some(names)}{nearest(reference, names + ids)}")
    return begun[0]


_NEWEST_FIRST = (runs.c.created_at.desc(), runs.c.id.desc())


def _contract_pass_at(step: ColumnElement[int]) -> ScalarSelect[float | None]:
    return (
        select(aggregates.c.value)
        .join_from(aggregates, checks, checks.c.id == aggregates.c.check_id)
        .where(checks.c.run_id == runs.c.id, checks.c.live, checks.c.step == step)
        .where(CONTRACT_PASS)
        .limit(1)
        .correlate_except(aggregates, checks)
        .scalar_subquery()
    )


def _by_run(
    connection: Connection, table: Table[Any], name: Column[str], value: Column[Any], chosen: Select[str]
) -> defaultdict[str, dict[str, Any]]:
    found: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    statement = select(table.c.run_id, name, value).where(table.c.run_id.in_(chosen))
    for run_id, key, content in connection.execute(statement):
        found[run_id][key] = content
    return found


def _some(names: list[str], limit: int = 5) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(repr(name) for name in names[:limit]) + more
