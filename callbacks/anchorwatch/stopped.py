"""A training that a flag stopped: how its run says so, and the flags of one that was cut off before they could act."""

from __future__ import annotations

from collections.abc import Sequence

from anchorwatch.judge.standing import Standing
from anchorwatch.records import Flag, Reading
from anchorwatch.store.runs import StoredRun

STOPPED_AT = "on_flag.stopped_at"
"""The factor of a run that a flag stopped: the step at which it ended."""


def stopped_by_flag(run: StoredRun) -> bool:
    """Whether a flag ended it. False where it was resumed since, and where it was loaded without its factors."""
    return run.final_step is not None and run.info.factors.get(STOPPED_AT) == run.final_step


def unanswered(run: StoredRun, readings: Sequence[Reading]) -> tuple[Flag, ...]:
    """The flags that rang at the last of a run's `readings`, if it was cut off and they may not have acted.

    Empty for a run that came to its end, stopped by a flag or not, also where it was resumed since.
    """
    if not readings or run.status == "finished" or run.info.factors.get(STOPPED_AT) == readings[-1].step:
        return ()
    standing = Standing()
    return [standing.news(reading.flags) for reading in readings][-1]
