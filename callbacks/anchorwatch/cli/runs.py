"""Commands that read what was recorded: runs, show, judge."""

from __future__ import annotations

from typing import Annotated

import typer

from anchorwatch.cli.app import Json, StoreUrl, app, open_store, print_json, unborn
from anchorwatch.errors import StoreError, unknown


@app.command("runs")
def _runs(
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
    as_json: Json = False,
    store: StoreUrl = None,
) -> None:
    """List the watched runs, newest first."""
    from anchorwatch import report
    from anchorwatch.report.as_json import run as run_as_json

    with open_store(store) as opened:
        found = opened.runs(limit, factors=as_json)
    if as_json:
        print_json([run_as_json(run) for run in found])
    else:
        report.show_runs(found, report.make_console())


@app.command("show")
def _show(
    run: Annotated[str, typer.Argument(help="Id, start of an id, name, or latest.")] = "latest",
    step: Annotated[int | None, typer.Option(help="A step that was checked; default: the last one.")] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Both answers of every anchor that changed.")] = False,
    anchor: Annotated[str | None, typer.Option(metavar="ID", help="One anchor, with uncut answers and scores.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All metrics, and contract pass by tag.")] = False,
    as_json: Json = False,
    store: StoreUrl = None,
) -> None:
    """Show a run: loss and behaviour against the baseline, and the contracts that broke, with both answers."""
    from anchorwatch import report
    from anchorwatch.report.as_json import show as show_as_json
    from anchorwatch.report.changes import pairs

    with open_store(store) as opened:
        stored = opened.run(run)
        run_id = stored.info.id
        steps = opened.steps(run_id)
        if not steps:
            raise unborn(stored)
        baseline = opened.reading(run_id, steps[0])
        now = opened.reading(run_id, steps[-1] if step is None else step)
        anchor_set, losses, flags = opened.anchor_set(run_id), opened.losses(run_id), opened.flags(run_id)
    if anchor is not None and anchor not in (known := [each.id for each in anchor_set.anchors]):
        raise StoreError(unknown("anchor", anchor, known))
    if as_json:
        whole = show_as_json(stored, anchor_set, losses, baseline, now)
        whole["anchors"] = [each for each in whole["anchors"] if anchor in (None, each["id"])]
        print_json(whole)
        return
    console = report.make_console()
    report.show_head(stored, len(anchor_set), now.step, console)
    if anchor is None:
        report.show(anchor_set, losses, baseline, now, console, flags=flags, changed=changed, everything=everything)
    for pair in pairs(anchor_set, baseline, now):
        if pair.anchor.id == anchor:
            report.show_anchor(pair, baseline, now, console)


@app.command("judge")
def _judge(
    run: Annotated[str, typer.Argument(help="Id, start of an id, name, or latest.")] = "latest",
    planned: Annotated[
        int | None,
        typer.Option(min=1, help="Checks the run was planned with; default: as it was recorded."),
    ] = None,
    alarm: Annotated[
        float | None,
        typer.Option(
            metavar="P", help="Share of quiet runs that may have an alarm; default: 0.05.", show_default=False
        ),
    ] = None,
    watch: Annotated[
        float | None,
        typer.Option(metavar="P", help="Share of quiet runs that may have a watch; default: 0.25.", show_default=False),
    ] = None,
    as_json: Json = False,
    store: StoreUrl = None,
) -> None:
    """Judge a stored run again: the flags at each check, from what was known then."""
    from anchorwatch import report
    from anchorwatch.judge.run import RunJudge
    from anchorwatch.judge.trends import ALARM, WATCH
    from anchorwatch.report.flags import show_flags
    from anchorwatch.report.words import rates

    with open_store(store) as opened:
        stored = opened.run(run)
        readings, losses = opened.readings(stored.info.id), opened.losses(stored.info.id)
        anchor_set = opened.anchor_set(stored.info.id)
    if not readings:
        raise unborn(stored)
    levels = {"alarm": ALARM if alarm is None else alarm, "watch": WATCH if watch is None else watch}
    judge = RunJudge(anchor_set.anchors, stored.info.factors, planned, **levels)
    for reading in readings:
        judge.add(reading)
    flags = judge.all_flags(losses)
    if as_json:
        checks = [{"step": step, "flags": [vars(flag) for flag in found]} for step, found in flags.items()]
        head = {"run": stored.info.id, "name": stored.info.name, "planned": judge.planned, **levels}
        print_json({**head, "checks": checks})
        return
    console = report.make_console()
    report.show_head(stored, len(anchor_set), None, console)
    if levels != {"alarm": ALARM, "watch": WATCH}:
        console.print(f"judged with an alarm at p ≤ {judge.alarm:g} and a watch at p ≤ {judge.watch:g}", style="dim")
    show_flags(flags, rates(readings), console)
