"""What a watch may take of the training time, and how many checks that pays for. Pure: seconds and steps in."""

from __future__ import annotations

from dataclasses import dataclass

from anchorwatch.errors import ConfigurationError


@dataclass(frozen=True)
class Budget:
    """The share of the training time that a watch may take.

    Training time is the wall time of the training without the watch.

    Raises:
        ConfigurationError: `share` is not above 0 and at most 1.
    """

    share: float

    def __post_init__(self) -> None:
        share = self.share
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
            raise ConfigurationError(
                f"budget={share!r} is no share of the training time: allowed are a number above 0, up to 1 (0.02), "
                "or None for no limit"
            )

    def __str__(self) -> str:
        return f"budget={self.share} ({100 * self.share:g}% of the training time)"

    def left(self, *, done: int, steps: int, trained: float, spent: float, reserved: float) -> float:
        """Seconds that the watch may still take in a training of `steps`; below 0 where it takes too many as it is.

        So far, `done` steps took `trained` seconds, the watch's aside, and the rest is taken to go on like that: to be
        asked anew before every check. The watch has `spent` seconds, its start and its baseline included, and is going
        to take `reserved` seconds in any case. 0 as long as no step is done.
        """
        return self.share * trained * steps / done - spent - reserved if done > 0 else 0.0


def affordable(left: float, cost: float, among: int = 1) -> int:
    """How many checks of `cost` seconds the seconds `left` pay for, divided evenly `among` so many kinds of checks."""
    return max(0, int(left / among / max(cost, 1e-6)))


def turn(last: int, end: int, checks: int) -> int:
    """The step whose turn is next when `checks` are spread evenly between the checks at the steps `last` and `end`.

    It is `end` if there are none in between.
    """
    return last + -(-(end - last) // (checks + 1))
