"""What the rules share: a run as judged so far, a behaviour that moved, and how either is put in a flag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

import numpy as np

from anchorwatch.judge.behaviours import Behaviour
from anchorwatch.judge.looks import Flags
from anchorwatch.judge.losses import LossChange
from anchorwatch.judge.rules.early import Early, early
from anchorwatch.judge.rules.sudden import Sudden, sudden
from anchorwatch.judge.series import Series
from anchorwatch.judge.trends import ALARM, WATCH, Trends, level, trends
from anchorwatch.judge.whole_run import WINDOW
from anchorwatch.records import Flag

Level = Literal["watch", "alarm"]
NAMED = 10
"""At most so many anchors are named by a flag, the ones that moved furthest first."""
TURNED = 0.25
"""Part of the way to where a behaviour is now from which a check's own mean had left the baseline's. Chosen by
judgement, not measured: it is to tell a fall that had begun from an anchor that changes its mind."""


@dataclass(frozen=True)
class Judged:
    """A run and what the statistics say of it."""

    series: Series
    trends: Trends
    """Of the series' behaviours, in the groups "all" and the kinds."""
    early: Early
    """How much more probability the risk anchors' old declining answers lost than other old answers."""
    sudden: Sudden
    """What broke at once."""
    planned: int
    """Checks planned after the baseline."""
    alarm: float
    watch: float
    """p up to which a trend is an alarm, and a watch."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Of `trends`, in their order."""
        return ("all", *self.series.kinds)

    def level(self, p: float, *, lasts: bool) -> Level | None:
        """What a corrected p amounts to."""
        return level(p, self.alarm, self.watch, lasts=lasts)

    def members(self, group: str) -> Sequence[int]:
        """The anchors of a group."""
        return range(len(self.series.anchor_ids)) if group == "all" else self.series.kinds[group]


@dataclass(frozen=True)
class Moved:
    """One behaviour in the group where the evidence is strongest, at one check."""

    behaviour: Behaviour
    group: str
    yes_no: bool
    before: float
    after: float
    """At the check itself."""
    recent: float
    """Mean over the checks that p is about."""
    checks: int
    """How many these are."""
    low: float
    high: float
    """95% interval of after − before."""
    p: float
    level: Level
    passing: bool
    """Whether it would be an alarm if the last two checks both showed it."""
    since_step: int
    """The first check of the current stretch at which it was at least "watch"."""
    anchor_ids: tuple[str, ...]
    """Whose scores at the check moved with the group's, the furthest first; at most `NAMED`."""
    count: int
    """How many there are."""

    def sentence(self) -> str:
        """Such as "contract pass on risk anchors fell from 90% to 40% (60% over the last 3 checks)"."""
        verb = "fell" if self.after < self.before else "rose"
        before, after, recent = (figure(each, self.yes_no) for each in (self.before, self.after, self.recent))
        over = "" if recent == after or self.checks == 1 else f" ({recent} over the last {self.checks} checks)"
        return f"{self.behaviour.what} on {self.group} anchors {verb} from {before} to {after}{over}"

    def evidence(self) -> dict[str, Any]:
        """For `Flag.evidence`."""
        return {**change(self.before, self.after, self.low, self.high, self.p), "recent": rounded(self.recent)}


def judged_of(series: Series, planned: int, alarm: float = ALARM, watch: float = WATCH) -> Judged:
    """What the statistics say of a series whose run was planned with so many checks after the baseline."""
    return Judged(
        series=series,
        trends=trends(
            series.scores,
            worse=[behaviour.worse for behaviour in series.behaviours],
            yes_no=series.yes_no,
            planned=planned,
            samples=series.samples,
            groups=list(series.kinds.values()),
            carried=series.carried,
            greedy_worse=[behaviour.rule == "collapsed" for behaviour in series.behaviours],
        ),
        early=early(series, planned),
        sudden=sudden(series, planned),
        planned=planned,
        alarm=alarm,
        watch=watch,
    )


def moved(judged: Judged, at: int, behaviour: int, *, better: bool = False) -> Moved | None:
    """How a behaviour got worse, or better, up to check `at`; None where p is above `Judged.watch`.

    The better is worth no alarm.
    """
    series, trends = judged.series, judged.trends
    p = (trends.better_p if better else trends.p)[:, behaviour]
    ringing = trends.lasts[at, behaviour] & (p[at] <= judged.alarm) & (not better)
    group = int(np.lexsort((p[at], ~ringing))[0])
    found = judged.level(float(p[at, group]), lasts=bool(ringing[group]))
    if found is None:
        return None
    kind = series.behaviours[behaviour].kind
    name = judged.groups[group] if group or kind is None else kind
    place, members = (at, behaviour, group), judged.members(name)
    along = moving(judged, at, behaviour, members, np.sign(float(trends.change[place])))
    until, checks = at + 1, min(at, WINDOW) if series.yes_no[behaviour] else 1
    recent = float(np.nanmean(trends.by_anchor[list(members), until - checks : until, behaviour]))
    return Moved(
        behaviour=series.behaviours[behaviour],
        group=name,
        yes_no=series.yes_no[behaviour],
        before=float(trends.before[place]),
        after=float(trends.after[place]),
        recent=float(trends.before[place]) + recent,
        checks=checks,
        low=float(trends.low[place]),
        high=float(trends.high[place]),
        p=float(p[at, group]),
        level=found,
        passing=not better and found == "watch" and bool(p[at, group] <= judged.alarm),
        since_step=since(judged, at, p.min(axis=1) <= judged.watch),
        anchor_ids=along[:NAMED],
        count=len(along),
    )


def since(judged: Judged, at: int, held: Flags) -> int:
    """The step of the first check of the stretch, ending at check `at`, in which `held` (one per check) is true."""
    first = at
    while first and held[first - 1]:
        first -= 1
    return judged.series.steps[first]


def moving(judged: Judged, at: int, behaviour: int, members: Sequence[int], sign: float) -> tuple[str, ...]:
    """The members whose scores at the check are above (`sign` 1) or below (−1) the baseline's, the furthest first."""
    along = sign * judged.trends.by_anchor[:, at, behaviour]
    order = sorted((each for each in members if along[each] > 0), key=lambda each: -along[each])
    return tuple(judged.series.anchor_ids[each] for each in order)


def flag(
    judged: Judged,
    at: int,
    rule: str,
    level: Level,
    message: str,
    *,
    since_step: int,
    found: Moved | None = None,
    anchor_ids: tuple[str, ...] = (),
    metric: str = "",
    group: str = "",
    **evidence: Any,
) -> Flag:
    """A flag of check `at` with, as evidence, the loss, the behaviour, and the steps whose outputs to compare.

    `found` gives anchors, metric, group and behaviour; without it they are given.
    """
    if found is not None:
        if found.passing:
            message += "; a watch until the next check shows it too"
        anchor_ids, metric, group = found.anchor_ids, found.behaviour.metric, found.group
        evidence = {"behaviour": found.evidence(), **evidence}
        if found.behaviour.kind is not None:
            evidence["kind"] = found.behaviour.kind
    return Flag(
        rule=rule,
        level=level,
        step=judged.series.steps[at],
        since_step=since_step,
        message=message,
        anchor_ids=anchor_ids,
        metric=metric,
        group=group,
        evidence={
            "loss": of_loss(judged.series.loss(at)),
            **evidence,
            "outputs": {"before": judged.series.steps[0], "now": judged.series.steps[at]},
        },
    )


def of_loss(change: LossChange | None) -> dict[str, Any] | None:
    """A loss as evidence; None for what is no number, which JSON does not know."""
    if change is None:
        return None
    return {
        name: None if isinstance(each, float) and not isfinite(each) else each for name, each in vars(change).items()
    }


def loss_words(change: LossChange | None) -> str:
    """What the loss did, to stand after "while"."""
    if change is None:
        return "too little loss was logged to compare"
    name, values = change.name.replace("_", " "), f"{figure(change.before)} to {figure(change.after)}"
    if change.lost:
        return f"{name} is no number any more"
    return (
        f"{name} went from {values}" if change.direction else f"{name} did not move by more than its noise ({values})"
    )


def read(anchor_ids: Sequence[str], count: int, what: str = "both answers") -> str:
    """What to do with `count` anchors: "read both answers of a, b, c and 4 more"."""
    more = f" and {count - 3} more" if count > 3 else ""
    return f"read {what} of {', '.join(anchor_ids[:3]) or 'the anchors that changed'}{more}"


def go_back(judged: Judged, at: int, found: Moved) -> str:
    """What to go back to: "a checkpoint from before step 40", or the model as it was if that is the first check.

    `since_step` is when the evidence sufficed, which is later than when the behaviour turned: the step named is the
    first of the checks right before it whose own mean was already `TURNED` of the way.
    """
    series = judged.series
    behaviour = series.behaviours.index(found.behaviour)
    moved = judged.trends.by_anchor[list(judged.members(found.group)), :, behaviour]
    gone = np.sign(found.after - found.before) * moved
    present = ~np.isnan(gone)
    own = np.where(present.any(axis=0), np.nansum(gone, axis=0) / np.maximum(present.sum(axis=0), 1), np.nan)
    way = np.nanmean(own[max(1, at - WINDOW + 1) : at + 1]) if present[:, at].any() else np.nan
    first = series.steps.index(found.since_step)
    while first > 1 and way > 0 and own[first - 1] >= TURNED * way:
        first -= 1
    return "the model as it was" if first <= 1 else f"a checkpoint from before step {series.steps[first]}"


def figure(value: float, yes_no: bool = False) -> str:
    """A share in percent, any other number with three significant digits."""
    return f"{value:.0%}" if yes_no else f"{value:.3g}"


def rounded(value: float) -> float:
    """To six digits: the last ones depend on how many checks were judged at once."""
    return float(f"{value:.6g}")


def change(before: float, after: float, low: float, high: float, p: float) -> dict[str, float | None]:
    """Evidence of a behaviour from → to, with the interval of the change; None for nan, which JSON does not know."""
    values = {"before": before, "after": after, "change_low": low, "change_high": high, "p": p}
    return {name: rounded(value) if isfinite(value) else None for name, value in values.items()}
