"""The command that makes W&B show behaviour beside loss: wandb-workspace."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from anchorwatch.cli.app import StoreUrl, app, open_store, unborn
from anchorwatch.errors import AnchorWatchError, ConfigurationError, StoreError
from anchorwatch.text import visible

if TYPE_CHECKING:
    from anchorwatch.store import Store, StoredRun

_NO_KEY = "there is no W&B key here, or WANDB_MODE says offline"


@app.command("wandb-workspace")
def _wandb_workspace(
    project: Annotated[str, typer.Argument(metavar="ENTITY/PROJECT", help="The W&B project that it is for.")],
    run: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Show what this run logged; default: the newest one of the project."),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", dir_okay=False, help="The file to write; one that is there is replaced.")
    ] = Path("wandb-workspace.json"),
    spec_only: Annotated[bool, typer.Option("--spec-only", help="Write the file and save nothing.")] = False,
    written: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", dir_okay=False, help="Save what such a file holds.")
    ] = None,
    store: StoreUrl = None,
) -> None:
    """Save a workspace in a W&B project: behaviour over steps and over eval loss, by kind, flags, both answers.

    Each call makes a new one. Where there is no W&B key, its specification is written to a file.
    """
    from anchorwatch.trackers import wandb_workspace as workspaces

    entity, name = workspaces.parse_project(project)
    workspaces.load_library()
    if written is not None:
        if run is not None or spec_only:
            raise typer.BadParameter("--from saves what the file holds: --run and --spec-only say something else")
        if not _save(_read(written, entity, name), written):
            raise ConfigurationError(f"{written} is not saved: {_NO_KEY}; to log in: wandb login")
        return
    if not output.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {output.parent}")
    workspace = _build(entity, name, run, store)
    saved = False
    try:
        saved = not spec_only and _save(workspace, output)
    finally:
        if not saved:
            output.write_text(workspaces.specification(workspace), "utf-8")
    if not saved:
        print(visible(f"wrote {output}, the specification of the workspace" + ("" if spec_only else f": {_NO_KEY}")))
        print(visible(f"to save it: wandb login, then {_again(project, output)}"))


def _build(entity: str, name: str, run: str | None, store: str | None) -> Any:
    """The workspace for what a run logged; without one, for what any anchor set logs."""
    from anchorwatch.trackers import wandb_workspace as workspaces

    try:
        with open_store(store) as opened:
            stored = _newest(opened, entity, name) if run is None else opened.run(run)
            if stored is not None:
                numbers, losses = _logged(opened, stored)
                print(visible(f"a workspace for what run {stored.info.name!r} ({stored.info.id}) logged"))
                return workspaces.build(entity, name, numbers, losses or workspaces.LOSSES)
    except StoreError:
        if run is not None or store is not None:
            raise
    print("a workspace for what any anchor set logs; --run RUN makes it for what a run of the store logged")
    return workspaces.build(entity, name)


def _newest(store: Store, entity: str, project: str) -> StoredRun | None:
    """The newest run that W&B keeps in the project; None if there is none with a check."""
    runs, page = store.runs(factors=False), f"/{quote(entity)}/{quote(project)}/runs/"
    return next((run for run in runs if run.checks and page in run.links.get("wandb", "")), None)


def _logged(store: Store, run: StoredRun) -> tuple[set[str], list[str]]:
    """The names in W&B of the numbers and of the losses of a run."""
    from anchorwatch.trackers import tables
    from anchorwatch.trackers import wandb_workspace as workspaces

    run_id = run.info.id
    steps = store.steps(run_id, full=True)
    if not steps:
        raise unborn(run)
    # What compares with the baseline is missing at the baseline; what was measured there alone is missing later.
    readings = [store.reading(run_id, step, likelihoods=False) for step in (steps[0], steps[-1])]
    losses = dict.fromkeys(tables.loss_name(point.name) for point in store.losses(run_id))
    return workspaces.logged_numbers(readings), list(losses)


def _read(file: Path, entity: str, name: str) -> Any:
    from anchorwatch.trackers import wandb_workspace as workspaces

    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} is not text in UTF-8") from error
    try:
        return workspaces.from_specification(text, entity, name)
    except ConfigurationError as error:
        raise ConfigurationError(f"{file}: {error}") from error


def _save(workspace: Any, file: Path) -> bool:
    """Save the workspace and print where it is; False where there is no key. Nothing is asked of the user.

    Raises:
        AnchorWatchError: W&B did not take it; the message says that `file` holds it.
    """
    from anchorwatch.trackers import wandb_save

    try:
        url = wandb_save.save(workspace)
    except AnchorWatchError as error:
        again = _again(f"{workspace.entity}/{workspace.project}", file)
        raise AnchorWatchError(
            f"W&B did not take the workspace ({error}); its specification is in {file}, to try again: {again}"
        ) from error
    if url is not None:
        print(visible(f"saved: {url}"))
    return url is not None


def _again(project: str, file: Path) -> str:
    return f"anchorwatch wandb-workspace {shlex.quote(project)} --from {shlex.quote(str(file))}"
