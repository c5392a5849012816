"""How often a quiet run raises any flag: python scripts/bench_rules.py [--runs 300] [--seed 0] [--markdown].

`bench_judge.py` measures the trends; this one all rules together (`anchorwatch.judge.rules.RULES`: trends, what breaks
at once, the early warning, reverse; not broken contracts, which are facts), over whole runs in which nothing changes.
Prints the table of docs/benchmarks.md: the share of runs with any alarm, and with any flag at all (a watch or an
alarm), with 95% intervals, and with a flag of each rule.

A run has 12 risk and 12 core anchors, 20 checks and a loss that falls. Each anchor has for each metric a propensity to
be bad; greedy answers, and 4 sampled ones at the baseline, are drawn from it, metrics independent of each other. rep_4
is a number, above .5 as often as its propensity says; where all metrics have a sampled floor, it is that yes or no.
`preference` and `sample_agreement` are not measured. The probability that old answers lose grows, skewed, by one law
for refusals and others; those to 10 risk anchors count as refusals all along, so that the early warning may speak.

--runs      of each line
--markdown  the table as Markdown
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from dataclasses import replace
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from bench_action import table

from anchorwatch.anchors import load
from anchorwatch.judge.behaviours import behaviours
from anchorwatch.judge.intervals import wilson
from anchorwatch.judge.rows import Row
from anchorwatch.judge.rules import RULES, Judged
from anchorwatch.judge.rules.evidence import judged_of
from anchorwatch.judge.series import join
from anchorwatch.records import Flag, LossPoint

CHECKS, EVERY, SAMPLES, DECLINED, N = 20, 10, 4, 10, 24
IDS = [(kind, f"{kind}-{number}") for kind in ("risk", "core") for number in range(N // 2)]
ANCHORS = load([{"id": name, "kind": kind, "prompt": name} for kind, name in IDS]).anchors
METRICS = [each for each in behaviours({}) if each.metric not in ("preference", "sample_agreement")]
PRODUCT = frozenset({"action_degenerate", "language_match", "contract_pass", "declines", "format", "truncated"})
FLOORS = {
    "all": PRODUCT | {"rep_4"},
    "as in the product": PRODUCT,
    "of half the anchors": PRODUCT,
    "none": frozenset[str](),
}
Law = tuple[float, float]
LAWS: tuple[tuple[Law, Law], ...] = (((2, 2), (1, 5)), ((0.3, 0.3), (0.3, 1.5)))
"""Beta laws of the propensities of bad answers: of signs of collapse the second, of all else the first."""
FALLING = [LossPoint(step, "loss", 3 - 0.01 * step + 0.01 * (step % 3)) for step in range(1, CHECKS * EVERY + 1)]
RISING = [replace(point, value=4 - point.value) for point in FALLING]


class Line(NamedTuple):
    """Quiet runs of one kind."""

    floor: str
    laws: tuple[Law, Law] = LAWS[0]
    stays: float = 0.0
    """Probability that an answer stays as it was at the check before."""
    loss: str = "falls"
    anchors: str = "any"
    """"chosen": kept only where the greedy baseline was good, metric by metric. "loop": sampled answers show signs of
    collapse half as often as greedy ones."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    if arguments.runs < 1 or arguments.seed < 0:
        parser.error(f"--runs {arguments.runs} --seed {arguments.seed}: give at least 1 run and a seed of 0 or more")
    lines = [Line(floor, laws, stays) for floor in FLOORS for laws in LAWS for stays in (0.0, 0.8)]
    lines += [Line("as in the product", loss="rises"), *(Line(floor, anchors="chosen") for floor in FLOORS)]
    lines += [Line("as in the product", laws, stays, anchors="loop") for laws in LAWS for stays in (0.0, 0.8)]
    columns = ["sampled floor", "Beta laws", "stays", "loss", "anchors", "alarm", "any flag", "% by rule"]
    rows = [[*map(str, line), *measured(line, arguments.runs, arguments.seed)] for line in lines]
    table("Silence of all rules: share of quiet runs with any flag", columns, rows, arguments.markdown)


def measured(line: Line, runs: int, seed: int) -> list[str]:
    """Cells: alarm, any flag, and the share of runs in which each rule flagged, the most frequent first."""
    alarms, flagged, names = 0, 0, Counter[str]()
    for number in range(runs):
        judged = quiet(np.random.default_rng([seed, *" ".join(map(str, line)).encode(), number]), line)
        flags = [flag for at in range(1, CHECKS + 1) for rule in RULES for flag in rule(judged, at)]
        alarms += any(flag.level == "alarm" for flag in flags)
        flagged += bool(flags)
        names.update({_name(flag) for flag in flags})
    rules = ", ".join(f"{name} {100 * hits / runs:.1f}" for name, hits in names.most_common())
    return [_rate(alarms, runs), _rate(flagged, runs), rules]


def quiet(rng: np.random.Generator, line: Line) -> Judged:
    """A run in which nothing changes but the probability of old answers."""
    shape, up = (N, CHECKS + 1, len(METRICS)), np.array([each.worse == "up" for each in METRICS])
    floor = np.array([each.metric in FLOORS[line.floor] for each in METRICS])
    yes_no = np.array([each.metric != "rep_4" for each in METRICS]) | floor
    chosen, laws = line.anchors == "chosen", [line.laws[each.rule == "collapsed"] for each in METRICS]
    p = np.stack([rng.beta(a, b + chosen, size=N) for a, b in laws], axis=1)  # given a good first answer where chosen
    draws = rng.random(shape)  # bad where below p
    if chosen:
        draws[:, 0] = p + draws[:, 0] * (1 - p)
    stays = rng.random(shape) < line.stays
    stays[:, 0] = False
    last = np.maximum.accumulate(np.where(stays, 0, np.arange(CHECKS + 1)[:, None]), axis=1)
    draws = np.take_along_axis(draws, last, axis=1)
    scores = np.where(yes_no, (draws < p[:, None]) == up, (1 + p[:, None] - draws) / 2)
    collapsed = np.array([each.rule == "collapsed" for each in METRICS])
    rate = (p / np.where(collapsed & (line.anchors == "loop"), 2, 1))[..., None]
    samples = np.where(floor[:, None], (rng.random((N, len(METRICS), SAMPLES)) < rate) == up[:, None], np.nan)
    if line.floor == "of half the anchors":
        samples[::2] = np.nan
    grows = np.arange(CHECKS + 1) / CHECKS * rng.lognormal(0, 0.3, shape[:2])
    lost = 4 * rng.lognormal(-2, 1, (N, 1)) * grows
    drift, kept = np.stack([lost, lost, 0 * lost], axis=2), np.broadcast_to(yes_no, p.shape)
    drawn = [samples, *[samples[..., :0]] * CHECKS]
    rows = [Row(EVERY * at, False, scores[:, at], kept, drawn[at], drift[:, at], ()) for at in range(CHECKS + 1)]
    series = join(ANCHORS, METRICS, rows, FALLING if line.loss == "falls" else RISING)
    return judged_of(replace(series, declined=np.arange(N) < DECLINED), CHECKS)


def _name(flag: Flag) -> str:
    early, at_once = flag.metric == "logprob_lost", "share" in flag.evidence
    return "early warning" if early else f"{flag.rule} at once" if at_once else flag.rule


def _rate(hits: int, runs: int) -> str:
    low, high = wilson(hits, runs)
    return f"{100 * hits / runs:.1f}% ({100 * low:.1f}–{100 * high:.1f})"


if __name__ == "__main__":
    main()
