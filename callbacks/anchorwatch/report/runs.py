"""The list of stored runs, and the head of a shown one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from anchorwatch.report import words
from anchorwatch.report.console import show_commands
from anchorwatch.report.pair import safe
from anchorwatch.report.where import in_trackers, where_to_look
from anchorwatch.stopped import stopped_by_flag
from anchorwatch.store import StoredRun
from anchorwatch.text import visible


def show_runs(runs: Sequence[StoredRun], console: Console) -> None:
    """Prints a line per run, or that there are none."""
    if not runs:
        console.print("no runs yet")
        return
    lines: list[tuple[str, ...]] = [("run", "name", "anchor set", "status", "step", "contracts", "began")]
    for run in runs:
        info = run.info
        cells = (
            info.id[:8],
            info.name,
            info.anchor_set,
            run.status,
            str(_step(run)),
            f"{words.rate(run.baseline_contract_pass)} → {words.rate(run.last_contract_pass)}",
            f"{run.created_at.astimezone():%m-%d %H:%M}",
        )
        lines.append(tuple(visible(" ".join(cell.split()), limit=60) for cell in cells))
    # Not a table of rich, which takes 0.4 ms for each line.
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    head, *rows = ("  ".join(map(set_cell_size, line, widths)).rstrip() for line in lines)
    console.print(safe(head, "dim"), soft_wrap=True)
    console.print(Text("\n".join(rows)), soft_wrap=True)


def show_head(run: StoredRun, anchors: int, step: int | None, console: Console) -> None:
    """Prints which run it is, which of its checks is shown (None: not one), and where else it is kept."""
    info = run.info
    console.print(safe(info.name, "bold").append_text(safe(f"  {info.id}", "not bold dim")))
    began = f"{run.created_at.astimezone():%Y-%m-%d %H:%M}"
    shown = "" if step is None else f"; the one at step {step} is shown"
    made = f"{words.counted(run.checks, 'check')}{shown}"
    console.print(safe(f"{run.status}, step {_step(run)}{_by_flag(run)}, began {began}, {made}"))
    console.print(
        safe(f"watched with {info.anchor_set} version {info.anchor_set_version}, {words.counted(anchors, 'anchor')}")
    )
    show_commands(in_trackers(run.links), console)
    console.print()


def show_end(run: StoredRun, store_url: str | None, console: Console) -> None:
    """Prints how a run ended, and where to look."""
    style = "bold red" if run.status == "failed" else "bold"
    console.print(safe(f"{run.status} at step {_step(run)}{_by_flag(run)}", style))
    show_commands(where_to_look({}, store_url, run.info), console)


def _step(run: StoredRun) -> int | str:
    """The last one; of a run that goes on, the last one checked."""
    step = run.last_step if run.final_step is None else run.final_step
    return words.NONE if step is None else step


def _by_flag(run: StoredRun) -> str:
    return " (stopped by on_flag)" if stopped_by_flag(run) else ""
