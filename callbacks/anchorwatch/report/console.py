"""What a terminal shows of a run: the summary when training ends, and a stored run.

Everything that a model or a user wrote goes through `visible` into `rich.text.Text`: it is never read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import IO

from rich.console import Console
from rich.table import Table

from anchorwatch.anchors import KINDS, AnchorSet
from anchorwatch.records import Check, ContractResult, Flag, LossPoint, Reading, RunInfo
from anchorwatch.report import words
from anchorwatch.report.changes import FIRST, Pair, Row, pairs, rows
from anchorwatch.report.flags import flag_block, trends
from anchorwatch.report.pair import block, safe, title

TELLING = 8
"""Metrics shown unless all are asked for."""


@dataclass(frozen=True)
class WatchCost:
    """What the watch took of a training run."""

    checks: int
    seconds: float
    """Spent on the watch: on its start and on its checks."""
    training_seconds: float
    """From the start of the watch, before the baseline, to the end of training; `seconds` included."""


def make_console(file: IO[str] | None = None, *, terminal: bool | None = None) -> Console:
    """A console that adds nothing to a text: no markup, no highlighting, no emoji codes.

    `terminal` says whether what is written to `file` will be shown in one; None: as `file` says itself.
    """
    return Console(file=file, force_terminal=terminal, markup=False, highlight=False, emoji=False)


def summary(
    run: RunInfo,
    anchor_set: AnchorSet,
    losses: Sequence[LossPoint],
    baseline: Reading,
    last: Reading,
    console: Console,
    *,
    flags: Iterable[Flag] = (),
    cost: WatchCost | None = None,
    where: Sequence[tuple[str, str]] = (),
) -> None:
    """Prints what the watch saw: loss, behaviours, contracts broken with both answers, its cost, and where to look.

    Alarms among `flags`, all of the run in step order, that do not stand at its last check are told as over. `where` is
    what `where_to_look` returns.
    """
    console.print()
    console.rule(safe(f"anchorwatch: {run.name}, step {baseline.step} → {last.step}", "bold"), align="left")
    _losses(losses, console)
    _flags(baseline, last, flags, console)
    _behaviours(baseline, last, console)
    found = pairs(anchor_set, baseline, last)
    _switched(found, last, console)
    _rest(found, console, f"anchorwatch show {run.id} --changed prints the others")
    if cost is not None:
        share = f", {cost.seconds / cost.training_seconds:.1%} of the training time" if cost.training_seconds else ""
        console.print(
            safe(f"the watch took {words.duration(cost.seconds)} for {words.counted(cost.checks, 'check')}{share}")
        )
    show_commands(where, console)


def show(
    anchor_set: AnchorSet,
    losses: Sequence[LossPoint],
    baseline: Reading,
    now: Reading,
    console: Console,
    *,
    flags: Iterable[Flag] = (),
    changed: bool = False,
    everything: bool = False,
) -> None:
    """Prints a check of a stored run against its baseline; the head is the caller's.

    Alarms among `flags`, all of the run in step order, that are over by this check are told as such. `changed` adds
    both answers of every anchor that changed, `everything` all metrics, and contract pass by tag.
    """
    _made(now.check, console)
    _losses([point for point in losses if point.step <= now.step], console)
    _flags(baseline, now, flags, console)
    _behaviours(baseline, now, console, everything=everything)
    found = pairs(anchor_set, baseline, now)
    _switched(found, now, console)
    _rest(found, console, None if changed else "--changed prints the others")


def show_anchor(pair: Pair, baseline: Reading, now: Reading, console: Console) -> None:
    """Prints all about one anchor: both answers uncut, its contracts, and its scores as far as there are any."""
    console.print(title(pair))
    console.print(block(pair, console, limit=None))
    for contract in now.contracts:
        if contract.anchor_id == pair.anchor.id:
            console.print(safe(f"  {'held' if contract.held else 'not held'}: {contract.name}: {contract.reason}"))
    if ties := pair.now.ties:
        where = words.few([str(position) for position in ties])
        console.print(safe(f"  a tie at token {where}: rounding may have chosen, not the model", "dim"))
    table = make_table("score", "baseline", "now", "why")
    for score in now.scores:
        earlier = baseline.score(score.anchor_id, score.metric)
        before = earlier.value if earlier else None
        if score.anchor_id == pair.anchor.id and (score.value, before) != (None, None):
            cells = (words.behaviour(score.metric), words.value(before), words.value(score.value))
            table.add_row(*map(safe, cells), safe(score.reason, "dim", limit=200))
    console.print(table)


def show_commands(commands: Sequence[tuple[str, str]], console: Console) -> None:
    """Prints what `where_to_look` returns; a command is never wrapped, so that it can be copied."""
    for what, command in commands:
        console.print(safe(f"{what}:", "dim"))
        console.print(safe(f"  {command}", "cyan"), soft_wrap=True)


def _made(check: Check, console: Console) -> None:
    """What kind of check it is, how it was made, and what it cost."""
    kind = f"{check.trigger} check" if check.trigger in ("baseline", "drift") else "check"
    made = f"{kind} ({how})" if (how := _how(check)) else kind
    cost = f"{words.duration(check.cost.seconds)}, {check.cost.forward_calls} calls of the model"
    console.print(safe(f"{made}: {cost}", "dim"))


def _how(check: Check) -> str:
    """How a check came by its outputs, in a few words; empty where that was not recorded."""
    if check.generated_because:
        return f"generated: {check.generated_because}"
    departed = check.cost.departed
    return "" if departed is None else f"{len(check.outputs) - departed} verified, {departed} departed"


def _losses(points: Sequence[LossPoint], console: Console) -> None:
    for line in words.losses(points) or ["no loss was logged"]:
        console.print(safe(line))
    console.print()


def _behaviours(baseline: Reading, now: Reading, console: Console, *, everything: bool = False) -> None:
    by_metric = rows(baseline, now)
    shown = by_metric if everything else _told(by_metric)
    table = make_table("behaviour", "", "baseline", "now", "now: n; 95% interval", numbers=("baseline", "now"))
    for metric in shown:
        name = words.behaviour(metric[0].metric)
        for row in _without_tags(metric) if everything else _short(metric):
            cells = (
                name,
                words.group(row.group),
                words.figure(row.before),
                words.figure(row.now),
                words.basis(row.now),
            )
            table.add_row(*map(safe, cells))
            name = ""
    console.print(table)
    if len(shown) < len(by_metric):
        console.print(safe(f"{len(by_metric) - len(shown)} more metrics, which moved less or not at all", "dim"))
    console.print()


def _flags(baseline: Reading, now: Reading, flags: Iterable[Flag], console: Console) -> None:
    """What the bell says at a check, alarms first, then those that are over; contracts are told with their answers."""
    standing = sorted(trends(now.flags), key=lambda flag: flag.level != "alarm")
    if told := [*standing, *_over(flags, now)]:
        rates = words.rates((baseline, now))
        for flag in told:
            console.print(flag_block(flag, rates))
        console.print()


def _over(flags: Iterable[Flag], now: Reading) -> list[Flag]:
    """The alarms of earlier checks that are none now, each once: as it was last said, with when it rang."""
    standing = {flag.key: flag.level for flag in now.flags}
    rang: dict[object, list[Flag]] = {}
    for flag in trends(flags):
        if flag.level == "alarm" and flag.step < now.step and standing.get(flag.key) != "alarm":
            rang.setdefault(flag.key, []).append(flag)
    return [replace(alarms[-1], message=_rang(alarms, watched=key in standing)) for key, alarms in rang.items()]


def _rang(alarms: Sequence[Flag], *, watched: bool) -> str:
    first, last = alarms[0].step, alarms[-1].step
    steps = f"at step {first}" if first == last else f"from step {first} to {last}"
    return f"rang {steps}, {'a watch now' if watched else 'no alarm since'}: {alarms[-1].message}"


def _told(by_metric: list[list[Row]]) -> list[list[Row]]:
    """The first few, as far as they tell anything: contract pass, and what moved or has a value since the baseline."""
    telling = [
        metric
        for metric in by_metric
        if any(row.now is not None and row.now.value is not None for row in metric)
        and (metric[0].metric == "contract_pass" or any(row.new or row.moved for row in metric))
    ]
    return telling[:TELLING]


def _without_tags(rows: list[Row]) -> list[Row]:
    """All groups of contract pass; of the other metrics no tags, which would fill screens."""
    return [row for row in rows if row.group in ("all", *KINDS) or row.metric == "contract_pass"]


def _short(rows: list[Row]) -> list[Row]:
    """Without tags, and without kinds of which no anchor has a score or, `FIRST` aside, whose value did not move."""
    return [
        row
        for row in rows
        if row.group == "all"
        or (row.group in KINDS and row.now is not None and row.now.n and (row.moved or row.metric in FIRST))
    ]


def _switched(found: Sequence[Pair], now: Reading, console: Console) -> None:
    """The anchors whose contracts broke, with both answers; those that mended, by name."""
    broken = [pair for pair in found if pair.broken]
    if broken:
        count = sum(len(pair.broken) for pair in broken)
        console.print(safe(f"contracts broken since the baseline: {count} of {len(now.contracts)}", "bold red"))
        _print_pairs(broken, console)
    elif now.contracts:
        console.print(safe("no contract that held at the baseline is broken", "green"))
    else:
        console.print(safe("the anchor set states no contracts", "dim"))
    if mended := [f"{pair.anchor.id} ({_names(pair.mended)})" for pair in found if pair.mended]:
        console.print(safe(f"mended since the baseline: {', '.join(mended)}", "green"))
    if never := sum(not contract.held for contract in now.contracts) - sum(len(pair.broken) for pair in found):
        console.print(safe(f"{never} more did not hold at the baseline either", "dim"))


def _rest(found: Sequence[Pair], console: Console, hint: str | None) -> None:
    """How many answers changed; without a hint where to find those that broke no contract, they are printed."""
    others = [pair for pair in found if pair.changed and not pair.broken]
    total = f"{sum(pair.changed for pair in found)} of {len(found)} answers changed"
    console.print(safe(f"{total}; {hint}" if others and hint else total, "bold"))
    if others and not hint:
        _print_pairs(others, console)


def _print_pairs(shown: Sequence[Pair], console: Console) -> None:
    console.print()
    for pair in shown:
        console.print(title(pair))
        console.print(block(pair, console))


def _names(results: Sequence[ContractResult]) -> str:
    return ", ".join(words.contract(result.name) for result in results)


def make_table(*columns: str, numbers: Sequence[str] = ()) -> Table:
    """A table without borders; the columns named in `numbers` are aligned to the right."""
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), show_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return table
