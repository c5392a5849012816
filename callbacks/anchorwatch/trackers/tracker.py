"""What a tracker is to the watch: somewhere else that a run is shown, beside the local store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import Flag, Reading, RunInfo


class Tracker(Protocol):
    """One destination. Its methods may raise anything: `FanOut` guards them, and makes a call that raised again, with
    the same arguments, before any other.

    The run in the tracker belongs to the trainer's own integration: a tracker finds it in `start`, adds to it, and
    neither opens nor closes one.
    """

    name: str
    """The name in `TrainingArguments.report_to`."""

    def start(self, run: RunInfo, anchor_set: AnchorSet, standing: Sequence[Flag] = ()) -> Mapping[str, str]:
        """Find the trainer's run and note there what is watched.

        Called in `on_train_begin`, after the trainer's integrations. `standing` are the flags that have rung already,
        in a part of the run before this one. Returns where the run is kept, as `{tracker name: address}`; empty where
        there is no address.
        """
        ...

    def record(self, reading: Reading, baseline: Reading | None) -> None:
        """Show one check: its numbers, its outputs beside the baseline's, its flags; of a drift check no tables.

        `baseline` is None at the baseline itself.
        """
        ...

    def beside_losses(self, reading: Reading, losses: Mapping[str, float]) -> None:
        """Show evaluation losses, by name, beside the numbers of the check of their step, which was recorded before.

        Few have anything to do: most join the two by the step.
        """
        return

    def before_train_end(self) -> None:
        """Get ready for the integrations to close: called after the trainer's last log. Few have anything to do."""

    def finish(self, reading: Reading, baseline: Reading, report: Path | None = None) -> Mapping[str, str]:
        """Show the last check, which was recorded before, as the outcome. The integrations may have closed by now.

        `report` is the file of the run's report, None where none was written. Returns an address as `start` does, where
        it says more now; else nothing.
        """
        ...
