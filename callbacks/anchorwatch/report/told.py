"""What is said of a check while training runs, in the terminal that trains and in one that follows."""

from __future__ import annotations

from rich.console import Console

from anchorwatch.anchors import AnchorSet
from anchorwatch.judge.standing import Standing
from anchorwatch.records import Check, Reading
from anchorwatch.report import words
from anchorwatch.report.check_line import check_line, columns
from anchorwatch.report.flags import flag_block, flag_line, trends


class Told:
    """What was told of a run: a check is compared with the one told before it, and a flag is told once."""

    def __init__(self, last: Reading | None = None) -> None:
        """`last` is the check that was told last."""
        self._standing = Standing(last.flags if last else ())
        self._checks = [last] if last else []

    def tell(
        self,
        reading: Reading,
        baseline: Reading,
        anchor_set: AnchorSet,
        console: Console,
        *,
        start: str = "",
        loss: float | None = None,
    ) -> None:
        """Prints a line for the check, which begins with `start`, and one for each flag that is new.

        Prints nothing for a drift check that has nothing new to say. The first check is compared with the baseline.
        """
        new = self._standing.news(reading.flags)
        if not new and _nothing_new(reading.check):
            return
        # The last check made at its step is the one that counts, and training can begin anew at an earlier one.
        earlier = [each for each in self._checks if each.step < reading.step]
        previous = earlier[-1] if earlier else baseline
        self._checks = [*earlier[-1:], reading]
        line = check_line(reading, baseline, previous, anchor_set, width=columns(console) - len(start), loss=loss)
        console.print(start, line, sep="", soft_wrap=True)
        rates = words.rates((baseline, reading))
        for flag in trends(new):
            if console.is_terminal:
                console.print(flag_block(flag, rates))
            else:
                console.print(flag_line(flag, rates), soft_wrap=True)


def _nothing_new(check: Check) -> bool:
    """Whether a drift check, of which there are many, found every answer as it was."""
    return check.trigger == "drift" and check.cost.departed == 0
