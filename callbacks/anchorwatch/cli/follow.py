"""The command that follows a run while it trains: watch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from anchorwatch.cli.app import StoreUrl, app, open_store

if TYPE_CHECKING:
    from rich.console import Console

    from anchorwatch.store import Store, StoredRun


@app.command("watch")
def _watch(
    run: Annotated[
        str | None,
        typer.Argument(help="Id, start of an id, name, or latest; default: the latest if it trains, else the next."),
    ] = None,
    store: StoreUrl = None,
) -> None:
    """Follow a run from another terminal while it trains: each check as it comes. Exit code 1 if the run failed."""
    from anchorwatch import report
    from anchorwatch.report.follow import follow

    console = report.make_console()
    if run is None:
        _await_store(store, console)
    with open_store(store) as opened:
        ended = None
        while ended is None:
            followed = _training(opened, console) if run is None else opened.run(run)
            report.show_head(followed, len(opened.anchor_set(followed.info.id)), None, console)
            ended = follow(opened, followed.info.id, console, onward=run is None)
    report.show_end(ended, store, console)
    if ended.status == "failed":
        raise typer.Exit(1)


def _await_store(url: str | None, console: Console) -> None:
    """Returns when there is a store at `url`, as the first run makes it."""
    from anchorwatch.report.follow import say
    from anchorwatch.store import check_url, default_url, file_behind

    given = url or default_url()
    check_url(given)
    file = file_behind(given)
    if file is None or file.exists():
        return
    say(f"there is no store at {given} yet: waiting for the first run", console)
    while not file.exists():
        time.sleep(1)


def _training(store: Store, console: Console) -> StoredRun:
    """The latest run, when it is one that trains."""
    from anchorwatch.report.follow import say

    said = False
    while True:
        latest = next(iter(store.runs(1)), None)
        if latest is not None and latest.status == "running":
            return latest
        if not said:
            ended = f"{latest.info.name}, the latest run, has {latest.status}" if latest else "there is no run yet"
            say(f"{ended}: waiting for the next one", console)
            said = True
        time.sleep(1)
