"""How often the bell rings at noise, and what it hears: python scripts/bench_judge.py [--quick] [--jobs 1] [--half H].

Simulated runs (see `judge_simulation.py`) with 8 metrics (5 where lower is worse, 2 where higher is worse, 1 where
either is), 3 kinds of anchors, 4 sampled baselines and one greedy answer a check, judged by `anchorwatch.judge.trends`
with everything it corrects for: all metrics, kinds, churn, and all checks planned. Prints the tables of
docs/benchmarks.md.

--half   "reported" (the default), or "development": other seeds and other settings of every family. The constants of
         the judge were chosen on the development half; the reported half was kept aside.
--quick  a twentieth of the runs
--jobs   processes
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from judge_simulation import FAMILIES, METRICS, WORSE, Array, Fall, Half, Run, Setting, mean_fall, simulate
from scipy.special import stdtr

from anchorwatch.judge.intervals import wilson
from anchorwatch.judge.trends import ALARM, WATCH, Trends, trends

ANCHORS, CHECKS = (12, 24, 60), (5, 20, 100)
RUNS_SILENCE, RUNS_MORE, RUNS_HEARING = 1000, 1000, 400
PLANNED, STARTS, WITHIN, GRADUAL = 20, 5, 3, 5
LAWS = {"Beta(2, 2)": (2.0, 2.0), "Beta(.3, .3)": (0.3, 0.3)}
EVIDENCE: dict[str, dict[str, bool]] = {
    "texts": {},
    "and margins": {"margins": True},
    "and later samples": {"later_samples": True},
}
REFERENCE = {(30, 12): "0%", (30, 30): "34%", (30, 60): "95%", (50, 12): "28%", (50, 30): "99%", (50, 60): "100%"}


class Silence(NamedTuple):
    """Quiet runs of one family and size."""

    half: Half
    family: str
    anchors: int
    checks: int
    runs: int
    evidence: str = "texts"


class Hearing(NamedTuple):
    """Runs in which something changes."""

    half: Half
    law: str
    anchors: int
    fall: Fall
    runs: int
    evidence: str = "texts"
    stays: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--half", choices=["development", "reported"], default="reported")
    arguments = parser.parse_args()
    part = 20 if arguments.quick else 1
    if arguments.jobs > 1:
        with ProcessPoolExecutor(arguments.jobs) as pool:
            report(arguments.half, part, pool.map)
    else:
        report(arguments.half, part, map)


def report(half: Half, part: int, each: Callable[..., Iterable[Array]]) -> None:
    print("### Silence: share of runs with any alarm when nothing has changed\n")
    silence_table(half, RUNS_SILENCE // part, each)
    print("\n### Silence with more evidence, 20 checks\n")
    more_table(half, RUNS_MORE // part, each)
    print("\n### Hearing: share of falls heard within 3 checks of full size\n")
    hearing_table(half, RUNS_HEARING // part, each, churn=False)
    print("\n### Hearing churn: half of the anchors better, half worse\n")
    hearing_table(half, RUNS_HEARING // part, each, churn=True)


def silence_table(half: Half, runs: int, each: Callable[..., Iterable[Array]]) -> None:
    cells = [Silence(half, family, n, checks, runs) for family in FAMILIES for n in ANCHORS for checks in CHECKS]
    found = iter(each(quiet_runs, cells))  # in the order of the rows, which are printed as they come
    heads = [f"{checks} checks" for checks in CHECKS]
    row("family", "anchors", *heads, "watch", "p < .05", "10 points")
    row(*["---"] * (5 + len(heads)))
    for family in FAMILIES:
        every = []
        for n in ANCHORS:
            here = list(islice(found, len(CHECKS)))
            rest = [" / ".join(f"{100 * part[:, column].mean():.0f}" for part in here) + "%" for column in (1, 2, 3)]
            row(family, n, *(rate(part[:, 0]) for part in here), *rest)
            every += here
        alarm, *others = np.concatenate(every).T
        row(f"**{family}**", "all", rate(alarm), *[""] * (len(heads) - 1), *(percent(hits) for hits in others))


def more_table(half: Half, runs: int, each: Callable[..., Iterable[Array]]) -> None:
    kinds = [name for name in EVIDENCE if name != "texts"]
    cells = [Silence(half, family, n, PLANNED, runs, kind) for family in FAMILIES for n in (12, 60) for kind in kinds]
    found = iter(each(quiet_runs, cells))
    row("family", "anchors", *(f"texts {kind}" for kind in kinds))
    row(*["---"] * (2 + len(kinds)))
    for family in FAMILIES:
        for n in (12, 60):
            row(family, n, *(rate(part[:, 0]) for part in islice(found, len(kinds))))


def hearing_table(half: Half, runs: int, each: Callable[..., Iterable[Array]], *, churn: bool) -> None:
    ways: dict[str, tuple[int, str, float]] = {
        "sudden": (1, "texts", 0.0),
        "gradual": (GRADUAL, "texts", 0.0),
        "jitter persists": (1, "texts", 0.8),
        "with margins": (1, "and margins", 0.0),
        "with later samples": (1, "and later samples", 0.0),
    }
    if churn:
        del ways["with margins"]
    rows = [(law, points, n) for law in LAWS for points in (20, 30, 50) for n in (12, 30, 60)]
    cells = [
        Hearing(half, law, n, Fall(points / 100, STARTS, takes, churn), runs, evidence, stays)
        for law, points, n in rows
        for takes, evidence, stays in ways.values()
    ]
    found = iter(each(loud_runs, cells))
    row("propensities", "points (mean)", "anchors", *ways, *([] if churn else ["reference"]))
    row(*["---"] * (3 + len(ways) + (not churn)))
    for law, points, n in rows:
        size = f"{points} ({100 * mean_fall(LAWS[law], points / 100):.0f})"
        known = [REFERENCE.get((points, n), "") if law == "Beta(2, 2)" else ""]
        row(law, size, n, *(heard(part) for part in islice(found, len(ways))), *([] if churn else known))


def quiet_runs(cell: Silence) -> Array:
    """Runs × (alarm, watch, naive test, fixed threshold)."""
    settings = FAMILIES[cell.family][cell.half]
    found = []
    for number, rng in enumerate(_rngs(cell, cell.runs)):
        setting = settings[number % len(settings)]
        run = simulate(rng, setting, cell.anchors, cell.checks, **EVIDENCE[cell.evidence])
        judged = judge(run, cell.checks)
        rings = min(p.min() for p in judged.ringing) <= ALARM
        found.append((rings, min(judged.p.min(), judged.churn_p.min()) <= WATCH, naive(run), ten_points(run)))
    return np.array(found, dtype=np.float64)


def loud_runs(cell: Hearing) -> Array:
    """Runs: checks from the start of the change to the first alarm about it, 0 for at once; nan where not heard."""
    setting = Setting((LAWS[cell.law],), stays=cell.stays)
    last = cell.fall.full + WITHIN - 1
    delays = []
    for rng in _rngs(cell, cell.runs):
        run = simulate(rng, setting, cell.anchors, last, fall=cell.fall, **EVIDENCE[cell.evidence])
        judged = judge(run, PLANNED)
        changed = [0, *range(METRICS, run.scores.shape[2])]
        trend, churn = judged.ringing
        p = churn[:, 0] if cell.fall.churn else trend[:, changed].min(axis=(1, 2))
        alarms = np.flatnonzero(p[cell.fall.starts :] <= ALARM)
        delays.append(alarms[0] if len(alarms) else np.nan)
    return np.array(delays, dtype=np.float64)


def judge(run: Run, planned: int) -> Trends:
    margins = run.scores.shape[2] - METRICS
    return trends(
        run.scores,
        worse=[*WORSE, *["down"] * margins],
        yes_no=[True] * METRICS + [False] * margins,
        planned=planned,
        samples=run.samples,
        groups=run.groups,
    )


def naive(run: Run) -> bool:
    """A paired t-test against the mean of the sampled baselines at .05, at every check and metric."""
    difference = run.scores[:, 1:, :METRICS] - run.samples[:, :1, :METRICS].mean(axis=3)
    n = len(difference)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = difference.mean(axis=0) / difference.std(axis=0, ddof=1) * np.sqrt(n)
    down, up = stdtr(n - 1, t), stdtr(n - 1, -t)
    p = [_worse(side, down[:, metric], up[:, metric]) for metric, side in enumerate(WORSE)]
    return bool(np.nanmin(np.array(p)) < 0.05)


def ten_points(run: Run) -> bool:
    """A change of ten points of the greedy answers for the worse, at any check and metric."""
    change = (run.scores[:, 1:, :METRICS] - run.scores[:, :1, :METRICS]).mean(axis=0)
    return any(
        np.max(-moved if side == "down" else moved if side == "up" else np.abs(moved)) >= 0.1 - 1e-9
        for moved, side in zip(change.T, WORSE, strict=True)
    )


def _worse(side: str | None, down: Array, up: Array) -> Array:
    return down if side == "down" else up if side == "up" else np.minimum(1, 2 * np.minimum(down, up))


def _rngs(cell: Silence | Hearing, runs: int) -> Iterable[np.random.Generator]:
    """One generator a run, from the cell alone."""
    name = list(" ".join(map(str, cell[:4])).encode())
    return (np.random.default_rng([*name, number]) for number in range(runs))


def rate(hits: Array) -> str:
    low, high = wilson(int(hits.sum()), len(hits))
    return f"{100 * hits.mean():.1f}% ({100 * low:.1f}–{100 * high:.1f})"


def percent(hits: Array) -> str:
    return f"{100 * hits.mean():.0f}%"


def heard(delays: Array) -> str:
    share = f"{100 * np.mean(~np.isnan(delays)):.0f}%"
    return share if np.isnan(delays).all() else f"{share}, {np.nanmedian(delays):.0f}"


def row(*cells: object) -> None:
    print("|", " | ".join(map(str, cells)), "|", flush=True)


if __name__ == "__main__":
    main()
