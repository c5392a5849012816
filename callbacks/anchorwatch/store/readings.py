"""Readings to rows and back: a check in `aw_checks`, everything read off it in one table for each kind of record."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, RowMapping, Table, delete, insert, select, update

from anchorwatch.records import Aggregate, Check, ContractResult, Cost, Flag, Output, Reading, Score, Value
from anchorwatch.store.schema import aggregates, checks, contracts, flags, outputs, scores

T = TypeVar("T")


def insert_reading(connection: Connection, run_id: str, attempt: int, reading: Reading) -> None:
    """Writes a reading; it takes the place of one at the same step, which is deleted if of the same attempt."""
    check = reading.check
    same_step = (checks.c.run_id == run_id) & (checks.c.step == check.step)
    connection.execute(delete(checks).where(same_step, checks.c.attempt == attempt))
    connection.execute(update(checks).where(same_step).values(live=False))
    row = {
        "run_id": run_id,
        "attempt": attempt,
        "step": check.step,
        "live": True,
        "trigger": check.trigger,
        "epoch": check.epoch,
        "generated_because": check.generated_because,
        "tie_margin": check.tie_margin,
        **vars(check.cost),
    }
    check_id = connection.execute(insert(checks).values(row).returning(checks.c.id)).scalar_one()
    _insert(connection, outputs, check_id, [vars(output) for output in check.outputs])
    _insert(connection, scores, check_id, [_score_row(score) for score in reading.scores])
    _insert(connection, contracts, check_id, [vars(contract) for contract in reading.contracts])
    _insert(connection, aggregates, check_id, [vars(aggregate) for aggregate in reading.aggregates])
    _insert(connection, flags, check_id, [vars(flag) for flag in reading.flags])


def load_readings(
    connection: Connection, run_id: str, step: int | None = None, *, likelihoods: bool = True
) -> list[Reading]:
    """The live readings of a run, or the one at `step`, in step order; empty if there are none.

    Without `likelihoods`, most of what a check holds, none of its outputs has any.
    """
    chosen = select(checks).where(checks.c.run_id == run_id, checks.c.live)
    if step is not None:
        chosen = chosen.where(checks.c.step == step)
    ids = chosen.with_only_columns(checks.c.id)

    def children(table: Table[Any], make: Callable[[RowMapping], T], *left_out: str) -> defaultdict[int, list[T]]:
        found: defaultdict[int, list[T]] = defaultdict(list)
        columns = [column for column in table.c if column.name not in left_out]
        statement = select(*columns).where(table.c.check_id.in_(ids)).order_by(table.c.check_id, table.c.position)
        for row in connection.execute(statement).mappings():
            found[row["check_id"]].append(make(row))
        return found

    left_out = () if likelihoods else ("likelihoods",)
    outputs_of = children(outputs, _record(Output, *left_out), *left_out)
    scores_of = children(scores, _score)
    contracts_of = children(contracts, _record(ContractResult))
    aggregates_of = children(aggregates, _record(Aggregate))
    flags_of = children(flags, _record(Flag))
    return [
        Reading(
            check=_check(row, outputs_of[row["id"]]),
            scores=tuple(scores_of[row["id"]]),
            contracts=tuple(contracts_of[row["id"]]),
            aggregates=tuple(aggregates_of[row["id"]]),
            flags=tuple(flags_of[row["id"]]),
        )
        for row in connection.execute(chosen.order_by(checks.c.step)).mappings()
    ]


def load_flags(connection: Connection, run_id: str) -> list[Flag]:
    """The flags of the live checks of a run, in step order."""
    of_run = select(flags).join(checks, checks.c.id == flags.c.check_id).where(checks.c.run_id == run_id, checks.c.live)
    ordered = of_run.order_by(checks.c.step, flags.c.position)
    return [_record(Flag)(row) for row in connection.execute(ordered).mappings()]


def _insert(connection: Connection, table: Table[Any], check_id: int, records: Sequence[Mapping[str, Any]]) -> None:
    rows = [{"check_id": check_id, "position": position, **record} for position, record in enumerate(records)]
    if rows:
        connection.execute(insert(table), rows)


def _record(kind: Callable[..., T], *left_out: str) -> Callable[[RowMapping], T]:
    """Makes a record of a row that has a column for each of its fields, but for those left at their default."""
    names = [field.name for field in fields(cast("Any", kind)) if field.name not in left_out]
    return lambda row: kind(**{name: row[name] for name in names})


def _check(row: RowMapping, asked: Sequence[Output]) -> Check:
    return Check(
        step=row["step"],
        trigger=row["trigger"],
        outputs=tuple(asked),
        cost=_record(Cost)(row),
        epoch=row["epoch"],
        generated_because=row["generated_because"],
        tie_margin=row["tie_margin"],
    )


def _score_row(score: Score) -> dict[str, Any]:
    value = score.value
    number = None if value is None or isinstance(value, str) else float(value)
    label = value if isinstance(value, str) else None
    return {
        "anchor_id": score.anchor_id,
        "metric": score.metric,
        "type": _type(value),
        "number": number,
        "label": label,
        "reason": score.reason,
    }


def _type(value: Value) -> str | None:
    # Kept beside the number, because SQLite knows neither booleans nor NaN.
    if value is None:
        return None
    if isinstance(value, bool):
        return "bool"
    return "label" if isinstance(value, str) else "number"


def _score(row: RowMapping) -> Score:
    value: Value = row["label"]
    if row["type"] == "bool":
        value = bool(row["number"])
    elif row["type"] == "number":
        value = math.nan if row["number"] is None else row["number"]
    return Score(row["anchor_id"], row["metric"], value, row["reason"])
