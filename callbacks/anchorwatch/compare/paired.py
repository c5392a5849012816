"""Paired differences between runs, per metric and group, each with its 95% interval."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from statistics import fmean

from anchorwatch.anchors import KINDS, Anchor
from anchorwatch.compare.columns import Column, Numbers
from anchorwatch.compare.records import Change, Interval
from anchorwatch.judge.intervals import paired_rates, student_t


def groups(anchors: Iterable[Anchor]) -> dict[str, list[str]]:
    """The ids of "all" anchors, and of each kind that is there."""
    found = {group: [anchor.id for anchor in anchors if group in anchor.groups] for group in ("all", *KINDS)}
    return {group: ids for group, ids in found.items() if ids}


def changes(
    columns: Iterable[Column],
    members: Mapping[str, list[str]],
    reference: Sequence[str],
    other: Sequence[str],
    *,
    incomparable: Collection[str],
) -> Iterator[Change]:
    """The change of every metric in each of the groups `members`, from the runs `reference` to the runs `other`.

    Several runs on a side count as repeats of one, an anchor's score as the mean of theirs. A group in which no anchor
    has a score on both sides has none. `incomparable` are metrics scored by different versions.
    """
    for column in columns:
        before, after = _mean(column.now, reference), _mean(column.now, other)
        baselines = _mean(column.baseline, reference), _mean(column.baseline, other)
        for group, ids in members.items():
            scored = [anchor_id for anchor_id in ids if anchor_id in before and anchor_id in after]
            if not scored:
                continue
            yield Change(
                metric=column.name,
                group=group,
                yes_no=column.yes_no,
                comparable=column.metric not in incomparable,
                n=len(scored),
                reference=fmean(before[anchor_id] for anchor_id in scored),
                other=fmean(after[anchor_id] for anchor_id in scored),
                difference=_interval(column, [after[anchor_id] - before[anchor_id] for anchor_id in scored]),
                own_reference=_own(column, baselines[0], before, scored),
                own_other=_own(column, baselines[1], after, scored),
            )


def rate_interval(differences: Sequence[float]) -> tuple[float, float]:
    """`paired_rates` of the differences; at least one."""
    up, down = sum(max(each, 0.0) for each in differences), sum(max(-each, 0.0) for each in differences)
    low, high = paired_rates(up, down, len(differences))
    return float(low), float(high)


def _interval(column: Column, differences: Sequence[float]) -> Interval:
    bounds = rate_interval(differences) if column.yes_no else student_t(differences)
    return Interval(fmean(differences), *(bounds or (None, None)))


def _own(column: Column, baseline: Numbers, now: Numbers, scored: Iterable[str]) -> Interval | None:
    moved = [now[anchor_id] - baseline[anchor_id] for anchor_id in scored if anchor_id in baseline]
    return _interval(column, moved) if moved else None


def _mean(scores: dict[str, Numbers], runs: Sequence[str]) -> Numbers:
    first, *others = (scores[run] for run in runs)
    everywhere = [anchor_id for anchor_id in first if all(anchor_id in each for each in others)]
    return {anchor_id: fmean(scores[run][anchor_id] for run in runs) for anchor_id in everywhere}
