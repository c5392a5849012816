"""What all commands share: the application, options, JSON, and the store that they read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anchorwatch.errors import StoreError

if TYPE_CHECKING:
    from anchorwatch.store import Store, StoredRun

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"max_content_width": 100},
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
StoreUrl = Annotated[
    str | None,
    typer.Option("--store", metavar="URL", help="Default: $ANCHORWATCH_STORE, else sqlite:///anchorwatch.db."),
]


def print_json(value: Any) -> None:
    """`value` to standard output; what is not a number in JSON (nan, infinity) is an error."""
    print(json.dumps(value, indent=2, allow_nan=False))


def unborn(run: StoredRun) -> StoreError:
    """The error for a run without a check."""
    return StoreError(f"run {run.info.name!r} ({run.info.id}) has no check yet, its baseline neither")


def open_store(url: str | None) -> Store:
    """The store at `url`. Reading it does not create it, as watching does."""
    from anchorwatch.store import Store, default_url, file_behind

    given = url or default_url()
    file = file_behind(given)
    if file is not None and not file.exists():
        raise StoreError(
            f"there is no store at {given} yet: the first watched run creates it; --store names another one"
        )
    return Store(given)
