"""Several trackers as one that never raises."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import Flag, Reading, RunInfo
from anchorwatch.text import visible
from anchorwatch.trackers.tracker import Tracker

logger = logging.getLogger("anchorwatch")


class FanOut:
    """Tells every tracker; what one does not take costs one warning a run, and waits until it works again.

    A tracker hears of everything in order. What still waits when the run ends is not sent: the local store has it.
    """

    def __init__(self, trackers: Sequence[Tracker] = ()) -> None:
        self._lines = [_Line(tracker) for tracker in trackers]

    def start(self, run: RunInfo, anchor_set: AnchorSet, standing: Sequence[Flag] = ()) -> dict[str, str]:
        """Start every tracker; `standing` are the flags that have rung already, before the run was taken up again.

        Returns where each keeps the run; one that failed or has no address is absent.
        """
        for line in self._lines:
            line.send(partial(line.start, run, anchor_set, standing))
        return self._links()

    def record(self, reading: Reading, baseline: Reading | None) -> None:
        """Show one check in every tracker; `baseline` is None at the baseline itself."""
        for line in self._lines:
            line.send(partial(line.tracker.record, reading, baseline))

    def beside_losses(self, reading: Reading, losses: Mapping[str, float]) -> None:
        """Show evaluation losses beside the check of their step, recorded before."""
        for line in self._lines:
            line.send(partial(line.tracker.beside_losses, reading, losses))

    def before_train_end(self) -> None:
        """To be called after the trainer's last log (`on_log` with `train_runtime`), before its integrations close."""
        for line in self._lines:
            line.guarded(line.tracker.before_train_end)

    def finish(self, reading: Reading, baseline: Reading, report: Path | None = None) -> dict[str, str]:
        """Show the last check, recorded before, as the outcome, with the file of the report if there is one.

        Returns where each tracker keeps the run, as `start` does; an address may say more now.
        """
        for line in self._lines:
            line.send(partial(line.finish, reading, baseline, report))
        return self._links()

    def _links(self) -> dict[str, str]:
        return {name: address for line in self._lines for name, address in line.links.items()}


class _Line:
    """One tracker, and the calls that it has not taken yet."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.links: dict[str, str] = {}
        self._waiting: deque[Callable[[], None]] = deque()
        self._warned = False

    def start(self, run: RunInfo, anchor_set: AnchorSet, standing: Sequence[Flag]) -> None:
        self.links.update(self.tracker.start(run, anchor_set, standing))

    def finish(self, reading: Reading, baseline: Reading, report: Path | None) -> None:
        self.links.update(self.tracker.finish(reading, baseline, report))

    def send(self, call: Callable[[], None]) -> None:
        """Make the calls that wait, then this one; stop at the first that fails."""
        self._waiting.append(call)
        while self._waiting and self.guarded(self._waiting[0]):
            self._waiting.popleft()

    def guarded(self, call: Callable[[], None]) -> bool:
        """Whether `call` went through. The first failure of the run is warned of."""
        try:
            call()
        except Exception as error:
            if not self._warned:
                logger.warning(
                    "the tracker %s failed (%s); the local store has everything, and %s gets it when it works again",
                    self.tracker.name,
                    first_line(error),
                    self.tracker.name,
                )
            self._warned = True
            return False
        return True


def first_line(error: Exception) -> str:
    """What went wrong, as one line that is safe to print: the kind of error, and the first line it says."""
    lines = str(error).strip().splitlines()
    return visible(f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__, limit=200)
