"""The command that writes the report page: report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anchorwatch.cli.app import StoreUrl, app, open_store
from anchorwatch.text import visible


@app.command("report")
def _report(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN...", help="Id, start of an id, name, or latest; several are compared with the first."
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", dir_okay=False, help="The file to write; one that is there is replaced.")
    ] = Path("report.html"),
    store: StoreUrl = None,
) -> None:
    """Write one HTML file to look at runs in a browser: loss and behaviour, flags, all answers, and runs compared."""
    from anchorwatch.report.page import write_report

    if not output.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {output.parent}")
    with open_store(store) as opened:
        write_report(opened, runs or ["latest"], output)
    print(visible(f"wrote {output}: open it in a browser"))
