"""What changed between the baseline and now, picked and ordered for a reader."""

from __future__ import annotations

from dataclasses import dataclass

from anchorwatch.anchors import KINDS, Anchor, AnchorSet
from anchorwatch.judge.contracts import broken_since_baseline, mended
from anchorwatch.records import Aggregate, ContractResult, Output, Reading

FIRST = ("contract_pass", "changed", "logprob_lost")
"""Shown before all other metrics: what was promised, what can be read, and what moves before any text does."""


@dataclass(frozen=True)
class Row:
    """One aggregate at the baseline and now; None where that check has no such aggregate."""

    metric: str
    group: str
    before: Aggregate | None
    now: Aggregate | None

    @property
    def new(self) -> bool:
        """Whether there is a value now and none at the baseline, as for everything that compares with the baseline."""
        return (
            self.now is not None and self.now.value is not None and (self.before is None or self.before.value is None)
        )

    @property
    def moved(self) -> float:
        """How far the value moved, in half-widths of the 95% interval; 0 if it did not or either value is missing.

        A number to sort by: not a test.
        """
        if self.before is None or self.now is None or self.before.value is None or self.now.value is None:
            return 0.0
        widths = [a.high - a.low for a in (self.before, self.now) if a.low is not None and a.high is not None]
        half = sum(widths) / len(widths) / 2 if widths else 0.0
        distance = abs(self.now.value - self.before.value)
        return distance / half if half else float(distance > 0)


@dataclass(frozen=True)
class Pair:
    """What one anchor was answered at the baseline and now."""

    anchor: Anchor
    before: Output
    now: Output
    broken: tuple[ContractResult, ...] = ()
    """Contracts that held at the baseline and do not hold now."""
    mended: tuple[ContractResult, ...] = ()
    """Contracts that did not hold at the baseline and do now."""
    since: int | None = None
    """The step since which a contract is broken, where the run recorded it."""
    actions: tuple[str, str] | None = None
    """What the answer does, at the baseline and now; None where that was not measured."""

    @property
    def changed(self) -> bool:
        """Whether the two texts differ."""
        return self.before.text != self.now.text


def rows(baseline: Reading, now: Reading) -> list[list[Row]]:
    """Per metric the rows of its groups ("all", the kinds, tags), the most telling metric first.

    That is `FIRST`, then what moved furthest, then what is new since the baseline, then the rest by name.
    """
    before = {(a.metric, a.group): a for a in baseline.aggregates}
    after = {(a.metric, a.group): a for a in now.aggregates}
    by_metric: dict[str, list[Row]] = {}
    for metric, group in sorted(before.keys() | after.keys(), key=lambda key: (key[0], _group_order(key[1]))):
        key = (metric, group)
        by_metric.setdefault(metric, []).append(Row(metric, group, before.get(key), after.get(key)))
    return sorted(by_metric.values(), key=_telling)


def pairs(anchor_set: AnchorSet, baseline: Reading, now: Reading) -> list[Pair]:
    """Every anchor asked at both checks: risk first, then boundary, then core, each in the order of the set."""
    before = {output.anchor_id: output for output in baseline.check.outputs}
    after = {output.anchor_id: output for output in now.check.outputs}
    actions_before, actions_now = _actions(baseline), _actions(now)
    history = {baseline.step: baseline.contracts, now.step: now.contracts}
    broken = {
        (flag.anchor_ids[0], each["name"])
        for flag in broken_since_baseline(history)
        for each in flag.evidence["contracts"]
    }
    since = {flag.anchor_ids: flag.since_step for flag in now.flags if flag.rule == "contract_broken"}
    found = [
        Pair(
            anchor,
            before[anchor.id],
            after[anchor.id],
            broken=tuple(each for each in now.contracts if each.anchor_id == anchor.id and each.key in broken),
            mended=tuple(each for each in mended(history) if each.anchor_id == anchor.id),
            since=since.get((anchor.id,)),
            actions=(actions_before[anchor.id], actions_now[anchor.id])
            if anchor.id in actions_before and anchor.id in actions_now
            else None,
        )
        for anchor in anchor_set.anchors
        if anchor.id in before and anchor.id in after
    ]
    return sorted(found, key=lambda pair: -KINDS.index(pair.anchor.kind))


def _actions(reading: Reading) -> dict[str, str]:
    return {s.anchor_id: s.value for s in reading.scores if s.metric == "action" and isinstance(s.value, str)}


def _group_order(group: str) -> tuple[int, str]:
    first = ("all", *KINDS)
    return (first.index(group) if group in first else len(first), group)


def _telling(rows: list[Row]) -> tuple[int, float, bool, str]:
    metric = rows[0].metric
    place = FIRST.index(metric) if metric in FIRST else len(FIRST)
    return (place, -max(row.moved for row in rows), not any(row.new for row in rows), metric)
