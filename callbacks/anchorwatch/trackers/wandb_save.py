"""A workspace saved in W&B, by a process of its own: W&B may wait for its server, and for its service, without end."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from typing import Any

from anchorwatch.errors import AnchorWatchError
from anchorwatch.trackers import wandb_workspace

PATIENCE = 60.0
"""Seconds that W&B has to answer."""
_TO_END = 3.0
"""Seconds that its process has to end in order after that."""


def save(workspace: Any) -> str | None:
    """Save a `wandb_workspaces.workspaces.Workspace`: its address, or None where there is no key. Nothing is asked.

    Raises:
        AnchorWatchError: what W&B said, in one line; it said nothing for `PATIENCE` seconds, or its process ended.
    """
    spawning = multiprocessing.get_context("spawn")
    answers, sender = spawning.Pipe(duplex=False)
    specification = wandb_workspace.specification(workspace)
    asking = spawning.Process(
        target=_ask, args=(sender, specification, workspace.entity, workspace.project), daemon=True
    )
    asking.start()
    sender.close()
    try:
        if not answers.poll(PATIENCE):
            raise AnchorWatchError(f"no answer in {PATIENCE:.0f} seconds")
        url: str | None
        failure: str | None
        url, failure = answers.recv()
        asking.join(_TO_END)
    except EOFError:
        asking.join(_TO_END)  # not without limit: it may have given up its end of the pipe and still wait
        raise AnchorWatchError(f"its process ended without an answer, exit code {asking.exitcode}") from None
    finally:
        asking.kill()
    if failure is not None:
        raise AnchorWatchError(failure)
    return url


def _ask(sender: Connection, specification: str, entity: str, project: str) -> None:
    """Send (the address, None), (None, what went wrong), or (None, None) where there is no key."""
    try:
        import wandb

        url = None
        if wandb.login(prompt=False, verify=False):
            workspace = wandb_workspace.from_specification(specification, entity, project)
            workspace.save()
            url = workspace.url
        sender.send((url, None))
    except Exception as error:
        lines = str(error).strip().splitlines()
        sender.send((None, lines[0] if lines else type(error).__name__))
