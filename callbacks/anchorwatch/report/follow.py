"""A run followed while it is recorded: what there is, then each check as it comes, from the store alone."""

from __future__ import annotations

import select
import time
from collections import deque
from datetime import datetime
from typing import IO

from rich.console import Console

from anchorwatch.errors import StoreError
from anchorwatch.records import Cost, LossPoint, Reading
from anchorwatch.report import words
from anchorwatch.report.pair import safe
from anchorwatch.report.told import Told
from anchorwatch.store import Store, StoredRun

SHOWN = 10
"""Checks told of those that are there already, besides the baseline."""

_SHARE = 20
"""Reading takes one of so many seconds at most."""


def follow(
    store: Store, run_id: str, console: Console, *, onward: bool = False, pause: float = 1.0, patience: float = 30.0
) -> StoredRun | None:
    """Prints the last checks of a run, then each new one, with the flags that are new, until the run ends; as it ended.

    Reads every `pause` seconds, less often where that takes long. A run whose process was killed does not end: when
    nothing has come for `patience` seconds, or for three times as long as it took lately, since when is said; then
    None is returned as soon as there is a newer run, if `onward`.

    Raises:
        StoreError: the store cannot be read, or its file was removed or replaced.
        BrokenPipeError: nobody reads what is printed any more.
    """
    run, silence = _Followed(store, run_id, console), _Silence(patience)
    with console.status("", refresh_per_second=4) as status:
        while True:
            began = time.monotonic()
            if run.read():
                silence.broken()
            if run.stored.status != "running":
                return run.stored
            if silence.long():
                say(f"nothing has been recorded {silence}: a long step or check, or the training was killed", console)
            if onward and silence.said and store.runs(1)[0].info.id != run_id:
                return None
            status.update(safe(f"{run.reached()}, recorded {silence.at}" if silence.at else run.reached(), "dim"))
            if _reader_gone(console.file):
                raise BrokenPipeError
            time.sleep(max(pause, _SHARE * (time.monotonic() - began)))


def say(message: str, console: Console) -> None:
    """Prints a line about the following itself."""
    console.print(safe(" ".join(message.split()), "dim"), soft_wrap=True)


class _Followed:
    """What is known of the run, and what was told of it."""

    def __init__(self, store: Store, run_id: str, console: Console) -> None:
        self.stored = store.run(run_id)
        self._store, self._id, self._console = store, run_id, console
        self._anchor_set = store.anchor_set(run_id)
        self._told = Told()
        self._seen: dict[int, Cost | None] = {}
        """The checks told, by step, with what no other check of that step shares: its cost. None: left out."""
        self._baseline: Reading | None = None
        self._steps: list[int] = []
        self._losses: list[LossPoint] | None = None

    def read(self) -> bool:
        """Tells the checks that are new; whether anything was recorded since the last time."""
        self.stored = self._store.run(self._id)  # before its checks: of a run that has ended, all are there
        known, self._steps = (self._steps, self._losses), self._store.steps(self._id)
        self._losses = self._store.losses(self._id)
        self._forget_replaced()
        coming = [step for step in self._steps if step not in self._seen]
        if known[1] is None and len(coming) > SHOWN + 1:
            self._tell(coming.pop(0))
            left_out, coming = coming[:-SHOWN], coming[-SHOWN:]
            self._seen |= dict.fromkeys(left_out)
            after = f"step {coming[0]} is compared with the baseline"
            are = "is" if len(left_out) == 1 else "are"
            say(f"{words.counted(len(left_out), 'check')} {are} not shown; {after}", self._console)
        for step in coming:
            self._tell(step)
        return known[1] is not None and known != (self._steps, self._losses)

    def reached(self) -> str:
        """How far the run is, as far as was recorded."""
        if not self._steps:
            return "no check yet: the baseline is being made"
        step = max(self._steps[-1], self._losses[-1].step if self._losses else 0)
        loss = self._loss(step)
        return f"step {step}" + ("" if loss is None else f", loss {words.number(loss)}")

    def _tell(self, step: int) -> None:
        if (reading := self._reading(step)) is None:
            return
        if self._baseline is None or step <= self._baseline.step:
            self._baseline = reading
        self._told.tell(reading, self._baseline, self._anchor_set, self._console, loss=self._loss(step))
        self._seen[step] = reading.check.cost

    def _forget_replaced(self) -> None:
        """Forgets checks that no longer count: training was taken up again before them, or one was made in full."""
        live = set(self._steps)
        kept, last = [step for step in self._seen if step in live], None
        while kept and (last := self._unchanged(kept[-1])) is None:
            kept.pop()
        gone = [step for step in self._seen if step not in kept]
        if not gone:
            return
        self._seen = {step: self._seen[step] for step in kept}
        if len(gone) == 1 and gone[0] in live:
            return  # a full check came after a drift check of its step: it is told as such
        self._told = Told(last)
        after = f"after step {kept[-1]}" if kept else "until now"
        say(f"taken up again: what was checked {after} no longer counts", self._console)

    def _unchanged(self, step: int) -> Reading | None:
        """The check at a step, if it still is the one that was told."""
        reading, told = self._reading(step), self._seen[step]
        return reading if reading is not None and told in (None, reading.check.cost) else None

    def _loss(self, step: int) -> float | None:
        """The training loss last logged at a step or before it."""
        points = reversed(self._losses or ())
        return next((point.value for point in points if point.name == "loss" and point.step <= step), None)

    def _reading(self, step: int) -> Reading | None:
        """The check at a step; None where it has stopped counting by now."""
        try:
            return self._store.reading(self._id, step, likelihoods=False)
        except StoreError:
            if step in self._store.steps(self._id):
                raise
            return None


class _Silence:
    """Since when nothing came, and whether that is long for this run."""

    def __init__(self, patience: float) -> None:
        self.said = False
        self.at = ""
        """When something came last, by the clock on the wall; empty before anything did."""
        self._patience, self._since, self._gaps = patience, time.monotonic(), deque([0.0], 10)
        self._began = _clock()

    def __str__(self) -> str:
        return f"since {self.at or self._began}"

    def broken(self) -> None:
        """Something came."""
        now = time.monotonic()
        self._gaps.append(now - self._since)
        self.said, self.at, self._since = False, _clock(), now

    def long(self) -> bool:
        """Whether it is long; True once."""
        long = time.monotonic() - self._since > max(self._patience, 3 * max(self._gaps))
        told, self.said = self.said, self.said or long
        return long and not told


def _clock() -> str:
    return f"{datetime.now().astimezone():%H:%M:%S}"


def _reader_gone(file: IO[str]) -> bool:
    """Whether a pipe was closed at its other end, which would otherwise be noticed only when there is more to write."""
    try:
        if file.isatty() or not hasattr(select, "poll"):
            return False
        ends = select.poll()
        ends.register(file.fileno(), 0)
        return any(event & (select.POLLERR | select.POLLHUP) for _, event in ends.poll(0))
    except (OSError, ValueError):  # no file of the system's
        return False
