"""The command that sets runs side by side: compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from anchorwatch.cli.app import Json, StoreUrl, app, open_store, print_json, unborn

if TYPE_CHECKING:
    from anchorwatch.compare import ComparedRun
    from anchorwatch.store import Store


@app.command("compare")
def _compare(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN RUN...", help="Ids, starts of ids, names; the first is the reference.")
    ],
    step: Annotated[
        int | None, typer.Option(help="A step that was checked in all of them; default: each one's last full check.")
    ] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Both answers of every anchor where they differ.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="All metrics.")] = False,
    as_json: Json = False,
    store: StoreUrl = None,
) -> None:
    """Compare runs on the same anchors: what differs between them, what it did, and what it can be put down to."""
    from anchorwatch import report
    from anchorwatch.compare import compare
    from anchorwatch.report.comparison import show_comparison
    from anchorwatch.report.comparison_json import comparison as comparison_as_json

    with open_store(store) as opened:
        compared = compare([_read(opened, reference, step) for reference in runs])
    if as_json:
        print_json(comparison_as_json(compared))
    else:
        show_comparison(compared, report.make_console(), changed=changed, everything=everything)


def _read(store: Store, reference: str, step: int | None) -> ComparedRun:
    """The run with its baseline and the check to compare, read without the others."""
    from anchorwatch.compare import ComparedRun

    stored = store.run(reference)
    run_id = stored.info.id
    steps = store.steps(run_id, full=True)
    if not steps:
        raise unborn(stored)
    # Scores are read, and no likelihoods, of which they were made.
    checks = (steps[0], steps[-1] if step is None else step)
    baseline, now = (store.reading(run_id, each, likelihoods=False) for each in checks)
    return ComparedRun(stored.info, store.anchor_set(run_id), baseline, now)
