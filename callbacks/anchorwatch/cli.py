"""The command `anchorwatch`. Torch and the trackers are not imported here: every command answers at once."""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anchorwatch.errors import AnchorWatchError, StoreError, unknown
from anchorwatch.text import visible

if TYPE_CHECKING:
    from anchorwatch.store import Store, StoredRun

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"max_content_width": 100},
)

_Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
_StoreUrl = Annotated[
    str | None,
    typer.Option("--store", metavar="URL", help="Default: $ANCHORWATCH_STORE, else sqlite:///anchorwatch.db."),
]


def main() -> None:
    """Runs the command line. Exits with 0; 1 for a set with errors; 2, and one line on stderr, for what went wrong."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its escape.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = app(prog_name="anchorwatch", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`| head`) has seen enough. Python would complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except (AnchorWatchError, typer.TyperException) as error:
        code = _fail(error.format_message() if isinstance(error, typer.TyperException) else str(error))
    except OSError as error:
        code = _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    sys.exit(code)


def _fail(message: str) -> int:
    print(f"anchorwatch: error: {visible(' '.join(message.split()))}", file=sys.stderr)
    return 2


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, allow_nan=False))


@app.callback(invoke_without_command=True)
def _about(
    context: typer.Context, show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Behaviour beside loss: what a fine-tune did to the answers you care about."""
    if show_version:
        print(f"anchorwatch {version('anchorwatch')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


@app.command("runs")
def _runs(
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
    as_json: _Json = False,
    store: _StoreUrl = None,
) -> None:
    """List the watched runs, newest first."""
    from anchorwatch import report
    from anchorwatch.report.as_json import run as run_as_json

    with _open(store) as opened:
        found = opened.runs(limit)
    if as_json:
        _print_json([run_as_json(run) for run in found])
    else:
        report.show_runs(found, report.make_console())


@app.command("show")
def _show(
    run: Annotated[str, typer.Argument(help="Id, start of an id, name, or latest.")] = "latest",
    step: Annotated[int | None, typer.Option(help="A step that was checked; default: the last one.")] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Both answers of every anchor that changed.")] = False,
    anchor: Annotated[str | None, typer.Option(metavar="ID", help="One anchor, with uncut answers and scores.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All metrics, and contract pass by tag.")] = False,
    as_json: _Json = False,
    store: _StoreUrl = None,
) -> None:
    """Show a run: loss and behaviour against the baseline, and the contracts that broke, with both answers."""
    from anchorwatch import report
    from anchorwatch.report.as_json import show as show_as_json
    from anchorwatch.report.changes import pairs

    with _open(store) as opened:
        stored = opened.run(run)
        run_id = stored.info.id
        steps = opened.steps(run_id)
        if not steps:
            raise _unborn(stored)
        baseline = opened.reading(run_id, steps[0])
        now = opened.reading(run_id, steps[-1] if step is None else step)
        anchor_set, losses = opened.anchor_set(run_id), opened.losses(run_id)
    if anchor is not None and anchor not in (known := [each.id for each in anchor_set.anchors]):
        raise StoreError(unknown("anchor", anchor, known))
    if as_json:
        whole = show_as_json(stored, anchor_set, losses, baseline, now)
        whole["anchors"] = [each for each in whole["anchors"] if anchor in (None, each["id"])]
        _print_json(whole)
        return
    console = report.make_console()
    report.show_head(stored, len(anchor_set), now.step, console)
    if anchor is None:
        report.show(anchor_set, losses, baseline, now, console, changed=changed, everything=everything)
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
    as_json: _Json = False,
    store: _StoreUrl = None,
) -> None:
    """Judge a stored run again: the flags at each check, from what was known then."""
    from anchorwatch import report
    from anchorwatch.judge.run import RunJudge
    from anchorwatch.report.flags import show_flags

    with _open(store) as opened:
        stored = opened.run(run)
        readings, losses = opened.readings(stored.info.id), opened.losses(stored.info.id)
        anchor_set = opened.anchor_set(stored.info.id)
    if not readings:
        raise _unborn(stored)
    judge = RunJudge(anchor_set.anchors, stored.info.factors, planned)
    for reading in readings:
        judge.add(reading)
    flags = judge.all_flags(losses)
    if as_json:
        checks = [{"step": step, "flags": [vars(flag) for flag in found]} for step, found in flags.items()]
        _print_json({"run": stored.info.id, "name": stored.info.name, "planned": judge.planned, "checks": checks})
        return
    console = report.make_console()
    report.show_head(stored, len(anchor_set), readings[-1].step, console)
    show_flags(flags, console)


@app.command("lint")
def _lint(
    anchor_set: Annotated[str, typer.Argument(metavar="SET", help="Name of a set that ships, or a file.")],
    as_json: _Json = False,
) -> None:
    """Say what is doubtful about an anchor set, and what it can show. Exit code 1 if it has errors."""
    from anchorwatch.anchors import load
    from anchorwatch.anchors.lint import lint

    loaded = load(anchor_set)
    findings = lint(loaded)
    if as_json:
        _print_json([vars(finding) for finding in findings])
    else:
        print(f"{loaded.name} version {loaded.version}, {len(loaded)} anchors, digest {loaded.digest}")
        for finding in findings:
            where = f"{finding.anchor_id}: " if finding.anchor_id else ""
            print(visible(f"{finding.level}: {where}{finding.message}"))
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


@app.command("new")
def _new(
    file: Annotated[Path, typer.Argument(help="The .yaml file to write; it must not exist.")],
    logs: Annotated[
        Path | None,
        typer.Option("--from", metavar="LOGS.jsonl", help="Draw a diverse sample of real prompts from a log."),
    ] = None,
    size: Annotated[int | None, typer.Option(help="How many prompts to draw; default: 24.")] = None,
) -> None:
    """Write a first anchor set: a commented example, or real prompts to label."""
    from anchorwatch.anchors import starter

    if logs is None:
        if size is not None:
            raise typer.BadParameter("--size says how many prompts to draw: it needs --from LOGS.jsonl")
        starter.write_starter(file)
        print(f"wrote {visible(str(file))}; edit it, then: anchorwatch lint {visible(str(file))}")
        return
    log = starter.write_from_logs(file, logs, 24 if size is None else size)
    unusable = "".join(f", {n} lines left out ({reason})" for reason, n in log.unusable.items())
    print(f"read {len(log.prompts)} distinct prompts, {log.duplicates} repeated{unusable}")
    print(f"wrote {visible(str(file))}; label it, then: anchorwatch lint {visible(str(file))}")


@app.command("sets")
def _sets() -> None:
    """List the anchor sets that ship with anchorwatch."""
    from anchorwatch.anchors import KINDS, load, shipped

    for name, path in shipped().items():
        loaded = load(name)
        kinds = ", ".join(f"{n} {kind}" for kind in KINDS if (n := sum(a.kind == kind for a in loaded.anchors)))
        print(f"{name:<12} version {loaded.version}, {len(loaded)} anchors ({kinds})  {path}")


def _unborn(run: StoredRun) -> StoreError:
    return StoreError(f"run {run.info.name!r} ({run.info.id}) has no check yet, its baseline neither")


def _open(url: str | None) -> Store:
    """The store at `url`. Reading it does not create it, as watching does."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    from anchorwatch.store import Store, default_url

    given = url or default_url()
    try:
        parsed = make_url(given)
    except (ArgumentError, ValueError):
        return Store(given)  # which says what is wrong with it
    file = parsed.database if parsed.get_backend_name() == "sqlite" else None
    if file and not file.startswith((":memory:", "file:")) and not Path(file).exists():
        raise StoreError(
            f"there is no store at {given} yet: the first watched run creates it; --store names another one"
        )
    return Store(given)
