"""One watched run: check, measure, judge, record, tell."""

from __future__ import annotations

import logging
import os
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from anchorwatch.anchors import AnchorSet
from anchorwatch.asks import Asks
from anchorwatch.errors import AnchorSetError, StoreError
from anchorwatch.judge.run import RunJudge, judge_factors, planned_in
from anchorwatch.keep_best import Recalled
from anchorwatch.metrics import Metric, measure
from anchorwatch.recorder import Recorder
from anchorwatch.records import Flag, LossPoint, Output, Reading, RunInfo, Trigger
from anchorwatch.stopped import unanswered
from anchorwatch.store import Store
from anchorwatch.trackers import FanOut

logger = logging.getLogger("anchorwatch")

Tier = Literal["full", "drift"]
"""What a check asks for: everything, or how far the model drifted."""


@dataclass
class Watch:
    """The watch over one training run, from its baseline to its last check."""

    run: RunInfo
    anchor_set: AnchorSet
    metrics: tuple[Metric, ...]
    probe: Asks
    recorder: Recorder
    trackers: FanOut
    baseline: Reading | None = None
    """The check of the model as it stood when the run began."""
    last: Reading | None = None
    losses: list[LossPoint] = field(default_factory=list[LossPoint])
    """Every loss logged since this process began to watch."""
    flags: list[Flag] = field(default_factory=list[Flag])
    """Of every check, in step order."""
    recalled: Recalled = ()
    unanswered: tuple[Flag, ...] = ()
    """Those that rang at the last check of a run that was cut off there and goes on now."""
    links: dict[str, str] = field(default_factory=dict[str, str])
    report: Path | None = None
    """Where the report was written when the run was closed."""
    seconds: float = 0.0
    """Spent by this process on the watch: on its start and on its checks, failed ones included."""
    checks: int = 0
    failed_checks: int = 0
    tried: tuple[int, Trigger] | None = None
    """The last check tried, whether or not it succeeded: its step and its trigger."""
    _earlier: Reading | None = None
    """The one before `last`, at an earlier step."""
    _costs: dict[Tier, float] = field(default_factory=dict[Tier, float])
    """Seconds that the last check of each tier took."""
    _judge: RunJudge = field(init=False)
    _unsent_losses: list[LossPoint] = field(default_factory=list[LossPoint])
    _losses_sent_at: float = 0.0
    _warned: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self._judge = RunJudge(self.anchor_set.anchors, self.run.factors)

    def begin(self, start_step: int) -> None:
        """Record that the run begins, and tell the trackers."""
        self.recorder.write(lambda store: store.begin_run(self.run, self.anchor_set))
        self.begin_attempt(start_step)
        self.start_trackers()

    def start_trackers(self) -> None:
        """Tell the trackers whose run this is, and keep where each of them keeps it."""
        self._keep_links(self.trackers.start(self.run, self.anchor_set, self.last.flags if self.last else ()))

    def begin_attempt(self, start_step: int) -> None:
        """Record that training starts again at `start_step`; what was seen after it no longer counts."""
        self.recorder.write(lambda store: store.begin_attempt(self.run.id, start_step))
        self._judge.forget_after(start_step)
        self.losses = [point for point in self.losses if point.step <= start_step]
        self._unsent_losses = [point for point in self._unsent_losses if point.step <= start_step]
        self.flags = [flag for flag in self.flags if flag.step <= start_step]
        if self.last is not None and self.last.step > start_step:
            self.last = self.baseline
        self.tried = None

    def recall(self, store: Store, start_step: int) -> bool:
        """Take up an earlier part of this run from the store. False if the store does not hold its baseline.

        From a checkpoint of a run that went on to its end it is another run, which begins with what that one saw.

        Raises:
            AnchorSetError: the run was begun with other anchors.
        """
        try:
            stored = store.run(self.run.id)
            readings = [reading for reading in store.readings(stored.info.id) if reading.step <= start_step]
            losses = [point for point in store.losses(stored.info.id) if point.step <= start_step]
        except StoreError:
            return False
        if stored.info.anchor_set_digest != self.run.anchor_set_digest:
            raise AnchorSetError(
                f"run {self.run.id} was begun with anchor set {stored.info.anchor_set!r} of digest "
                f"{stored.info.anchor_set_digest}, found {self.run.anchor_set!r} of digest "
                f"{self.run.anchor_set_digest}: resume with the same set, or start a new run"
            )
        if not readings or readings[0].check.trigger != "baseline":
            return False
        planned = judge_factors(max(planned_in(stored.info.factors), planned_in(self.run.factors)), self.metrics)
        if stored.status == "finished" and start_step < (stored.final_step or 0):
            self._branch(planned, readings, losses, start_step)
        else:
            self._go_on(stored.info, planned, start_step)
        self.baseline, self.last = readings[0], readings[-1]
        self._costs = {_tier(reading.check.trigger): reading.check.cost.seconds for reading in readings}
        self._judge = RunJudge(self.anchor_set.anchors, self.run.factors)
        for reading in readings:
            self._judge.add(reading)
        self.losses = losses
        self.flags = [flag for reading in readings for flag in reading.flags]
        self.recalled = [(each.step, each.aggregates) for each in readings[1:] if each.check.trigger != "drift"]
        self.unanswered = unanswered(stored, readings)
        return True

    def _go_on(self, run: RunInfo, planned: Mapping[str, Any], start_step: int) -> None:
        """With a run as it was begun, and recorded what must be judged otherwise now that it is `planned` anew."""
        self.run = run
        self.add_factors({name: value for name, value in planned.items() if run.factors.get(name) != value})
        self.begin_attempt(start_step)

    def add_factors(self, values: Mapping[str, Any]) -> None:
        """Record what is known of the run since it began; a known factor is replaced."""
        self.run = replace(self.run, factors={**self.run.factors, **values})
        self.recorder.write(lambda store: store.add_factors(self.run.id, values))

    def _branch(
        self, planned: Mapping[str, Any], readings: Sequence[Reading], losses: Sequence[LossPoint], start_step: int
    ) -> None:
        """With another run that holds a copy of what the first one recorded until then."""
        branch = {"branched_from": f"{self.run.id} at step {start_step}"}
        self.run = replace(self.run, id=new_id(), factors={**self.run.factors, **planned, **branch})
        self.recorder.write(lambda store: store.begin_run(self.run, self.anchor_set))
        self.begin_attempt(start_step)
        for reading in readings:
            self.recorder.write(partial(Store.add_reading, run_id=self.run.id, reading=reading))
        self.recorder.write(lambda store: store.add_losses(self.run.id, losses))

    def has(self, step: int, trigger: Trigger) -> bool:
        """Whether `step` has had its check, be it one that failed; a drift check gives way to any other."""
        had = [self.tried, (self.last.step, self.last.check.trigger) if self.last else None]
        return any(each and each[0] == step and (each[1] != "drift" or trigger == "drift") for each in had)

    def cost(self, tier: Tier) -> float:
        """Seconds that the next check of `tier` is expected to take: as many as its last, or else as the baseline."""
        return self._costs.get(tier, self._costs["full"])

    def check(self, model: Any, step: int, trigger: Trigger, epoch: float | None, optimizer: Any) -> Reading:
        """Ask, measure, judge, record and tell, in this order; the store has it before any tracker."""
        self.probe.wait()
        started = time.perf_counter()
        self.tried = step, trigger
        try:
            reading = self._checked(model, step, trigger, epoch, optimizer)
            floor = self.probe.floor_seconds if trigger == "baseline" else 0.0
            self._costs[_tier(trigger)] = time.perf_counter() - started - floor
            return reading
        finally:
            self.seconds += time.perf_counter() - started

    def try_check(self, model: Any, step: int, trigger: Trigger, epoch: float | None, optimizer: Any) -> Reading | None:
        """`check`, if the step has had none; None where it has, or where the check failed, which costs one warning."""
        if self.has(step, trigger):
            return None
        try:
            return self.check(model, step, trigger, epoch, optimizer)
        except Exception as error:
            self.failed_checks += 1
            self.warn_once("check", "the check at step %d failed (%s: %s)", step, type(error).__name__, error)
            return None

    def _checked(self, model: Any, step: int, trigger: Trigger, epoch: float | None, optimizer: Any) -> Reading:
        started = time.perf_counter()
        if self.last is not None and self.last.step < step:
            self._earlier = self.last
        check = self.probe.check(
            model,
            step=step,
            trigger=trigger,
            baseline=self.baseline.check if self.baseline else None,
            previous=self.last.check if self.last else None,
            epoch=epoch,
            optimizer=optimizer,
        )
        scores, contracts, aggregates = measure(
            self.anchor_set.anchors,
            check.outputs,
            _outputs(self.baseline),
            _outputs(self._earlier),
            self.metrics,
            self._metric_failed,
        )
        # Metrics can take longer than the probe, a classifier does.
        check = replace(check, cost=replace(check.cost, seconds=time.perf_counter() - started))
        reading = Reading(check, scores, contracts, aggregates)
        reading = self.last = replace(reading, flags=self._judged(reading))
        self.flags = [flag for flag in self.flags if flag.step != reading.step] + list(reading.flags)
        if self.baseline is None:
            self.baseline = reading
        self.checks += 1
        self._send_losses()
        self.recorder.write(lambda store: store.add_reading(self.run.id, reading))
        self.trackers.record(reading, None if reading is self.baseline else self.baseline)
        self._show_beside(self.losses[-20:])
        return reading

    def _judged(self, reading: Reading) -> tuple[Flag, ...]:
        """The flags of a check just made; a judge that fails costs them, not the check."""
        try:
            self._judge.add(reading)
            return self._judge.flags(self.losses)
        except Exception as error:
            self.warn_once("judge", "no flags from now on (%s: %s)", type(error).__name__, error)
            return ()

    def log(self, logs: Mapping[str, Any], *, step: int, epoch: float | None) -> None:
        """Keep the losses among what was logged; they reach the store with the next check, or after five seconds.

        "train_loss", the mean over the run, is no point of a curve.
        """
        points = [
            LossPoint(step, name, float(value), epoch)
            for name, value in logs.items()
            if (name == "loss" or name.endswith("_loss")) and name != "train_loss" and isinstance(value, int | float)
        ]
        self.losses += points
        self._unsent_losses += points
        self._show_beside(points)
        if time.monotonic() - self._losses_sent_at > 5:
            self._send_losses()

    def _show_beside(self, points: Sequence[LossPoint]) -> None:
        """Tell the trackers which evaluation losses are of the step last checked, logged before the check or after."""
        last = self.last
        if last and (losses := {p.name: p.value for p in points if p.step == last.step and p.name != "loss"}):
            self.trackers.beside_losses(last, losses)

    def finish(self, status: Literal["finished", "failed"], step: int, reports: str | os.PathLike[str] | None) -> None:
        """Close the run in the store, write its report to the folder `reports` (None: nowhere), tell the trackers."""
        self._send_losses()
        self.recorder.write(lambda store: store.finish_run(self.run.id, status, step), last=True)
        if self.recorder.waiting:
            logger.warning("the store did not take %d writes of run %s", self.recorder.waiting, self.run.id)
        elif reports is not None and self.baseline is not None:
            self.report = self.recorder.report(self.run, Path(reports))
        if status == "finished" and self.baseline is not None and self.last is not None:
            self._keep_links(self.trackers.finish(self.last, self.baseline, self.report))
        self.recorder.close()

    def warn_once(self, key: str, message: str, *arguments: object) -> None:
        """A warning the first time it is given for `key`."""
        if key not in self._warned:
            self._warned.add(key)
            logger.warning(message, *arguments)

    def _keep_links(self, links: Mapping[str, str]) -> None:
        self.links.update(links)
        kept = dict(self.links)
        self.recorder.write(lambda store: store.add_links(self.run.id, kept))

    def _send_losses(self) -> None:
        if points := tuple(self._unsent_losses):
            self._unsent_losses.clear()
            self.recorder.write(lambda store: store.add_losses(self.run.id, points))
        self._losses_sent_at = time.monotonic()

    def _metric_failed(self, name: str, error: Exception) -> None:
        message = "the metric %r failed with %s: %s; its score is missing for the anchors concerned"
        self.warn_once(f"metric {name}", message, name, type(error).__name__, error)


def new_id() -> str:
    """For a run."""
    return uuid.uuid4().hex[:12]


def _tier(trigger: Trigger) -> Tier:
    return "drift" if trigger == "drift" else "full"


def _outputs(reading: Reading | None) -> dict[str, Output] | None:
    return None if reading is None else {output.anchor_id: output for output in reading.check.outputs}
