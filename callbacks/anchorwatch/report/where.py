"""The commands that open what was recorded."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import make_url

from anchorwatch.mlflow_address import Address, without_password
from anchorwatch.records import RunInfo
from anchorwatch.store.database import default_url

_MLFLOW_UI = "http://127.0.0.1:5000"
"""Where `mlflow ui` serves if it is not told otherwise."""


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
    found: list[tuple[str, str]] = []
    for tracker, address in links.items():
        found += _OPENS[tracker](address) if tracker in _OPENS else [(tracker, address)]
    return found


def _mlflow(text: str) -> list[tuple[str, str]]:
    """The command that serves what lies in a database or a folder, then links into the web page."""
    address = Address.parse(text)
    what = f"MLflow, run {address.run_id}"
    uri = address.uri or without_password(_mlflow_here())
    if uri.startswith("databricks"):
        return [(what, uri)]
    served = uri.startswith(("http://", "https://"))
    if not address.experiment_id:
        return [(what, uri if served else _mlflow_ui(uri))]
    page = f"{uri.rstrip('/') if served else _MLFLOW_UI}/#/experiments/{address.experiment_id}"
    # Without it the page opens in the mode that hides training runs.
    mode = "workflowType=machine_learning"
    links = [] if served else [("MLflow, to be started for the links below", _mlflow_ui(uri))]
    if address.view:
        key = quote(address.view, safe="")
        links.append(("behaviour vs loss", f"{page}/runs?{mode}&compareRunsMode=CHART&viewStateShareKey={key}"))
    links.append(("answers of several runs side by side", f"{page}/runs?{mode}&compareRunsMode=ARTIFACT"))
    if address.last and address.last != address.baseline:
        pair = f"{address.last}/traces?{mode}&compareToRunUuid={address.baseline}"
        links.append(("the last check beside the baseline, row by row", f"{page}/runs/{pair}"))
    links.append((what, f"{page}/runs/{address.run_id}?{mode}"))
    return links


def _mlflow_here() -> str:
    """The tracking URI of this process, for a run of which no more than its id was recorded."""
    # Where mlflow runs, it knows its store; it is not worth an import of seconds to ask for a default.
    module = sys.modules.get("mlflow")
    return str(module.get_tracking_uri() if module else os.environ.get("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db"))


def _mlflow_ui(uri: str) -> str:
    return f"mlflow ui --backend-store-uri {shlex.quote(uri)}"


def _wandb(address: str) -> list[tuple[str, str]]:
    if Path(address).is_absolute():
        return [("W&B, in the terminal", f"wandb leet {shlex.quote(_from_here(address))}")]
    return [("W&B", address)]


def _trackio(address: str) -> list[tuple[str, str]]:
    return [("trackio", f"trackio show --project {shlex.quote(address.rpartition('/')[0])}")]


def _from_here(path: str) -> str:
    """`path` relative to the working directory where it lies below it, as it is easier to read."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


_OPENS = {"mlflow": _mlflow, "wandb": _wandb, "trackio": _trackio}
