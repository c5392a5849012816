"""What a watch says in the terminal while training runs, beside the trainer's progress bar."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm.auto import tqdm

from anchorwatch.anchors import AnchorSet
from anchorwatch.judge.power import statement
from anchorwatch.records import LossPoint, Reading, RunInfo
from anchorwatch.report.console import WatchCost, check_line, make_console, summary
from anchorwatch.report.pair import safe


class Live:
    """Prints to standard error, as the progress bar does; prints nothing where `enabled` is False."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled

    def begin(self, run: RunInfo, anchor_set: AnchorSet) -> None:
        """Say what is watched, and what a set of this size can show."""
        with self._console() as console:
            if console:
                kinds = [anchor.kind for anchor in anchor_set.anchors]
                counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
                name = f"{anchor_set.name} v{anchor_set.version}"
                console.print(safe(f"anchorwatch: run {run.id} is watched with {name} ({counts})"))
                console.print(safe(statement(len(kinds), "anchors"), "dim"))

    def check(self, reading: Reading, baseline: Reading) -> None:
        """One line for a check."""
        with self._console() as console:
            if console:
                console.print(check_line(reading, baseline), soft_wrap=True)

    def finish(
        self,
        run: RunInfo,
        anchor_set: AnchorSet,
        losses: list[LossPoint],
        baseline: Reading,
        last: Reading,
        cost: WatchCost,
        where: list[tuple[str, str]],
        notes: list[str],
    ) -> None:
        """The summary of the run; each of `notes` is a line of its own."""
        with self._console() as console:
            if console:
                summary(run, anchor_set, losses, baseline, last, console, cost=cost, where=where)
                for note in notes:
                    console.print(safe(note))

    @contextmanager
    def _console(self) -> Iterator[object]:
        if not self._enabled:
            yield None
            return
        # Clears the progress bars while others write, and draws them again.
        with tqdm.external_write_mode(file=sys.stderr):
            yield make_console(stderr=True)
