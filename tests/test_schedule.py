"""Which steps of a run ask for a check, the budget aside."""

from __future__ import annotations

from typing import Any

import pytest

from anchorwatch.errors import ConfigurationError
from anchorwatch.schedule import Schedule


@pytest.mark.parametrize(
    ("every", "max_steps", "expected"),
    [
        (10, 35, [10, 20, 30, 35]),
        (0.25, 40, [10, 20, 30, 40]),
        (0.001, 40, list(range(1, 41))),
        ("auto", 10, list(range(1, 11))),
        ("auto", 60, list(range(3, 61, 3))),
        ("eval", 40, [40]),
    ],
)
def test_the_schedule(every: Any, max_steps: int, expected: list[int]) -> None:
    schedule = Schedule(every)
    assert [step for step in range(1, max_steps + 1) if schedule.due(step, max_steps)] == expected


@pytest.mark.parametrize("max_steps", [1, 19, 20, 21, 333, 5000])
def test_auto_makes_about_twenty_checks(max_steps: int) -> None:
    checks = sum(Schedule("auto").due(step, max_steps) for step in range(1, max_steps + 1))
    assert checks == max_steps if max_steps < 20 else 11 <= checks <= 21


@pytest.mark.parametrize(
    ("drift_every", "max_steps", "expected"),
    [(None, 40, []), (10, 35, [10, 20, 30]), (0.1, 40, [4, 8, 12, 16, 20, 24, 28, 32, 36, 40]), (0.1, 4, [1, 2, 3, 4])],
)
def test_the_schedule_of_drift_checks(drift_every: Any, max_steps: int, expected: list[int]) -> None:
    schedule = Schedule("eval", drift_every)
    assert [step for step in range(1, max_steps + 1) if schedule.drift_due(step, max_steps)] == expected


@pytest.mark.parametrize(
    ("every", "drift_every"),
    [(50, 10), (0.1, 0.01), ("auto", 0.01), ("eval", 10), ("save", 0.3), (50, 0.3), ("auto", 50)],
)
def test_drift_checks_may_be_denser_or_not_comparable_yet(every: Any, drift_every: Any) -> None:
    assert Schedule(every, drift_every).drift_every == drift_every


@pytest.mark.parametrize(
    ("every", "drift_every", "max_steps"),
    [(50, 0.3, 200), ("auto", 50, 1000), ("auto", 15, 300), (0.5, 30, 50), (10, 0.1, 100)],
)
def test_drift_checks_that_are_not_denser_are_refused_when_training_begins(
    every: Any, drift_every: Any, max_steps: int
) -> None:
    with pytest.raises(ConfigurationError, match=f"not denser than every={every!r}: in this run of {max_steps} steps"):
        Schedule(every, drift_every).check_against(evaluates=True, saves=True, max_steps=max_steps)


@pytest.mark.parametrize(
    ("every", "drift_every", "max_steps"),
    [(50, 0.3, 100), ("auto", 50, 1040), ("auto", 0.04, 40), ("auto", 1, 6), ("eval", 50, 10), (0.5, None, 10)],
)
def test_short_runs_and_rounding_are_no_error(every: Any, drift_every: Any, max_steps: int) -> None:
    Schedule(every, drift_every).check_against(evaluates=True, saves=True, max_steps=max_steps)


@pytest.mark.parametrize(
    ("every", "drift_every", "max_steps", "planned"),
    [
        (10, None, 100, 10),
        (10, None, 95, 10),
        ("auto", None, 1000, 20),
        ("auto", None, 7, 7),
        (10, 4, 100, 10 + 25 - 5),
        ("eval", None, 100, 4 + 1),
        ("save", 20, 100, 2 + 1 + 5),
        (1000, None, 100, 1),
    ],
)
def test_the_checks_that_are_planned(every: Any, drift_every: Any, max_steps: int, planned: int) -> None:
    assert Schedule(every, drift_every).planned(max_steps, evaluations=4, saves=2) == planned
