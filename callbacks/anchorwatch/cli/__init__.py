"""The command `anchorwatch`. Torch and the trackers are not imported here: every command answers at once."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from anchorwatch.cli import compare, follow, replay, report, runs, sets, wandb
from anchorwatch.cli.app import app
from anchorwatch.errors import AnchorWatchError
from anchorwatch.text import visible

__all__ = ["app", "compare", "follow", "main", "replay", "report", "runs", "sets", "wandb"]


def main() -> None:
    """Runs the command line.

    Exits with 0; 1 for a set with errors or a watched run that failed; 2, and one line on stderr, for what went wrong.
    """
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
