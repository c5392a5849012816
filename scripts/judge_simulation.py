"""Simulated runs for `bench_judge.py`: nothing to find in five ways, and falls that are to be heard.

Every anchor has for each metric a propensity, the probability that an answer of the untouched model scores 1. An
answer is a uniform number per metric that scores 1 where it is below the propensity. In that way answers can persist
from check to check (the numbers stay), be correlated over metrics (a Gaussian copula), and move (the propensity moves).

Each family has several settings; a run draws one of them. The settings of the development half and those of the half
that is reported share no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

Array = NDArray[np.float64]
Half = Literal["development", "reported"]

METRICS = 8
WORSE = ("down", "down", "down", "down", "down", "up", "up", None)
SAMPLES = 4
"""Sampled answers of each anchor at baseline, and at each check where later answers are sampled too."""
MARGIN_NOISE = 0.5
"""Standard deviation of an action margin that moves with nothing, in logits."""


@dataclass(frozen=True)
class Setting:
    """How quiet runs of a family jitter."""

    laws: tuple[tuple[float, float], ...] = ((2.0, 2.0),)
    """Beta laws of the propensities; a run draws one for each metric."""
    stays: float = 0.0
    """Probability that an anchor's answer stays as it was at the check before, all its metrics together."""
    wanders: float = 0.0
    """Or: correlation of neighbouring checks of the Gaussian number behind each answer."""
    correlation: float = 0.0
    """Of the metrics of one answer."""
    chosen: bool = False
    """Whether anchors were kept only where the greedy baseline was good, metric by metric."""
    ties: float | None = None
    """Greedy answers take the likelier side, but for this share of anchors, which are near ties."""
    tie_width: float = 0.3
    """Noise of the logit that decides a greedy answer, where `ties` is given."""


BETA = ((2.0, 2.0), (0.3, 0.3))
FAMILIES: dict[str, dict[Half, tuple[Setting, ...]]] = {
    "independent jitter": {
        "development": (Setting(((1.0, 1.0), (5.0, 2.0))), Setting(((0.5, 0.5),)), Setting(((3.0, 3.0),))),
        "reported": (Setting(((2.0, 2.0),)), Setting(((0.3, 0.3),)), Setting(((4.0, 1.5), (0.7, 1.2)))),
    },
    "jitter that persists": {
        "development": (
            Setting(((1.0, 1.0), (5.0, 2.0)), stays=0.6),
            Setting(((3.0, 3.0), (0.5, 0.5)), stays=0.97),
            Setting(((1.0, 1.0),), wanders=0.9),
        ),
        "reported": (
            Setting(BETA, stays=0.3),
            Setting(BETA, stays=0.85),
            Setting(((2.0, 2.0),), stays=0.95),
            Setting(BETA, wanders=0.7),
            Setting(((2.0, 2.0),), wanders=0.98),
        ),
    },
    "base rates and regression to the mean": {
        "development": (
            Setting(((9.0, 1.0), (12.0, 0.5)), chosen=True),
            Setting(((3.0, 1.0),), stays=0.5, chosen=True),
            Setting(((1.5, 1.5),), chosen=True),
        ),
        "reported": (
            Setting(((19.0, 1.0), (6.0, 1.0)), chosen=True),
            Setting(((2.0, 2.0), (1.2, 0.3)), chosen=True),
            Setting(((6.0, 1.5),), stays=0.8, chosen=True),
        ),
    },
    "correlated metrics": {
        "development": (Setting(((1.0, 1.0),), correlation=0.6), Setting(((3.0, 3.0),), stays=0.6, correlation=0.9)),
        "reported": (
            Setting(((2.0, 2.0),), correlation=0.8),
            Setting(((0.3, 0.3),), correlation=0.95),
            Setting(BETA, stays=0.8, correlation=0.5),
        ),
    },
    "greedy ties": {
        "development": (
            Setting(((1.0, 1.0), (5.0, 2.0)), ties=0.1),
            Setting(((3.0, 3.0),), ties=0.3, tie_width=1.0),
            Setting(((3.0, 1.5),), ties=0.1, tie_width=0.8),
        ),
        "reported": (
            Setting(((2.0, 2.0), (4.0, 2.0)), ties=0.2),
            Setting(BETA, ties=0.05, tie_width=0.1),
            Setting(((2.0, 1.0),), ties=0.2, tie_width=0.7),
        ),
    },
}


@dataclass(frozen=True)
class Fall:
    """What changes in the first metric, and from which check on."""

    points: float
    """How far every propensity falls, but not below 0, as in the reference; or how many better and as many worse."""
    starts: int
    takes: int = 1
    """Checks until it has its full size; 1 is sudden."""
    churn: bool = False
    """Half of the anchors fall, half rise."""

    @property
    def full(self) -> int:
        """First check of full size."""
        return self.starts + self.takes - 1


@dataclass(frozen=True)
class Run:
    """One simulated run: scores and samples as `trends` takes them; margins are one more metric of `scores`."""

    scores: Array
    samples: Array
    groups: tuple[tuple[int, ...], ...]


def simulate(
    rng: np.random.Generator,
    setting: Setting,
    anchors: int,
    checks: int,
    *,
    fall: Fall | None = None,
    margins: bool = False,
    later_samples: bool = False,
) -> Run:
    """One run with `checks` checks after the baseline."""
    propensity = np.empty((anchors, METRICS))
    for metric, law in enumerate(rng.integers(len(setting.laws), size=METRICS)):
        a, b = setting.laws[law]
        a, b = (b, a) if WORSE[metric] == "up" else (a, b)
        if setting.chosen:  # propensities given that the first answer was good
            a, b = (a, b + 1) if WORSE[metric] == "up" else (a + 1, b)
        propensity[:, metric] = rng.beta(a, b, size=anchors)
    if setting.ties is not None:
        near = rng.random((anchors, METRICS)) < setting.ties
        propensity[near] = expit(rng.normal(0, setting.tie_width, near.sum()))
    moved = np.repeat(propensity[:, None], checks + 1, axis=1)
    if fall is not None:
        moved[:, :, 0] = _moved(propensity[:, 0], checks, fall)
    numbers = _greedy_numbers(rng, setting, anchors, checks)
    if setting.chosen:
        bad = np.array([each == "up" for each in WORSE])
        start = rng.random((anchors, METRICS))
        first = np.where(bad, propensity + start * (1 - propensity), start * propensity)
        same = numbers == numbers[:, :1]  # answers that stayed since the baseline
        stayed = np.logical_and.accumulate(same, axis=1)
        numbers = np.where(stayed, first[:, None], numbers)
    decided = moved
    if setting.ties is not None:
        decided = ndtr(logit(np.clip(moved, 1e-6, 1 - 1e-6)) / setting.tie_width)
    scores = (numbers < decided).astype(np.float64)
    sampled = moved if later_samples else moved[:, :1]
    samples = _correlated(rng, setting, (anchors, sampled.shape[1], SAMPLES)).swapaxes(2, 3) < sampled[..., None]
    if margins:
        noise = rng.normal(0, MARGIN_NOISE, (anchors, checks + 1))
        margin = logit(np.clip(moved[:, :, 0], 0.01, 0.99)) + noise
        scores = np.concatenate([scores, margin[:, :, None]], axis=2)
        none = np.full((*samples.shape[:2], 1, SAMPLES), np.nan)
        samples = np.concatenate([samples, none], axis=2)
    order = rng.permutation(anchors)
    half, quarter = anchors // 2, anchors // 4
    groups = (order[:half], order[half : half + quarter], order[half + quarter :])
    return Run(scores, samples.astype(np.float64), tuple(tuple(int(each) for each in group) for group in groups))


def mean_fall(law: tuple[float, float], points: float) -> float:
    """By how much the mean of propensities of a Beta law falls, if each falls by `points` but not below 0."""
    from scipy.stats import beta

    return float(beta(*law).expect(lambda p: np.minimum(p, points)))


def _moved(propensity: Array, checks: int, fall: Fall) -> Array:
    """Anchors × checks, the baseline included."""
    check = np.arange(checks + 1)
    size = fall.points * np.clip((check - fall.starts + 1) / fall.takes, 0, 1)
    sign = np.where(np.arange(len(propensity)) % 2 == 0, -1.0, 1.0) if fall.churn else -np.ones(len(propensity))
    return np.asarray(np.clip(propensity[:, None] + sign[:, None] * size, 0, 1))


def _greedy_numbers(rng: np.random.Generator, setting: Setting, anchors: int, checks: int) -> Array:
    numbers = _correlated(rng, setting, (anchors, checks + 1))
    if setting.stays:
        stay = rng.random((anchors, checks + 1)) < setting.stays
        stay[:, 0] = False
        last = np.maximum.accumulate(np.where(stay, 0, np.arange(checks + 1)), axis=1)
        return np.take_along_axis(numbers, last[..., None], axis=1)
    if setting.wanders:
        normal = rng.standard_normal((anchors, checks + 1, METRICS))
        for check in range(1, checks + 1):
            keep = setting.wanders
            normal[:, check] = keep * normal[:, check - 1] + np.sqrt(1 - keep**2) * normal[:, check]
        return np.asarray(ndtr(normal))
    return numbers


def _correlated(rng: np.random.Generator, setting: Setting, shape: Sequence[int]) -> Array:
    """Uniform numbers, one for each metric on a last axis."""
    if not setting.correlation:
        return rng.random((*shape, METRICS))
    common, own = rng.standard_normal((*shape, 1)), rng.standard_normal((*shape, METRICS))
    return np.asarray(ndtr(np.sqrt(setting.correlation) * common + np.sqrt(1 - setting.correlation) * own))
