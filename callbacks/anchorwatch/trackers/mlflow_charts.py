"""What the view "behaviour vs loss" draws: charts over steps and over the loss, in the form of MLflow's own page.

The form is internal to the page (`RunsChartsLineCardConfig`, `ChartSectionConfig` in mlflow/server/js); it was tried
with the versions in `mlflow_view`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from anchorwatch.anchors import KINDS
from anchorwatch.judge.behaviours import Behaviour
from anchorwatch.trackers.tables import PREFIX, scalar_name

_BY_KIND = ("contract_pass", "declines", "logprob_lost", "changed")
"""What is drawn for each kind of anchors: what must hold, what they are there for, and how far the model moved."""
_PAGE: dict[str, Any] = {
    "searchFilter": "",
    "orderByKey": "attributes.start_time",
    "orderByAsc": False,
    "startTime": "ALL",
    "lifecycleFilter": "Active",
    "datasetsFilter": [],
    "modelVersionFilter": "All Runs",
    "selectedColumns": [],
    "runsExpanded": {},
    "runsPinned": [],
    "runsHidden": [],
    "runsVisibilityMap": {},
    "runsHiddenMode": "FIRST_10_RUNS",
    "viewMaximized": False,
    "runListHidden": False,
    "groupBy": None,
    "groupsExpanded": {},
    "useGroupedValuesInCharts": True,
    "hideEmptyCharts": True,
    "autoRefreshEnabled": True,
    "globalLineChartConfig": {"xAxisKey": "step", "lineSmoothness": 0, "selectedXAxisMetricKey": ""},
}
"""What the page has when nothing is chosen: before 3.15 it fills in nothing that is missing."""
_LOSSES = 4
"""Loss curves drawn of one run, at most."""


def is_loss(name: str) -> bool:
    """Whether a metric of an MLflow run is a point of a loss curve: "loss", "eval_loss", "eval_faq_loss"."""
    return (name == "loss" or name.endswith("_loss")) and name != "train_loss" and not name.startswith(PREFIX)


def in_order(names: Iterable[str]) -> list[str]:
    """The losses among `names`: the training loss first, then that of the evaluation, then others by name."""
    return sorted(filter(is_loss, names), key=lambda name: (name != "loss", name != "eval_loss", name))


def page_state(names: Collection[str], behaviours: Sequence[Behaviour], over: str | None) -> dict[str, Any]:
    """The state of the page: sections and charts of those of `names`, the metrics of the runs, that there are.

    `behaviours` are those judged. `over` is the loss to draw behaviours over; None for none.
    """
    sections: list[dict[str, Any]] = []
    charts: list[dict[str, Any]] = []

    def add(section: str, *drawn: Iterable[str], columns: int = 2, over: str | None = None) -> None:
        key = f"anchorwatch-{len(sections)}"
        found = [[name for name in wanted if name in names] for wanted in drawn]
        cards = [_line(f"{key}-{at}", key, lines, over) for at, lines in enumerate(found) if lines]
        if cards:
            sections.append(_section(key, section, columns=columns))
            charts.extend(cards)

    declines = [scalar_name(group, "declines") for group in ("risk", "core")]
    flags = [scalar_name("all", name) for name in ("flags", "alarms")]
    by_kind = [[scalar_name(group, metric) for group in ("all", *KINDS)] for metric in _BY_KIND]
    add("behaviour vs loss", [*in_order(names)[:_LOSSES], scalar_name("all", "contract_pass")], declines)
    add("contracts broken and flags", [scalar_name("all", "contracts_broken")], flags)
    if over is not None:
        add(f"behaviour over {over}", *by_kind, over=over)
    add("behaviour by kind", *by_kind)
    for better, worse in (("higher", "down"), ("lower", "up")):
        others = [
            [scalar_name("all", each.metric)]
            for each in behaviours
            if each.worse == worse and each.kind is None and each.metric not in _BY_KIND
        ]
        add(f"other behaviours: {better} is better", *others, columns=3)
    # The page adds a chart for each other metric, in sections by name: they stand below ours, folded.
    theirs = sorted({name.rpartition("/")[0] for name in names if name.startswith(PREFIX)})
    below = ["Model metrics", "System metrics", *theirs]
    sections += [_section(f"anchorwatch-{name}", name, display=False) for name in below]
    # Sections that were not reordered the page would sort by name.
    return _PAGE | {"compareRunCharts": charts, "compareRunSections": sections, "isAccordionReordered": True}


def _section(key: str, name: str, *, display: bool = True, **layout: int) -> dict[str, Any]:
    made = {"isReordered": False, "deleted": False, "isGenerated": False}
    return {"uuid": key, "name": name, "display": display, **made, **layout}


def _line(key: str, section: str, metrics: Sequence[str], over: str | None) -> dict[str, Any]:
    """A line chart over steps, or over a metric. The page makes its title of the names of `metrics`."""
    return {
        "type": "LINE",
        "uuid": key,
        "metricSectionId": section,
        "metricKey": metrics[0],
        "selectedMetricKeys": list(metrics),
        "xAxisKey": "step" if over is None else "metric",
        "selectedXAxisMetricKey": over or "",
        "useGlobalXaxisKey": False,
        "yAxisKey": "metric",
        "yAxisExpressions": [],
        "scaleType": "linear",
        "xAxisScaleType": "linear",
        "lineSmoothness": 0,
        "useGlobalLineSmoothing": False,
        "ignoreOutliers": False,
        "range": {},
        "runsCountToCompare": 10,
        "deleted": False,
        "isGenerated": False,
    }
