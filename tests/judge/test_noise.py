from __future__ import annotations

import numpy as np
import pytest

from anchorwatch.judge.noise import CAUTION, noise_floor


def test_spread_is_how_often_two_samples_differ() -> None:
    half, never = [[1, 1, 0, 0]], [[1, 1, 1, 1]]
    floor = noise_floor(np.ones((2, 1, 1)), np.array([half, never], dtype=float))
    assert floor.spread == pytest.approx([(4 / 6) / 2])  # 4 of 6 pairs of the first anchor, none of the second


def test_jitter_is_counted_up_to_each_check() -> None:
    scores = np.array([[1, 1, 0, 0], [1, 0, 0, 1]], dtype=float)[..., None]
    floor = noise_floor(scores, np.full((2, 1, 0), np.nan))
    assert np.isnan(floor.jitter[0, 0])
    assert floor.jitter[1:, 0] == pytest.approx([1 / 2, 2 / 4, 3 / 6])
    assert np.isnan(floor.spread).all()
    assert (floor.persistence == 1).all()  # unknown counts as persistent


def test_persistence_tells_repeated_answers_from_independent_ones() -> None:
    random = np.random.default_rng(0)
    propensity = random.beta(2, 2, size=(40, 1))
    samples = (random.random((40, 1, 4)) < propensity[..., None]).astype(float)
    fresh = (random.random((40, 30, 1)) < propensity[:, None]).astype(float)
    repeated = np.repeat(fresh[:, :1], 30, axis=1)
    assert noise_floor(fresh, samples).persistence[-1, 0] < 0.25
    assert noise_floor(repeated, samples).persistence[-1, 0] == 1
    assert noise_floor(fresh[:, :1], samples).persistence[0, 0] == 1  # nothing seen yet


def test_little_seen_counts_as_persistent() -> None:
    samples = np.array([[[1.0, 0.0]]])  # always differ: one flip expected at each step
    floor = noise_floor(np.array([[[0.0], [1.0]]]), samples)
    assert floor.persistence[1, 0] == pytest.approx(1 - 1 / (1 + CAUTION))


def test_missing_scores_are_no_flips() -> None:
    scores = np.array([[1.0, np.nan, 0.0, 1.0]])[..., None]
    floor = noise_floor(scores, np.array([[[1.0, 0.0, np.nan, np.nan]]]))
    assert np.isnan(floor.jitter[:3, 0]).all()
    assert floor.jitter[3, 0] == 1
    assert floor.spread[0] == 1
