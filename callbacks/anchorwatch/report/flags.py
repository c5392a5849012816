"""The flags of a run, check by check."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from anchorwatch.records import Flag
from anchorwatch.report import words
from anchorwatch.report.flag_words import told
from anchorwatch.report.pair import safe
from anchorwatch.text import visible


def show_flags(flags: Mapping[int, Sequence[Flag]], rates: Collection[str], console: Console) -> None:
    """Prints a line for each flag at the step where it is raised, changes its level, or is gone; the rest are counted.

    `flags` holds every check in step order; `rates` is what `told` takes.
    """
    before: dict[object, Flag] = {}
    silent = 0
    for step, raised in flags.items():
        now: dict[object, Flag] = {flag.key: flag for flag in raised}
        new = [flag for key, flag in now.items() if key not in before or before[key].level != flag.level]
        gone = [flag for key, flag in before.items() if key not in now]
        for flag in new:
            console.print(_at(step, flag.level, flag).append_text(safe(f": {_told(flag, rates)}")))
        for flag in gone:
            console.print(_at(step, "over", flag))
        silent += not new and not gone
        before = now
    checks, standing = words.counted(len(flags), "check"), words.counted(len(before), "flag")
    console.print(safe(f"nothing new at {silent} of {checks}, {standing} at the last one", "dim"))


def trends(flags: Iterable[Flag]) -> list[Flag]:
    """Those that speak of more than a single anchor: all but broken contracts."""
    return [flag for flag in flags if flag.rule != "contract_broken"]


def flag_line(flag: Flag, rates: Collection[str]) -> Text:
    """The level, what it is about, and what is `told` of it."""
    return _what(flag.level, flag).append_text(safe(f": {_told(flag, rates)}"))


def flag_block(flag: Flag, rates: Collection[str]) -> Table:
    """`flag_line` wrapped, with its level alone in the margin."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    line = flag_line(flag, rates)
    margin = len(flag.level)
    grid.add_row(line[:margin], line[margin + 2 :])
    return grid


def _told(flag: Flag, rates: Collection[str]) -> str:
    """What is `told` of it, without the anchor whose contract broke, which `_what` has named."""
    sentence = told(flag, rates)
    return sentence.removeprefix(visible(f"{flag.anchor_ids[0]}: ")) if flag.rule == "contract_broken" else sentence


def _at(step: int, what: str, flag: Flag) -> Text:
    return safe(f"step {step}  ").append_text(_what(what, flag))


def _what(what: str, flag: Flag) -> Text:
    style = {"alarm": "bold red", "watch": "yellow"}.get(what, "dim")
    about = " ".join([flag.rule, *filter(None, [flag.metric, flag.group])])
    if flag.rule == "contract_broken":
        about = f"{flag.rule} {' '.join(flag.anchor_ids)}"
    return Text.assemble(safe(what, style), safe(f"  {about}", "bold"))
