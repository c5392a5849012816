"""What a watch says in the terminal while training runs, beside the trainer's progress bar."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from tqdm.auto import tqdm

from anchorwatch.judge.hearing import statement
from anchorwatch.report import words
from anchorwatch.report.console import WatchCost, make_console, summary
from anchorwatch.report.pair import safe
from anchorwatch.report.told import Told
from anchorwatch.report.where import where_to_look

if TYPE_CHECKING:
    from anchorwatch.watch import Watch


class Live:
    """Prints to standard error, as the progress bar does; prints nothing where `enabled` is False."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled
        self._told = Told()

    def begin(self, watch: Watch, *, planned: int, samples: int) -> None:
        """Say what is watched, and what a set of this size can show in so many checks with so many baseline samples."""
        self._told = Told(watch.last)
        if not self._enabled:  # what a set can show takes a second to find out
            return
        run, anchor_set = watch.run, watch.anchor_set
        with self._printing() as console:
            kinds = [anchor.kind for anchor in anchor_set.anchors]
            counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
            name = f"{anchor_set.name} v{anchor_set.version}"
            console.print(safe(f"anchorwatch: run {run.id} is watched with {name} ({counts})"))
            console.print(safe(statement(anchor_set.anchors, planned=planned, k=samples), "dim"))

    def check(self, watch: Watch) -> None:
        """One line for the last check, none for a drift check that has nothing new to say; one for each new flag."""
        if not self._enabled or watch.last is None or watch.baseline is None:
            return
        with self._printing() as console:
            self._told.tell(watch.last, watch.baseline, watch.anchor_set, console, start="anchorwatch ")

    def say(self, line: str) -> None:
        """One line of its own."""
        with self._printing() as console:
            console.print(safe(f"anchorwatch: {line}"), soft_wrap=True)

    def finish(self, watch: Watch, seconds: float, store_url: str | None, notes: list[str]) -> None:
        """The summary of a run of `seconds`; each of `notes` is a line of its own."""
        if watch.baseline is None or watch.last is None:
            return
        cost = WatchCost(watch.checks, watch.seconds, seconds)
        where = where_to_look(watch.links, store_url, watch.run)
        if watch.report is not None:
            where.append(("the report, to open in a browser", str(watch.report.absolute())))
        with self._printing() as console:
            if watch.failed_checks:
                console.print(safe(f"{words.counted(watch.failed_checks, 'check')} failed; see the warning above"))
            for note in notes:
                console.print(safe(note))
            summary(
                watch.run,
                watch.anchor_set,
                watch.losses,
                watch.baseline,
                watch.last,
                console,
                flags=watch.flags,
                cost=cost,
                where=where,
            )

    @contextmanager
    def _printing(self) -> Iterator[Console]:
        # Rendered first and written by ourselves: where the reader is gone, rich would end the process.
        rendered = io.StringIO()
        yield make_console(rendered, terminal=_is_terminal())
        if not self._enabled:
            return
        try:
            encoding = sys.stderr.encoding or "utf-8"
            # Clears the progress bars while others write, and draws them again.
            with tqdm.external_write_mode(file=sys.stderr):
                sys.stderr.write(rendered.getvalue().encode(encoding, "replace").decode(encoding))
                sys.stderr.flush()
        except (OSError, ValueError, AttributeError):
            self._enabled = False  # a standard error that is closed, full or not there: nobody reads it any more


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (ValueError, AttributeError):
        return False
