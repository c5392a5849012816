"""Runs on the same anchors, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from anchorwatch.compare.answers import answers
from anchorwatch.compare.attribution import BEFORE_TRAINING, essential, isolated, missing, repeats, variants, verdict
from anchorwatch.compare.causes import CODE, SEED, Differing, differing
from anchorwatch.compare.columns import columns
from anchorwatch.compare.common import asked_differently, common_anchors
from anchorwatch.compare.noise import SeedNoise
from anchorwatch.compare.paired import changes, groups
from anchorwatch.compare.records import Against, Attribution, Change, ComparedRun, Comparison
from anchorwatch.compare.scoring import incomparable, rescored
from anchorwatch.errors import ConfigurationError


def compare(runs: Sequence[ComparedRun]) -> Comparison:
    """Compares two runs or more, the first of them the reference, on the anchors that all of them were asked.

    Raises:
        ConfigurationError: there are fewer than two runs, or one is given twice.
        AnchorSetError: the runs have no anchor in common.
    """
    ids = [run.info.id for run in runs]
    if len(ids) < 2:
        raise ConfigurationError(f"a comparison is of two runs or more; found {len(ids)}")
    if twice := next((run.info for run in runs if ids.count(run.info.id) > 1), None):
        raise ConfigurationError(f"the runs to compare must differ; found {twice.name!r} ({twice.id}) twice")
    comparing = _Comparing({_label(position): run for position, run in enumerate(runs)})
    return Comparison(comparing.runs, comparing.common, comparing.against(), comparing.attributions())


class _Comparing:
    """What the parts of one comparison share."""

    def __init__(self, runs: dict[str, ComparedRun]) -> None:
        self.runs = runs
        self.common = common_anchors(runs)
        self._labels = list(runs)
        self._columns = columns(runs, self.common)
        self._members = groups(self.common.anchors)
        self._pairwise = {(one, other): self._differing(one, other) for one in runs for other in runs if one != other}
        self._variants = variants(self._labels, self._pairwise)
        seeds = [repeats(group, self._pairwise) for group in self._variants]
        self._noise = SeedNoise(self._columns, self._members, seeds)

    def against(self) -> tuple[Against, ...]:
        """Each run against the reference."""
        return tuple(self._against(label) for label in self._labels[1:])

    def attributions(self) -> tuple[Attribution, ...]:
        """Of the runs that are as the reference, of those that differ in the seed alone, and of each other variant."""
        reference, *alike = self._variants[0]
        same = [label for label in alike if not self._pairwise[reference, label].causes]
        seeds = [label for label in alike if label not in same]
        of_reference = [self._attribution([reference], runs) for runs in (same, seeds) if runs]
        return (*of_reference, *(self._attribution(self._variants[0], runs) for runs in self._variants[1:]))

    def _differing(self, one: str, other: str) -> Differing:
        sets = (self.runs[label].anchor_set for label in (one, other))
        as_asked = [[anchor_set[anchor.id] for anchor in self.common.anchors] for anchor_set in sets]
        return differing(self.runs[one], self.runs[other], asked_differently(*as_asked))

    def _against(self, label: str) -> Against:
        reference = self._labels[0]
        found = self._pairwise[reference, label]
        return Against(
            run=label,
            causes=found.causes,
            measured=found.measured,
            unrecorded=found.unrecorded,
            rescored=rescored(found.measured),
            incomparable=tuple(sorted(incomparable(found.measured, self.common.anchors))),
            baselines_differ=self._baselines_differ(label),
            changes=self._changes([reference], [label], self._members),
            answers=answers(self.common, self.runs[reference].now, self.runs[label].now),
        )

    def _attribution(self, base: Sequence[str], runs: Sequence[str]) -> Attribution:
        pairs = [self._pairwise[base[0], run] for run in runs]
        first, base = pairs[0], repeats(base, self._pairwise)
        chosen = essential(first.names)
        several = len(chosen) > 1
        alone = isolated(chosen, self._labels, self._pairwise) if several else {}
        early = BEFORE_TRAINING.intersection(first.names)
        return Attribution(
            runs=tuple(runs),
            repeats_of_reference=tuple(base),
            verdict=verdict(first.names),
            causes=tuple(cause for cause in first.causes if cause.name in (chosen or (SEED,))),
            seed_too=bool(chosen) and any(SEED in pair.names for pair in pairs),
            code_too=CODE not in chosen and any(CODE in pair.names for pair in pairs),
            unrecorded=first.unrecorded,
            unexplained_baselines=0 if early else max(self._baselines_differ(run) for run in runs),
            isolated=alone,
            missing=tuple(missing(chosen, alone, base[0], runs[0])) if several else (),
            freedom=self._noise.freedom,
            changes=self._changes(base, repeats(runs, self._pairwise), {"all": self._members["all"]}),
        )

    def _changes(
        self, reference: Sequence[str], other: Sequence[str], members: Mapping[str, list[str]]
    ) -> tuple[Change, ...]:
        pairs = [self._pairwise[one, another] for one in reference for another in other]
        unlike = {metric for pair in pairs for metric in incomparable(pair.measured, self.common.anchors)}
        found = changes(self._columns, members, reference, other, incomparable=unlike)
        if other[0] in self._variants[0]:
            return tuple(found)  # what differs is itself the noise
        return tuple(self._noise.beside(found, len(reference), len(other)))

    def _baselines_differ(self, label: str) -> int:
        one, other = self.runs[self._labels[0]].baseline, self.runs[label].baseline
        return sum(one.output(anchor.id).text != other.output(anchor.id).text for anchor in self.common.anchors)


def _label(position: int) -> str:
    return chr(ord("A") + position) if position < 26 else f"R{position + 1}"
