from __future__ import annotations

import sys
from pathlib import Path

import pytest

from anchorwatch.records import RunInfo
from anchorwatch.report import where_to_look

RUN = RunInfo("3f2a", "shop", "support-en", 1, "0")


@pytest.fixture(autouse=True)
def _without_mlflow(monkeypatch):
    monkeypatch.delitem(sys.modules, "mlflow", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.mark.parametrize(
    ("store", "command"),
    [
        (None, "anchorwatch show 3f2a"),
        ("sqlite:///anchorwatch.db", "anchorwatch show 3f2a"),
        ("sqlite:///my runs.db", "anchorwatch show 3f2a --store 'sqlite:///my runs.db'"),
        ("postgresql://me:secret@host/db", "anchorwatch show 3f2a --store 'postgresql://me:***@host/db'"),
    ],
)
def test_the_store_is_named_unless_it_is_the_default_and_its_password_never(store, command):
    assert where_to_look({}, store, RUN) == [("both answers to each anchor", command)]


@pytest.mark.parametrize(
    ("tracker", "address", "command"),
    [
        ("mlflow", "ab12", "mlflow ui --backend-store-uri sqlite:///mlflow.db"),
        ("wandb", "/elsewhere/wandb/offline-run-1", "wandb leet /elsewhere/wandb/offline-run-1"),
        ("wandb", "team/shop/ab12", "https://wandb.ai/team/shop/runs/ab12"),
        ("trackio", "my shop/run-1", "trackio show --project 'my shop'"),
        ("comet", "https://comet/x", "https://comet/x"),
    ],
)
def test_every_tracker_gets_the_command_that_opens_it(tracker, address, command):
    assert where_to_look({tracker: address}, None, RUN)[1][1] == command


def test_an_offline_run_below_the_working_directory_is_named_from_there():
    folder = Path.cwd() / "wandb" / "offline-run-1"
    assert where_to_look({"wandb": str(folder)}, None, RUN)[1][1] == "wandb leet wandb/offline-run-1"


def test_mlflow_on_a_server_is_opened_there(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking.internal:5000")
    assert where_to_look({"mlflow": "ab12"}, None, RUN)[1] == ("MLflow, run ab12", "http://tracking.internal:5000")
