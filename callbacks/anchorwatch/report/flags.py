"""The flags of a run, check by check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from anchorwatch.records import Flag
from anchorwatch.report.pair import safe

_Key = tuple[str, str, str, tuple[str, ...]]


def show_flags(flags: Mapping[int, Sequence[Flag]], console: Console) -> None:
    """Prints a line for each flag at the step where it is raised, changes its level, or is gone; the rest are counted.

    `flags` holds every check in step order. A flag is the same at two checks by its rule, metric and group; a broken
    contract also by its anchor.
    """
    before: dict[_Key, Flag] = {}
    silent = 0
    for step, raised in flags.items():
        now = {_key(flag): flag for flag in raised}
        new = [flag for key, flag in now.items() if key not in before or before[key].level != flag.level]
        gone = [flag for key, flag in before.items() if key not in now]
        for flag in new:
            console.print(_line(step, flag.level, flag).append_text(safe(f": {flag.message}")))
        for flag in gone:
            console.print(_line(step, "over", flag))
        silent += not new and not gone
        before = now
    console.print(safe(f"nothing new at {silent} of {len(flags)} checks, {len(before)} flags at the last one", "dim"))


def _key(flag: Flag) -> _Key:
    return flag.rule, flag.metric, flag.group, flag.anchor_ids if flag.rule == "contract_broken" else ()


def _line(step: int, what: str, flag: Flag) -> Text:
    style = {"alarm": "bold red", "watch": "yellow"}.get(what, "dim")
    about = " ".join([flag.rule, *filter(None, [flag.metric, flag.group])])
    if flag.rule == "contract_broken":
        about = f"{flag.rule} {' '.join(flag.anchor_ids)}"
    return safe(f"step {step}  ").append_text(safe(what, style)).append_text(safe(f"  {about}", "bold"))
