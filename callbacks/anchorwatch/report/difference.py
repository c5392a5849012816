"""How factors and scores that differ between runs are written: both values, or the difference with its sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anchorwatch.compare import Cause, Change, FactorDifference, Interval
from anchorwatch.report import words
from anchorwatch.report.sentences import Listed, Said, Term, Value

_QUOTED = 40
"""Characters of a value that are shown."""


def cause(given: Cause) -> Said:
    """A cause with the values that differ: "learning rate (learning_rate 0.001 → 0.0002)"."""
    kinds = [each for each in given.factors if each.name == "adapter.peft_type"]
    return Said("cause", (Term("causes", given.name), few([factor(each) for each in kinds or given.factors])))


def few(items: Sequence[Value], limit: int = 3) -> Listed:
    """The first of them, and how many more."""
    return Listed(tuple(items[:limit]), max(0, len(items) - limit))


def factor(given: FactorDifference) -> str:
    """A factor with both values: "learning_rate 0.001 → 0.0002"; of lists what only one of them has."""
    name = given.name.removeprefix("args.").removeprefix("adapter.")
    one, other = given.reference, given.other
    if isinstance(one, list) and isinstance(other, list):
        gone = [f"−{_value(each)}" for each in one if each not in other]
        new = [f"+{_value(each)}" for each in other if each not in one]
        return f"{name} {words.few(gone + new) or 'in another order'}"
    return f"{name} {_value(one)} → {_value(other)}"


def figure(change: Change, value: float) -> str:
    """A value of the change's metric: "63%", "14.2"."""
    return words.rate(value) if change.yes_no else words.number(value)


def signed(change: Change, value: float | None) -> str:
    """A difference of the change's metric, as `words.signed` writes it."""
    return words.signed(value, rate=change.yes_no)


def interval(change: Change, given: Interval) -> str:
    """A difference with its 95% interval: "+17 (−5 to +38)"."""
    bounds = [signed(change, bound) for bound in (given.low, given.high) if bound is not None]
    return f"{signed(change, given.value)} ({' to '.join(bounds)})" if bounds else signed(change, given.value)


def anchors(number: int) -> str:
    """How many there are: "1 anchor", "12 anchors"."""
    return f"{number} anchor{'' if number == 1 else 's'}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"({len(value)} values)"
    if isinstance(value, list):
        return f"({len(value)} values)" if len(value) > 1 else _value(value[0] if value else None)
    if isinstance(value, float):
        return f"{value:g}"
    if value is None or isinstance(value, bool):
        return words.value(value)
    shown = str(value)
    return shown if len(shown) <= _QUOTED else f"{shown[:_QUOTED]}…"
