"""What a comparison takes and gives: frozen records, for the terminal, JSON and a page alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from anchorwatch.anchors import Anchor, AnchorSet
from anchorwatch.records import ContractResult, Output, Reading, RunInfo

Verdict: TypeAlias = Literal["same", "seed", "one", "confounded"]
"""How many causes differ: none; the seed alone; one, the seed aside; several."""


@dataclass(frozen=True)
class ComparedRun:
    """A run, its baseline, and the check of it that is compared."""

    info: RunInfo
    anchor_set: AnchorSet
    baseline: Reading
    now: Reading


@dataclass(frozen=True)
class FactorDifference:
    """A factor with another value in two runs. None also where a run has no such factor."""

    name: str
    reference: Any
    other: Any


@dataclass(frozen=True)
class Cause:
    """What a person would call one change: "learning rate", with the factors that belong to it and differ."""

    name: str
    factors: tuple[FactorDifference, ...]


@dataclass(frozen=True)
class CommonAnchors:
    """The anchors that all runs were asked, as they stand in the reference's set."""

    anchors: tuple[Anchor, ...]
    """The same id and the same turns; the system prompt, the context and the decoding are factors."""
    left_out: dict[str, str]
    """By id, why an anchor of some run is not compared: "only in A, C" or "asks something else in B"."""
    other_expectations: tuple[str, ...]
    """Ids of common anchors that do not expect the same in all runs: what they answer is compared, not whether it is
    what was expected."""


@dataclass(frozen=True)
class Interval:
    """A mean difference with its 95% interval, None where there are too few anchors for one."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Change:
    """A metric of a group of anchors, in the reference and in another run (or in the repeats of each together).

    A label metric has one change per label, named `metric_label`. A yes/no metric counts as 0 and 1.
    """

    metric: str
    group: str
    """"all" or a kind, as the reference has it."""
    yes_no: bool
    comparable: bool
    """False where the two were scored by different versions, or by different classifiers."""
    n: int
    """Anchors with a score on both sides; ≥ 1."""
    reference: float
    other: float
    """Means over these anchors."""
    difference: Interval
    """Other − reference, paired by anchor."""
    own_reference: Interval | None
    own_other: Interval | None
    """How far each moved from its own baseline, over the same anchors; None where the baseline has no such score."""
    noise: float | None = None
    """Half of the 95% interval of such a difference where nothing but the seed differs, at most 1 for a rate; None
    without repeats, and between runs that are themselves repeats."""

    @property
    def beyond_noise(self) -> bool | None:
        """Whether it is larger than the seed makes it, and holds over the anchors, too; None without noise."""
        if self.noise is None:
            return None
        low, high = self.difference.low, self.difference.high
        return abs(self.difference.value) > self.noise and low is not None and high is not None and not low <= 0 <= high


@dataclass(frozen=True)
class AnswerPair:
    """What one anchor is answered by the reference and by another run."""

    anchor: Anchor
    reference: Output
    other: Output
    worse: tuple[ContractResult, ...]
    """Contracts that hold in the reference and not in the other, as the other has them."""
    better: tuple[ContractResult, ...]
    """Contracts that hold in the other and not in the reference."""
    actions: tuple[str, str] | None
    """What the two answers do; None where that was not measured."""

    @property
    def changed(self) -> bool:
        """Whether the two texts differ."""
        return self.reference.text != self.other.text


@dataclass(frozen=True)
class Against:
    """One run against the reference."""

    run: str
    """Its label."""
    causes: tuple[Cause, ...]
    measured: tuple[FactorDifference, ...]
    """What differs in how it was measured and kept, and changes nothing of what was trained."""
    unrecorded: tuple[str, ...]
    """Causes of which too little was recorded to say whether they differ."""
    rescored: tuple[FactorDifference, ...]
    """Of `measured`, the metrics that were scored by another version or classifier, as "metric.NAME"."""
    incomparable: tuple[str, ...]
    """The metrics whose scores therefore cannot be compared, contract pass included where a contract reads them."""
    baselines_differ: int
    """Anchors that the two baselines answer differently."""
    changes: tuple[Change, ...]
    """By metric, then by group."""
    answers: tuple[AnswerPair, ...]
    """Of every common anchor: risk first, then boundary, then core."""


@dataclass(frozen=True)
class Attribution:
    """What the difference of some runs, alike but for the seed, from the reference can be put down to."""

    runs: tuple[str, ...]
    """Their labels."""
    repeats_of_reference: tuple[str, ...]
    """The reference, and with it the runs that differ from it in the seed alone."""
    verdict: Verdict
    causes: tuple[Cause, ...]
    """The seed, and code that may have been edited for no more than another cause, are not among several."""
    seed_too: bool
    """Whether the seed differs beside the causes."""
    code_too: bool
    """Whether the code differs beside the causes: what is said holds if no more was edited than they say."""
    unrecorded: tuple[str, ...]
    """Causes of which too little was recorded to say whether they differ."""
    unexplained_baselines: int
    """Anchors that the baselines answer differently while no cause is at work before training; else 0."""
    isolated: dict[str, tuple[str, str]]
    """Of several causes, those in which two of the runs given differ alone, the seed aside, with these two."""
    missing: tuple[dict[str, str], ...]
    """Runs that would tell several causes apart: for each run, by cause, from which run to take it."""
    freedom: int
    """Degrees of freedom of the seed noise; 0 where no two runs differ in the seed alone."""
    changes: tuple[Change, ...]
    """Over all anchors, the repeats of either side together."""


@dataclass(frozen=True)
class Comparison:
    """Runs on the same anchors side by side; the first one is the reference."""

    runs: dict[str, ComparedRun]
    """By label: "A", "B", …"""
    common: CommonAnchors
    against: tuple[Against, ...]
    """One per run but the reference."""
    attributions: tuple[Attribution, ...]

    @property
    def reference(self) -> str:
        """The reference's label."""
        return next(iter(self.runs))
