"""When a check is due."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from anchorwatch.errors import ConfigurationError, nearest

Every = int | float | Literal["auto", "eval", "save"]
_WORDS = ("auto", "eval", "save")
_AUTO_CHECKS = 20


@dataclass(frozen=True)
class Schedule:
    """Which steps and events of a run ask for a check. The baseline at step 0 and the last step always do.

    `every` is a number of steps (≥ 1), a share of the run (0 < x < 1), "eval" or "save" (with every evaluation or
    checkpoint), or "auto" (about 20 checks over the run). `drift_every`, the cadence of drift checks, is a denser
    number of steps or share of the run, or None for no drift checks.

    Raises:
        ConfigurationError: one of them is none of these, or `drift_every` is not the denser one.
    """

    every: Every = "auto"
    drift_every: int | float | None = None

    def __post_init__(self) -> None:
        every, drift_every = self.every, self.drift_every
        if not (every in _WORDS if isinstance(every, str) else _is_cadence(every)):
            raise ConfigurationError(
                f"every={every!r} is no cadence: allowed are a number of steps (50), a share of the run (0.05), "
                f"'auto', 'eval' or 'save'{nearest(every, _WORDS) if isinstance(every, str) else ''}"
            )
        if drift_every is None:
            return
        if not _is_cadence(drift_every):
            raise ConfigurationError(
                f"drift_every={drift_every!r} is no cadence: allowed are a number of steps (10), a share of the run "
                "(0.01), or None for no drift checks"
            )
        number = 1 / _AUTO_CHECKS if every == "auto" else every
        if type(number) is type(drift_every) and drift_every >= number:
            raise ConfigurationError(f"drift_every={drift_every!r} is not denser than every={every!r}")

    def check_against(self, *, evaluates: bool, saves: bool, max_steps: int) -> None:
        """Whether the trainer will ever send the events waited for, and drift checks are the denser ones in its run.

        Raises:
            ConfigurationError: it will not, or they are not.
        """
        if self.every == "eval" and not evaluates:
            raise ConfigurationError("every='eval' but the trainer never evaluates: set eval_strategy, or every='auto'")
        if self.every == "save" and not saves:
            raise ConfigurationError("every='save' but the trainer never saves: set save_strategy, or every='auto'")
        full, drift = self.interval(max_steps), self.drift_interval(max_steps)
        # Two shares were compared when this was made. In a short run, rounding can make the same steps of them.
        mixed = isinstance(self.every, int) != isinstance(self.drift_every, int)
        if mixed and full is not None and drift is not None and 1 < drift >= full:
            raise ConfigurationError(
                f"drift_every={self.drift_every!r} is not denser than every={self.every!r}: in this run of {max_steps} "
                f"steps they are every {drift} and every {full} steps"
            )

    def interval(self, max_steps: int) -> int | None:
        """Steps between two checks in a run of `max_steps`; None if checks follow events."""
        if isinstance(self.every, str):
            return math.ceil(max(max_steps, 1) / _AUTO_CHECKS) if self.every == "auto" else None
        return _steps(self.every, max_steps)

    def drift_interval(self, max_steps: int) -> int | None:
        """Steps between two drift checks in a run of `max_steps`; None if there are none."""
        return None if self.drift_every is None else _steps(self.drift_every, max_steps)

    def planned(self, max_steps: int, *, evaluations: int, saves: int) -> int:
        """Checks after the baseline in a run of `max_steps` with so many evaluations and checkpoints; at least 1.

        An upper bound: the budget may leave some out.
        """
        full, drift = self.interval(max_steps), self.drift_interval(max_steps)
        events = 1 + (evaluations if self.every == "eval" else saves)  # the last check has none of its own
        checks = events if full is None else math.ceil(max_steps / full)
        if drift is not None:
            both = 0 if full is None else max_steps // math.lcm(full, drift)
            checks += max_steps // drift - both
        return max(1, checks)

    def due(self, step: int, max_steps: int) -> bool:
        """Whether a check is due at the end of `step`, events aside."""
        interval = self.interval(max_steps)
        return step >= max_steps or (interval is not None and step % interval == 0)

    def drift_due(self, step: int, max_steps: int) -> bool:
        """Whether a drift check is due at the end of `step`, unless there is a full one."""
        interval = self.drift_interval(max_steps)
        return interval is not None and step % interval == 0


def _is_cadence(value: Any) -> bool:
    """Whether `value` is a number of steps or a share of the run."""
    return (isinstance(value, int) and not isinstance(value, bool) and value >= 1) or (
        isinstance(value, float) and 0 < value < 1
    )


def _steps(every: int | float, max_steps: int) -> int:
    return every if isinstance(every, int) else max(1, round(every * max_steps))
