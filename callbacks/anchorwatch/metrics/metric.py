"""What a metric is: a plain function with a name, a version and a direction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from anchorwatch.anchors import Anchor
from anchorwatch.errors import ConfigurationError
from anchorwatch.records import Output, Value


class Measured(NamedTuple):
    """A value with the words or numbers that decided it. A value of None is a missing score; say why in `reason`."""

    value: Value
    reason: str = ""


MetricFunction = Callable[[Anchor, Output, Output | None], Measured | Value]
"""(anchor, output, the output compared with) -> yes/no, number, label, None where there is no score, or `Measured`.

The output compared with is the baseline's (see `Metric.against`); None at the baseline itself.
"""


@dataclass(frozen=True)
class Metric:
    """A function with what is needed to aggregate, show and judge its scores."""

    name: str
    """Lower-case letters, digits and `_`: it becomes part of metric names in the trackers."""
    function: MetricFunction
    version: str = "1"
    """Changed whenever the same output could score differently; kept with the run."""
    higher_is_better: bool | None = None
    """None where neither direction is good in itself (length, for instance)."""
    against: Literal["baseline", "previous"] = "baseline"
    """Which output the function is given as the third argument."""

    def __post_init__(self) -> None:
        if not (self.name.isascii() and self.name.replace("_", "a").isalnum() and self.name == self.name.lower()):
            raise ConfigurationError(
                f"a metric's name is made of lower-case letters, digits and _; found {self.name!r}; "
                "give one with Metric(name=…, function=…)"
            )
        if not callable(self.function):
            raise ConfigurationError(f"metric {self.name!r} needs a function; found {type(self.function).__name__}")


def as_metric(given: Metric | MetricFunction) -> Metric:
    """`given`, or a metric named after the function given.

    Raises:
        ConfigurationError: it is neither, or the function's name cannot be a metric's name (a lambda, for instance).
    """
    if isinstance(given, Metric):
        return given
    if not callable(given):
        raise ConfigurationError(f"a metric is a function (anchor, output, baseline) or a Metric; found {given!r}")
    return Metric(name=getattr(given, "__name__", type(given).__name__), function=given)
