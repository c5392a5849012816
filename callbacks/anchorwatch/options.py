"""What may be set of a watch, with the defaults, and what is wrong with what was set."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from anchorwatch.anchors import AnchorSet, load
from anchorwatch.budget import Budget
from anchorwatch.choose import Classifier, choose_metrics
from anchorwatch.errors import ConfigurationError
from anchorwatch.keep_best import KeepBest
from anchorwatch.metrics import Metric, MetricFunction
from anchorwatch.metrics.contract import check_names
from anchorwatch.reaction import OnFlag, Reactions
from anchorwatch.schedule import Every, Schedule
from anchorwatch.store import check_url


@dataclass(eq=False)
class Options:
    """The arguments of `AnchorWatch`.

    Raises:
        AnchorWatchError: one of them is wrong.
    """

    anchors: AnchorSet | str | os.PathLike[str] | Iterable[Mapping[str, Any]]
    """The name of a set that ships, the path of one, rows of a `datasets.Dataset`, or an `AnchorSet`."""

    _: KW_ONLY

    every: Every = "auto"
    """A number of steps, a share of the run (0 < x < 1), "eval", "save", or "auto": about 20 checks over the run."""

    drift_every: int | float | None = None
    """A denser number of steps or share of the run for drift checks beside the full ones: one forward pass, and texts
    only of the answers that changed. None: no drift checks."""

    budget: float | None = 0.02
    """Share of the training time that the watch may take (0 < x ≤ 1); None: no limit. Checks that would exceed it are
    left out, but never the baseline, the last one, a cadence in steps, or those that decide the best model: with
    `keep_best` all full ones."""

    on_flag: OnFlag = "log"
    """What a new alarm does besides being told: nothing, "stop" the training at that step, or "save" a checkpoint. Or a
    function that is given every new flag, broken contracts and "watch" included, and returns one of these or None. It
    acts at checks alone: a line says so where the budget pays for none before the last."""

    keep_best: str | None = None
    """Keep the checkpoint of the last check at which this behaviour ("risk/contract_pass") was as good as ever."""

    metrics: Iterable[Metric | MetricFunction] = ()
    """Metrics of your own beside the built-in ones: functions (anchor, output, baseline output) -> score."""

    action: str | Classifier = "rules"
    """What decides an output's action: "rules", "hf:NAME" for a text-classification model, or a function like
    `metrics.action.classify`."""

    store: str | None = None
    """SQLAlchemy URL of the local store; None: `$ANCHORWATCH_STORE`, else sqlite:///anchorwatch.db."""

    report: str | os.PathLike[str] | None = "anchorwatch-reports"
    """A folder for the report, a page to open in a browser, which is written when the run ends. None: no report."""

    mlflow_traces: bool = False
    """Whether MLflow gets a nested run with a trace of every anchor for each check, to see any two of them in pairs."""

    name: str | None = None
    """The run's name; None: the trainer's `run_name`, else the name of its output folder."""

    batch_size: int = 16
    """Anchors asked at once; halved when memory runs out."""

    baseline_samples: int = 4
    """Sampled answers to every anchor at the baseline: the noise floor. With 0, small sets hardly ever ring."""

    tokenizer: Any = None
    """Needed only where the trainer has no `processing_class`."""

    verbose: bool = True
    """Whether to print a line for each check and a summary at the end."""

    def __post_init__(self) -> None:
        self._schedule = Schedule(self.every, self.drift_every)
        self._budget = None if self.budget is None else Budget(self.budget)
        for name, what, least in (("batch_size", "anchors", 1), ("baseline_samples", "answers", 0)):
            given = getattr(self, name)
            if isinstance(given, bool) or not isinstance(given, int) or given < least:
                raise ConfigurationError(f"{name} is a number of {what}, at least {least}; found {given!r}")
        check_url(self.store)
        self._anchor_set = load(self.anchors)
        self._metrics = choose_metrics(self.action, self.metrics)
        check_names(self._anchor_set, self._metrics)
        best = None if self.keep_best is None else KeepBest(self.keep_best, self._anchor_set, self._metrics)
        self._reactions = Reactions(self.on_flag, best)
