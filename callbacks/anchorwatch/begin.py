"""How a watch over a training begins: the probe, the factors and the trackers of the run, new or taken up again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.factors import factors
from anchorwatch.judge.run import judge_factors
from anchorwatch.metrics import Metric
from anchorwatch.probe import Probe
from anchorwatch.recorder import Recorder
from anchorwatch.records import RunInfo
from anchorwatch.store import Store
from anchorwatch.trackers import FanOut, Tracker, discover
from anchorwatch.trainer_state import run_in
from anchorwatch.watch import Watch, new_id

logger = logging.getLogger("anchorwatch")


def begin_watch(
    args: Any,
    state: Any,
    *,
    store: Store,
    others: Sequence[Tracker],
    mlflow_traces: bool,
    probe: Probe,
    model: Any,
    dataset: Any,
    anchor_set: AnchorSet,
    metrics: tuple[Metric, ...],
    planned: int,
    name: str,
) -> Watch:
    """A watch that goes on from an earlier part of a resumed run, if the store holds it, or else on a new run.

    Only the main process records, and tells the trackers: those that `args` report to (MLflow with traces if
    `mlflow_traces`), and `others`. `planned` is the number of checks after the baseline. The caller takes the baseline
    where the watch has none.

    Raises:
        AnchorSetError: the run was begun with other anchors.
    """
    resumed, main = run_in(state, anchor_set), state.is_world_process_zero
    found = factors(arguments=args, model=model, dataset=dataset, anchor_set=anchor_set, metrics=metrics)
    run = RunInfo(
        id=resumed or new_id(),
        name=name,
        anchor_set=anchor_set.name,
        anchor_set_version=anchor_set.version,
        anchor_set_digest=anchor_set.digest,
        factors=found | judge_factors(planned, metrics),
    )
    trackers = [*discover(args.report_to, mlflow_traces=mlflow_traces), *others] if main else []
    watch = Watch(run, anchor_set, metrics, probe, Recorder(store if main else None), FanOut(trackers))
    if resumed and watch.recall(store, state.global_step):
        watch.start_trackers()
        return watch
    if state.global_step > 0:
        watch.run = replace(run, id=new_id())
        logger.warning(
            "the store %s holds no baseline of this run: the model as it stands at step %d is taken for one",
            store.url,
            state.global_step,
        )
    watch.begin(state.global_step)
    return watch
