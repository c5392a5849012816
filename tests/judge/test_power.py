from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from anchorwatch.judge.power import ALPHA, LEAST, power, statement


def heard(n: int, points: int, runs: int = 20_000) -> float:
    """How often the exact one-sided sign test hears a fall of that many points, by simulation."""
    changed = np.random.default_rng(7).random((runs, n)) < points / 100
    speaks = [k > 0 and binomtest(k, k, alternative="greater").pvalue <= ALPHA for k in range(n + 1)]
    return float(np.mean(np.array(speaks)[changed.sum(axis=1)]))


@pytest.mark.parametrize("n", [5, 8, 12, 24, 60])
def test_the_figures_are_those_of_a_simulation(n: int) -> None:
    can = power(n)
    assert heard(n, can.shows) >= 0.795
    assert heard(n, can.shows - 2) < 0.8
    assert heard(n, can.misses) <= 0.205
    assert heard(n, can.misses + 2) > 0.2


def test_more_anchors_show_more() -> None:
    shown = [power(n).shows for n in range(LEAST, 61)]
    assert shown == sorted(shown, reverse=True)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_below_five_nothing_can_be_shown(n: int) -> None:
    assert (power(n).shows, power(n).misses) == (None, None)
    assert statement(n, "risk anchors").startswith(f"{n} risk anchors can show no change")


def test_the_statement() -> None:
    assert statement(12, "risk anchors") == "12 risk anchors cannot show a 26-point change; they can show 50"
