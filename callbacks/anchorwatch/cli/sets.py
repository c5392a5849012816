"""Commands about anchor sets: lint, new, sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anchorwatch.cli.app import Json, app, print_json
from anchorwatch.text import visible


@app.command("lint")
def _lint(
    anchor_set: Annotated[str, typer.Argument(metavar="SET", help="Name of a set that ships, or a file.")],
    as_json: Json = False,
) -> None:
    """Say what is doubtful about an anchor set, and what it can show. Exit code 1 if it has errors."""
    from anchorwatch.anchors import load
    from anchorwatch.anchors.lint import lint

    loaded = load(anchor_set)
    findings = lint(loaded)
    if as_json:
        print_json([vars(finding) for finding in findings])
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
