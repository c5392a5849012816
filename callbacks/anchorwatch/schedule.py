"""When a check is due."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from anchorwatch.errors import ConfigurationError, nearest

Every = int | float | Literal["auto", "eval", "save"]
_WORDS = ("auto", "eval", "save")
_AUTO_CHECKS = 20


@dataclass(frozen=True)
class Schedule:
    """Which steps and events of a run ask for a check. The baseline at step 0 and the last step always do.

    `every` is a number of steps (≥ 1), a share of the run (0 < x < 1), "eval" or "save" (with every evaluation or
    checkpoint), or "auto" (about 20 checks over the run).

    Raises:
        ConfigurationError: `every` is none of these.
    """

    every: Every = "auto"

    def __post_init__(self) -> None:
        every = self.every
        if isinstance(every, str):
            valid = every in _WORDS
        else:
            valid = not isinstance(every, bool) and (
                (isinstance(every, int) and every >= 1) or (isinstance(every, float) and 0 < every < 1)
            )
        if not valid:
            raise ConfigurationError(
                f"every={every!r} is no cadence: allowed are a number of steps (50), a share of the run (0.05), "
                f"'auto', 'eval' or 'save'{nearest(every, _WORDS) if isinstance(every, str) else ''}"
            )

    def check_against(self, *, evaluates: bool, saves: bool) -> None:
        """Whether the trainer will ever send the events waited for.

        Raises:
            ConfigurationError: it will not.
        """
        if self.every == "eval" and not evaluates:
            raise ConfigurationError("every='eval' but the trainer never evaluates: set eval_strategy, or every='auto'")
        if self.every == "save" and not saves:
            raise ConfigurationError("every='save' but the trainer never saves: set save_strategy, or every='auto'")

    def interval(self, max_steps: int) -> int | None:
        """Steps between two checks in a run of `max_steps`; None if checks follow events."""
        if isinstance(self.every, str):
            return math.ceil(max(max_steps, 1) / _AUTO_CHECKS) if self.every == "auto" else None
        return self.every if isinstance(self.every, int) else max(1, round(self.every * max_steps))

    def due(self, step: int, max_steps: int) -> bool:
        """Whether a check is due at the end of `step`, events aside."""
        interval = self.interval(max_steps)
        return step >= max_steps or (interval is not None and step % interval == 0)
