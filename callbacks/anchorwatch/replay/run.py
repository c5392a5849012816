"""The replay itself: ask, measure, judge and record one check after the other, and go on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Protocol

from tqdm.auto import tqdm

from anchorwatch.anchors import AnchorSet
from anchorwatch.asks import Asks
from anchorwatch.errors import AnchorWatchError, ConfigurationError, StoreError
from anchorwatch.judge.run import judge_factors
from anchorwatch.metrics import METRICS, Metric
from anchorwatch.recorder import Recorder
from anchorwatch.records import RunInfo, Trigger
from anchorwatch.replay.plan import Target
from anchorwatch.report.live import Live
from anchorwatch.store import Store, StoredRun
from anchorwatch.text import visible
from anchorwatch.trackers import FanOut
from anchorwatch.watch import Watch


class Asker(Asks, Protocol):
    """Who asks what a source has opened."""

    advance: Callable[[int], object]
    """Told of every so many anchors that were asked."""


class Source(Protocol):
    """What is replayed: saved checkpoints, or the models of a server."""

    targets: Sequence[Target[Any]]
    """The checks to make by step, the baseline first; at least one."""
    baseline_samples: int
    log_rows: list[dict[str, Any]]
    """What a trainer logged, as in its log_history."""
    notes: tuple[str, ...]
    """What was decided and should be known, a sentence each."""
    name: str
    """For the run."""
    where: str
    """Where they lie, without what may be secret in an address."""
    begins_anew_after: str
    """What makes the same command a new replay that takes nothing over; empty where nothing does."""

    @property
    def asker(self) -> Asker:
        """Who asks them."""

    @property
    def identity(self) -> Any:
        """JSON that is the same for the same models."""

    def opened(self, target: Target[Any]) -> AbstractContextManager[Any]:
        """What the asker asks; only inside."""

    def factors(self, opened: Any, metrics: tuple[Metric, ...]) -> dict[str, Any]:
        """What is known of the training; `opened` is the first target's."""


@dataclass(frozen=True)
class Replayed:
    """What a replay left."""

    run: RunInfo
    watch: Watch | None
    """None where all of it had been recorded before."""


def replay(
    source: Source,
    anchor_set: AnchorSet,
    *,
    store: str | None,
    name: str | None,
    again: bool,
    say: Callable[[str], None],
) -> Replayed:
    """Ask every target of `source` and record it as a run; go on with a run of the same that did not come to its end.

    The run's id follows from the anchors, the targets and the versions of the metrics. `again` begins another one
    where there is a finished one. `say` is told what a person should know, a sentence at a time.

    Raises:
        AnchorWatchError: a model cannot be opened or asked, or the store cannot be written; what was recorded is kept.
    """
    metrics = tuple(METRICS.values())
    opened = Store(store)
    run_id, stored = _run_of(source, anchor_set, metrics, opened, again=again)
    if stored is not None and stored.status == "finished":
        opened.close()
        return Replayed(stored.info, None)
    for note in source.notes:
        say(note)
    replaying = _Replaying(source, anchor_set, metrics, opened, name, run_id, stored)
    try:
        replaying.go_on(say)
    except BaseException as error:
        asked = replaying.abandon()
        if not isinstance(error, Exception):
            if asked:
                say(f"stopped: {asked}")
            raise
        kind = type(error) if isinstance(error, AnchorWatchError) else ConfigurationError
        what = str(error) if isinstance(error, AnchorWatchError) else f"{type(error).__name__}: {error}"
        raise kind(f"{what}{'; ' if asked else ''}{asked}") from error
    return Replayed(replaying.watch.run, replaying.watch)


class _Replaying:
    """One replay under way."""

    def __init__(
        self,
        source: Source,
        anchor_set: AnchorSet,
        metrics: tuple[Metric, ...],
        store: Store,
        name: str | None,
        run_id: str,
        stored: StoredRun | None,
    ) -> None:
        self._source, self._anchor_set, self._store, self._stored = source, anchor_set, store, stored
        self._begun = False
        self._planned = max(1, len(source.targets) - 1)
        info = RunInfo(
            id=run_id,
            name=name or source.name,
            anchor_set=anchor_set.name,
            anchor_set_version=anchor_set.version,
            anchor_set_digest=anchor_set.digest,
            factors={**judge_factors(self._planned, metrics), "checks.replayed": source.where},
        )
        self.watch = Watch(info, anchor_set, metrics, source.asker, _AtOnce(store), FanOut())

    def go_on(self, say: Callable[[str], None]) -> None:
        """Make the checks that are not recorded yet, and close the run."""
        watch, targets = self.watch, self._source.targets
        live = Live(enabled=True)
        if self._stored is not None and self._stored.last_step is not None:
            watch.recall(self._store, self._stored.last_step)
            self._begun = True
            self._log_losses(after=self._stored.last_step)
        done = sum(watch.last is not None and target.step <= watch.last.step for target in targets)
        if done:
            say(f"goes on with run {watch.run.id}: {done} of {len(targets)} checks are recorded")
        size = len(self._anchor_set)
        with tqdm(total=len(targets) * size, initial=done * size, unit="anchor", desc="replay", disable=None) as bar:
            self._source.asker.advance = bar.update
            for target in targets[done:]:
                bar.set_postfix_str(visible(target.name))
                self._check(target, live)
        watch.finish("finished", targets[-1].step, None)

    def _check(self, target: Target[Any], live: Live) -> None:
        """Nothing of the model is left when it returns: the next one needs its place."""
        with self._source.opened(target) as opened:
            if self.watch.baseline is None:
                self._begin(target, opened)
                live.begin(self.watch, planned=self._planned, samples=self._source.baseline_samples)
            trigger: Trigger = "save" if self.watch.baseline else "baseline"
            self.watch.check(opened, target.step, trigger, target.epoch, None)
        live.check(self.watch)

    def _begin(self, target: Target[Any], opened: Any) -> None:
        watch = self.watch
        if self._stored is not None:  # stopped before its baseline was recorded
            watch.begin_attempt(target.step)
        else:
            known = self._source.factors(opened, watch.metrics)
            watch.run = replace(watch.run, factors={**known, **watch.run.factors})
            watch.begin(target.step)
        self._begun = True
        self._log_losses(after=-1)

    def _log_losses(self, after: int) -> None:
        for row in self._source.log_rows:
            if row["step"] > after:
                self.watch.log(row, step=row["step"], epoch=row.get("epoch"))

    def abandon(self) -> str:
        """Close the run as failed; says what is recorded and how to go on, empty where nothing is."""
        last = self.watch.last
        with suppress(StoreError):  # the fault that is being told already
            if self._begun:
                self.watch.finish("failed", last.step if last else self._source.targets[0].step, None)
        self._store.close()
        if last is None:
            return ""
        done = sum(target.step <= last.step for target in self._source.targets)
        anew = self._source.begins_anew_after
        return (
            f"{done} of {len(self._source.targets)} checks are recorded, and the same command goes on from there"
            f"{f'; after {anew}, it begins anew' if anew else ''}"
        )


class _AtOnce(Recorder):
    """Writes or raises StoreError: nothing is asked that cannot be recorded."""

    def write(self, operation: Callable[[Store], object], *, last: bool = False) -> None:
        """Run `operation` on the store."""
        if self._store is not None:
            operation(self._store)


def _run_of(
    source: Source, anchor_set: AnchorSet, metrics: Sequence[Metric], store: Store, *, again: bool
) -> tuple[str, StoredRun | None]:
    """The id of the run to record, and the run as far as it is recorded: the first one that did not come to its end.

    Where all did, the last of them, or with `again` a new one.
    """
    versions = {metric.name: metric.version for metric in metrics}
    same = [anchor_set.digest, source.identity, source.baseline_samples, versions]
    found: tuple[str, StoredRun | None] | None = None
    for number in count():
        run_id = hashlib.sha256(json.dumps([same, number], sort_keys=True).encode()).hexdigest()[:12]
        stored = _stored(store, run_id)
        if stored is None:
            return (run_id, None) if found is None or again else found
        found = run_id, stored
        if stored.status != "finished":
            return found
    raise AssertionError("counting has no end")


def _stored(store: Store, run_id: str) -> StoredRun | None:
    try:
        found = store.run(run_id)
    except StoreError:
        return None
    return found if found.info.id == run_id else None
