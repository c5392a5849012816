"""What a terminal shows of runs that are compared: what differs, what can be attributed, behaviours, anchors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console

from anchorwatch.compare import Against, AnswerPair, Change, Comparison
from anchorwatch.report import difference, words
from anchorwatch.report.attribution import attribution
from anchorwatch.report.changes import FIRST, Pair
from anchorwatch.report.console import TELLING, make_table
from anchorwatch.report.pair import block, safe, title


def show_comparison(
    comparison: Comparison, console: Console, *, changed: bool = False, everything: bool = False
) -> None:
    """Prints a comparison. `changed` adds both answers of every anchor that differ, `everything` all metrics."""
    _runs(comparison, console)
    _anchors(comparison, console)
    for each in comparison.attributions:
        console.print()
        console.print(safe(" ".join(attribution(each, comparison))))
    for against in comparison.against:
        console.print()
        console.rule(safe(f"{against.run} against {comparison.reference}", "bold"), align="left")
        _differences(against, console)
        _behaviours(against, comparison.reference, console, everything=everything)
        _switched(against, comparison.reference, console, changed=changed)


def _runs(comparison: Comparison, console: Console) -> None:
    table = make_table("", "run", "name", "anchor set", "step", "baseline", numbers=("step", "baseline"))
    for label, run in comparison.runs.items():
        info = run.info
        steps = str(run.now.step), str(run.baseline.step)
        watched = f"{info.anchor_set} version {info.anchor_set_version}"
        cells = (info.id[:8], info.name, watched, *steps)
        table.add_row(safe(label, "bold"), *(safe(cell, limit=60) for cell in cells))
    console.print(table)


def _anchors(comparison: Comparison, console: Console) -> None:
    common = comparison.common
    alike = len({run.info.anchor_set_digest for run in comparison.runs.values()}) == 1
    sets = "" if alike else "the runs were watched with different anchors: "
    console.print(safe(f"{sets}compared on {difference.anchors(len(common.anchors))}", "" if alike else "yellow"))
    if common.left_out:
        reasons = [f"{anchor_id} ({why})" for anchor_id, why in common.left_out.items()]
        console.print(safe(f"left out, {len(reasons)}: {', '.join(reasons)}", "yellow"))
    if common.other_expectations:
        names = ", ".join(common.other_expectations)
        console.print(safe(f"not expected the same, so their contracts are not compared: {names}", "yellow"))


def _differences(against: Against, console: Console) -> None:
    for cause in against.causes:
        factors = ", ".join(difference.factor(each) for each in cause.factors)
        console.print(safe(f"{cause.name}: ", "bold").append_text(safe(factors, "not bold", limit=400)))
    if not against.causes:
        console.print(safe("no factor differs that could change what was trained"))
    if against.measured:
        measured = words.few([difference.factor(each) for each in against.measured], 4)
        console.print(safe(f"how it was measured: {measured}", "dim"))
    if against.incomparable:
        names = ", ".join(map(words.behaviour, against.incomparable))
        scored = words.few([difference.factor(each) for each in against.rescored], 6)
        how = f" ({scored})" if scored else ""
        console.print(safe(f"warning: scored differently, not comparable: {names}{how}", "yellow"))
    if against.baselines_differ:
        total = len(against.answers)
        console.print(safe(f"at the baseline, {against.baselines_differ} of {total} answers differ already"))
    console.print()


def _behaviours(against: Against, reference: str, console: Console, *, everything: bool) -> None:
    by_metric = telling(against.changes)
    shown = by_metric if everything else moved(by_metric)
    noise = any(change.noise is not None for change in against.changes)
    columns = [reference, against.run, f"{against.run} − {reference}", *(["seed ±"] if noise else [])]
    own = f"{reference}, {against.run} since baseline"
    table = make_table("behaviour", *columns, own, numbers=columns)
    for metric in shown:
        name = words.behaviour(metric[0].metric) + ("" if metric[0].comparable else " (not comparable)")
        for change in metric:
            if not everything and change.group != "all" and not change.difference.value:
                continue
            cells = [
                name if change.group == "all" else f"  {words.group(change.group)}",
                difference.figure(change, change.reference),
                difference.figure(change, change.other),
                difference.interval(change, change.difference),
                *([_noise(change)] if noise else []),
                ", ".join(
                    difference.signed(change, own.value if own else None)
                    for own in (change.own_reference, change.own_other)
                ),
            ]
            table.add_row(*(safe(cell, limit=60) for cell in cells))
    console.print(table)
    if len(shown) < len(by_metric):
        console.print(safe(f"{len(by_metric) - len(shown)} more metrics, which differ less or not at all", "dim"))
    console.print()


def telling(changes: Iterable[Change]) -> list[list[Change]]:
    """The changes by metric, the most telling first: `FIRST`, then what differs most beside its interval."""
    by_metric: dict[str, list[Change]] = {}
    for change in changes:
        by_metric.setdefault(change.metric, []).append(change)
    return sorted(by_metric.values(), key=_telling)


def moved(by_metric: Iterable[Sequence[Change]]) -> list[Sequence[Change]]:
    """Of the changes by metric those that are shown unless all are asked for: contract pass, and what differs."""
    shown = (
        each for each in by_metric if each[0].metric == FIRST[0] or any(change.difference.value for change in each)
    )
    return list(shown)[:TELLING]


def _telling(metric: Sequence[Change]) -> tuple[int, float, str]:
    name = metric[0].metric
    return (FIRST.index(name) if name in FIRST else len(FIRST), -max(map(_width, metric)), name)


def _width(change: Change) -> float:
    """How far it differs, in half-widths of its interval: a number to sort by, not a test."""
    low, high, distance = change.difference.low, change.difference.high, abs(change.difference.value)
    half = (high - low) / 2 if low is not None and high is not None else 0.0
    return distance / half if half else float(distance > 0)


def _noise(change: Change) -> str:
    return words.NONE if change.noise is None else difference.signed(change, change.noise).lstrip("+")


def _switched(against: Against, reference: str, console: Console, *, changed: bool) -> None:
    """The anchors with contracts that hold in one of the runs alone, and how many answers differ."""
    worse = [each for each in against.answers if each.worse]
    better = [each for each in against.answers if each.better and not each.worse]
    legend = f"before is {reference}, now is {against.run}"
    for found, what, style in ((worse, "worse", "bold red"), (better, "better", "bold green")):
        console.print(
            safe(
                f"{what} in {against.run}: {difference.anchors(len(found))}",
                style if found else "dim",
            )
        )
        _print(found, legend, console)
    others = [each for each in against.answers if each.changed and not each.worse and not each.better]
    total = f"{sum(each.changed for each in against.answers)} of {len(against.answers)} answers differ"
    if others and not changed:
        total += f"; --changed prints the {len(others)} that switch no contract"
    console.print(safe(total, "bold"))
    if changed:
        _print(others, legend, console)


def _print(found: Sequence[AnswerPair], legend: str, console: Console) -> None:
    if found:
        console.print(safe(f"({legend})", "dim"))
        console.print()
    for each in found:
        pair = Pair(each.anchor, each.reference, each.other, each.worse, each.better, actions=each.actions)
        console.print(title(pair))
        console.print(block(pair, console))
