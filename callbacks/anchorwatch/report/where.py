"""The commands that open what was recorded."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import make_url

from anchorwatch.records import RunInfo
from anchorwatch.store.database import default_url


def where_to_look(links: Mapping[str, str], store_url: str | None, run: RunInfo) -> list[tuple[str, str]]:
    """(what it opens, command) for the run in the local store, then for each tracker that keeps it.

    `links` are the trackers' addresses, by tracker name. `store_url` None is the default store, which the command need
    not name. A password in it is not shown.
    """
    option = ""
    if store_url is not None and store_url != default_url():
        option = f" --store {shlex.quote(make_url(store_url).render_as_string(hide_password=True))}"
    return [("both answers to each anchor", f"anchorwatch show {shlex.quote(run.id)}{option}"), *in_trackers(links)]


def in_trackers(links: Mapping[str, str]) -> list[tuple[str, str]]:
    """(what it opens, command or URL) for each tracker; an address of an unknown tracker is shown as it is."""
    return [_OPENS[tracker](address) if tracker in _OPENS else (tracker, address) for tracker, address in links.items()]


def _mlflow(run_id: str) -> tuple[str, str]:
    what = f"MLflow, run {run_id}"
    # Where mlflow runs, it knows its store; it is not worth an import of seconds to ask for a default.
    module = sys.modules.get("mlflow")
    uri = module.get_tracking_uri() if module else os.environ.get("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    if uri.startswith(("http://", "https://", "databricks")):
        return what, str(uri)
    return what, f"mlflow ui --backend-store-uri {shlex.quote(uri)}"


def _wandb(address: str) -> tuple[str, str]:
    if Path(address).is_absolute():
        return "W&B, in the terminal", f"wandb leet {shlex.quote(_from_here(address))}"
    entity_and_project, _, run_id = address.rpartition("/")
    host = os.environ.get("WANDB_BASE_URL", "https://wandb.ai").replace("://api.", "://").rstrip("/")
    return "W&B", f"{host}/{entity_and_project}/runs/{run_id}"


def _trackio(address: str) -> tuple[str, str]:
    return "trackio", f"trackio show --project {shlex.quote(address.rpartition('/')[0])}"


def _from_here(path: str) -> str:
    """`path` relative to the working directory where it lies below it, as it is easier to read."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


_OPENS = {"mlflow": _mlflow, "wandb": _wandb, "trackio": _trackio}
