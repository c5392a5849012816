"""Trainings whose behaviours are given: metrics of one's own that know the step, and what the store has of them."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback

from anchorwatch.anchors import AnchorSet, load
from anchorwatch.judge.run import judge_run
from anchorwatch.metrics import Metric
from anchorwatch.records import Flag, Reading, RunInfo
from anchorwatch.store import Store

MANY: AnchorSet = load(
    [{"id": f"a{n}", "kind": "boundary", "prompt": f"order {n}", "max_new_tokens": 4} for n in range(24)]
)


class Clock(TrainerCallback):
    """Knows the step at which a metric is asked."""

    step = 0

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.step = state.global_step + 1


def vanishing(clock: Clock, at: int) -> Metric:
    """A yes/no metric of one's own that all anchors pass before step `at`, and none from there on."""
    return Metric("kept", lambda anchor, output, baseline: clock.step < at, higher_is_better=True)


def course(clock: Clock, values: dict[int, float]) -> Metric:
    """A number that is the same for all anchors and given by step."""
    return Metric("course", lambda anchor, output, baseline: values[clock.step], higher_is_better=True)


def recorded() -> tuple[RunInfo, list[Reading], dict[int, tuple[Flag, ...]]]:
    """The run, its checks, and its flags judged again from the store."""
    with Store() as store:
        run = store.run("latest").info
        readings = store.readings(run.id)
        again = judge_run(store.anchor_set(run.id).anchors, readings, store.losses(run.id), run.factors)
    return run, readings, again


def rules(reading: Reading) -> set[tuple[str, str, str]]:
    return {(flag.rule, flag.level, flag.metric) for flag in reading.flags}
