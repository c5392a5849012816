from __future__ import annotations

import pytest
from scipy import stats

from anchorwatch.judge.intervals import student_t, wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_values(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_wilson_agrees_with_scipy() -> None:
    for n in (1, 2, 7, 40, 1000):
        for successes in {0, 1, n // 2, n - 1, n}:
            expected = stats.binomtest(successes, n).proportion_ci(0.95, method="wilson")
            assert wilson(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_stays_in_range_at_the_ends() -> None:
    for n in range(1, 200):
        for low, high in (wilson(0, n), wilson(n, n)):
            assert 0 <= low < high <= 1
        assert wilson(0, n)[0] == pytest.approx(0)
        assert wilson(n, n)[1] == pytest.approx(1)


def test_t_agrees_with_scipy() -> None:
    values = [0.2, 1.4, -0.3, 0.9, 2.2]
    expected = stats.t.interval(0.95, len(values) - 1, loc=sum(values) / len(values), scale=stats.sem(values))
    assert student_t(values) == pytest.approx(expected)


def test_t_of_few_or_equal_values() -> None:
    assert student_t([]) is None
    assert student_t([1.0]) is None
    assert student_t([0.5, 0.5, 0.5]) == (0.5, 0.5)
