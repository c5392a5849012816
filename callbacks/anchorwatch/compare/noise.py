"""How much the seed alone moves a behaviour: the spread of runs that differ in nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import sqrt
from statistics import fmean

from anchorwatch.compare.columns import Column
from anchorwatch.compare.records import Change
from anchorwatch.judge.intervals import LEVEL


class SeedNoise:
    """The seed noise of every behaviour, from the repeats among some runs."""

    def __init__(self, columns: Iterable[Column], members: dict[str, list[str]], variants: Sequence[Sequence[str]]):
        """`variants` are runs that are alike, each with a seed of its own; `members` the anchors of each group.

        The seed is taken to move all variants equally: their spreads are pooled.
        """
        self._columns = {column.name: column for column in columns}
        self._members = members
        self._repeated = [runs for runs in variants if len(runs) > 1]
        self.freedom = sum(len(runs) - 1 for runs in self._repeated)
        """Degrees of freedom; 0 without repeats."""

    def beside(self, changes: Iterable[Change], reference: int, other: int) -> Iterator[Change]:
        """The changes between the means of so many runs on either side, with their noise if there are repeats.

        The noise is half of Student's 95% interval of a difference of such means under the pooled standard deviation.
        With a single repeat that is 12.7 standard errors: two runs say little about a spread.
        """
        if not self.freedom:
            yield from changes
            return
        from scipy.special import stdtrit  # inside: slow to import

        t = float(stdtrit(self.freedom, (1 + LEVEL) / 2))
        for change in changes:
            deviation = self._deviation(change.metric, change.group)
            if deviation is not None:
                half = t * deviation * sqrt(1 / reference + 1 / other)
                change = replace(change, noise=min(half, 1.0) if change.yes_no else half)
            yield change

    def _deviation(self, metric: str, group: str) -> float | None:
        """Pooled standard deviation of the group's mean; None where no anchor has a score in all repeats."""
        scores = self._columns[metric].now
        runs = [run for repeats in self._repeated for run in repeats]
        ids = [id_ for id_ in self._members[group] if all(id_ in scores[run] for run in runs)]
        if not ids:
            return None
        means = {run: fmean(scores[run][id_] for id_ in ids) for run in runs}
        centres = {run: fmean(means[each] for each in repeats) for repeats in self._repeated for run in repeats}
        return sqrt(sum((means[run] - centres[run]) ** 2 for run in runs) / self.freedom)
