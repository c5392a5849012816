"""The store: what a watch writes as it goes, and what everything that is opened afterwards reads."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from typing_extensions import Self

from anchorwatch.anchors import AnchorSet
from anchorwatch.errors import StoreError
from anchorwatch.records import Flag, LossPoint, Reading, RunInfo
from anchorwatch.store.database import WRITE, default_url, faults, file_behind, open_database
from anchorwatch.store.readings import insert_reading, load_flags, load_readings
from anchorwatch.store.runs import StoredRun, find_run, load_runs, newest
from anchorwatch.store.schema import anchors, attempts, checks, factors, links, losses, run_anchors, runs


class Store:
    """Runs, checks and losses in a database; SQLite unless a URL says otherwise.

    A run has one or more attempts: training can be resumed from an earlier step, or begun again at step 0. Reading
    returns what is *live*: a check or loss point counts unless a later attempt started below its step or recorded the
    same step again. What no longer counts stays in the database; a baseline at step 0 survives every resume.

    Every call that writes is one transaction, committed when it returns. Processes that write at once wait for each
    other, on SQLite up to 30 s. Text is scrubbed of lone surrogates and NUL. NaN in a score or a loss comes back as
    NaN; in an aggregate or an epoch as None. JSON values (factors, evidence) come back as JSON has them: a tuple as
    a list.

    Every method raises StoreError, one line, if the run is unknown or the database cannot do it (full, read-only,
    locked, or given a value that it cannot hold); what was recorded before stays.
    """

    def __init__(self, url: str | None = None) -> None:
        """Opens the store at `url` (None: see `default_url`), creates it, or brings it to the newest schema.

        A relative SQLite path means the working directory of this moment.

        Raises:
            StoreError: the URL or the database cannot be used; one line, without the password.
        """
        self._engine, self.url = open_database(url or default_url())
        self._file = file_behind(url or default_url())
        self._inode = self._file.stat().st_ino if self._file else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the database."""
        self._engine.dispose()

    def begin_run(self, run: RunInfo, anchor_set: AnchorSet) -> None:
        """Records a new run and the anchors it is watched with. A run that is there already is a StoreError."""
        with self._write() as connection:
            if connection.scalar(select(runs.c.id).where(runs.c.id == run.id)) is not None:
                raise StoreError(f"run {run.id!r} is in the store already; begin_attempt continues it")
            columns = {name: value for name, value in vars(run).items() if name != "factors"}
            connection.execute(insert(runs).values(status="running", created_at=_now(), **columns))
            values = [{"run_id": run.id, "name": name, "value": value} for name, value in run.factors.items()]
            _insert(connection, factors, values)

            contents = {_content_digest(anchor): anchor for anchor in anchor_set.model_dump(mode="json")["anchors"]}
            known = set(connection.scalars(select(anchors.c.digest).where(anchors.c.digest.in_(contents))))
            new = [{"digest": digest, "content": contents[digest]} for digest in contents if digest not in known]
            _insert(connection, anchors, new)
            order = [{"run_id": run.id, "position": at, "digest": digest} for at, digest in enumerate(contents)]
            _insert(connection, run_anchors, order)

    def begin_attempt(self, run_id: str, start_step: int) -> int:
        """Records that training (re)starts at `start_step`; the attempt's number, 1 for the first.

        Earlier checks and loss points above `start_step` are live no more, and a finished run is running again.
        """
        with self._write() as connection:
            self._require(connection, run_id)
            number = (_latest_attempt(connection, run_id) or 0) + 1
            connection.execute(
                insert(attempts).values(run_id=run_id, number=number, start_step=start_step, started_at=_now())
            )
            for table in (checks, losses):
                later = (table.c.run_id == run_id) & (table.c.step > start_step)
                connection.execute(update(table).where(later).values(live=False))
            again = {"status": "running", "finished_at": None, "final_step": None}
            connection.execute(update(runs).where(runs.c.id == run_id).values(again))
        return number

    def add_reading(self, run_id: str, reading: Reading) -> None:
        """Records a check of the latest attempt; the same step again in the same attempt replaces it."""
        with self._write() as connection:
            insert_reading(connection, run_id, self._attempt(connection, run_id), reading)

    def add_losses(self, run_id: str, points: Sequence[LossPoint]) -> None:
        """Records loss points of the latest attempt; the same name and step again replaces the point."""
        with self._write() as connection:
            attempt = self._attempt(connection, run_id)
            latest = {(point.name, point.step): point for point in points}
            if not latest:
                return
            keys = [{"its_name": name, "its_step": step} for name, step in latest]
            same = (
                (losses.c.run_id == run_id)
                & (losses.c.name == bindparam("its_name"))
                & (losses.c.step == bindparam("its_step"))
            )
            connection.execute(delete(losses).where(same, losses.c.attempt == attempt), keys)
            connection.execute(update(losses).where(same).values(live=False), keys)
            _insert(
                connection,
                losses,
                [{"run_id": run_id, "attempt": attempt, "live": True, **vars(point)} for point in latest.values()],
            )

    def add_factors(self, run_id: str, values: Mapping[str, Any]) -> None:
        """Records factors of a run; a known one is replaced."""
        with self._write() as connection:
            self._require(connection, run_id)
            connection.execute(delete(factors).where(factors.c.run_id == run_id, factors.c.name.in_(values)))
            _insert(
                connection,
                factors,
                [{"run_id": run_id, "name": name, "value": value} for name, value in values.items()],
            )

    def add_links(self, run_id: str, targets: Mapping[str, str]) -> None:
        """Records where else the run is: tracker name to that tracker's run id or URL. A known tracker is replaced."""
        with self._write() as connection:
            self._require(connection, run_id)
            connection.execute(delete(links).where(links.c.run_id == run_id, links.c.tracker.in_(targets)))
            rows = [{"run_id": run_id, "tracker": name, "target": target} for name, target in targets.items()]
            _insert(connection, links, rows)

    def finish_run(self, run_id: str, status: Literal["finished", "failed"], final_step: int) -> None:
        """Records how the run ended, now, and at which step."""
        with self._write() as connection:
            self._require(connection, run_id)
            ended = {"status": status, "finished_at": _now(), "final_step": final_step}
            connection.execute(update(runs).where(runs.c.id == run_id).values(ended))

    def runs(self, limit: int | None = None, *, factors: bool = True) -> list[StoredRun]:
        """The runs that began last, newest first; all of them without a limit.

        Without `factors`, which take most of the time, they have none.
        """
        with self._read() as connection:
            return load_runs(connection, newest(limit), with_factors=factors)

    def run(self, reference: str) -> StoredRun:
        """The run meant by an id, "latest", a name (the newest run with it) or the start of one id, in this order."""
        with self._read() as connection:
            run_id = find_run(connection, reference)
            return load_runs(connection, select(runs.c.id).where(runs.c.id == run_id))[0]

    def steps(self, run_id: str, *, full: bool = False) -> list[int]:
        """The steps of the live checks, ascending; `full` leaves out drift checks."""
        with self._read() as connection:
            self._require(connection, run_id)
            return _steps(connection, run_id, full)

    def reading(self, run_id: str, step: int, *, likelihoods: bool = True) -> Reading:
        """The live reading at exactly this step; StoreError names the steps there are.

        Without `likelihoods`, which take most of the time, its outputs have none.
        """
        with self._read() as connection:
            self._require(connection, run_id)
            for reading in load_readings(connection, run_id, step, likelihoods=likelihoods):
                return reading
            steps = ", ".join(str(step) for step in _steps(connection, run_id)) or "none"
        raise StoreError(f"run {run_id!r} has no check at step {step}; there are checks at: {steps}")

    def readings(self, run_id: str) -> list[Reading]:
        """The live readings, in step order."""
        with self._read() as connection:
            self._require(connection, run_id)
            return load_readings(connection, run_id)

    def flags(self, run_id: str) -> list[Flag]:
        """The flags of the live checks, in step order."""
        with self._read() as connection:
            self._require(connection, run_id)
            return load_flags(connection, run_id)

    def losses(self, run_id: str) -> list[LossPoint]:
        """The live loss points, by step, then by name."""
        live = select(losses).where(losses.c.run_id == run_id, losses.c.live).order_by(losses.c.step, losses.c.name)
        with self._read() as connection:
            self._require(connection, run_id)
            return [
                LossPoint(row.step, row.name, math.nan if row.value is None else row.value, row.epoch)
                for row in connection.execute(live)
            ]

    def anchor_set(self, run_id: str) -> AnchorSet:
        """The anchor set the run is watched with, as it was when the run began."""
        ordered = (
            select(anchors.c.content)
            .join(run_anchors, run_anchors.c.digest == anchors.c.digest)
            .where(run_anchors.c.run_id == run_id)
            .order_by(run_anchors.c.position)
        )
        with self._read() as connection:
            self._require(connection, run_id)
            run = connection.execute(select(runs).where(runs.c.id == run_id)).one()
            contents = connection.scalars(ordered).all()
            return AnchorSet.model_validate(
                {"name": run.anchor_set, "version": run.anchor_set_version, "anchors": list(contents)}
            )

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        self._require_file()
        with (
            faults(f"cannot write to the store {self.url}"),
            self._engine.execution_options(**WRITE).begin() as connection,
        ):
            yield connection

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        self._require_file()
        with faults(f"cannot read the store {self.url}"), self._engine.connect() as connection:
            yield connection

    def _require_file(self) -> None:
        # SQLite goes on, without a word, with a file that is no longer there.
        if self._file and not (self._file.exists() and self._file.stat().st_ino == self._inode):
            raise StoreError(f"the store {self.url} was removed or replaced while it was in use")

    def _require(self, connection: Connection, run_id: str) -> None:
        if connection.scalar(select(runs.c.id).where(runs.c.id == run_id)) is None:
            raise StoreError(f"the store {self.url} has no run with the id {run_id!r}")

    def _attempt(self, connection: Connection, run_id: str) -> int:
        self._require(connection, run_id)
        number = _latest_attempt(connection, run_id)
        if number is None:
            raise StoreError(f"run {run_id!r} has no attempt yet; begin_attempt comes first")
        return number


def _latest_attempt(connection: Connection, run_id: str) -> int | None:
    latest: int | None = connection.scalar(select(func.max(attempts.c.number)).where(attempts.c.run_id == run_id))
    return latest


def _steps(connection: Connection, run_id: str, full: bool = False) -> list[int]:
    live = select(checks.c.step).where(checks.c.run_id == run_id, checks.c.live).order_by(checks.c.step)
    return list(connection.scalars(live.where(checks.c.trigger != "drift") if full else live))


def _insert(connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _content_digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _now() -> datetime:
    return datetime.now(timezone.utc)
