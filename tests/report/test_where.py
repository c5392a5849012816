from __future__ import annotations

import sys
from pathlib import Path

import pytest

from anchorwatch.mlflow_address import Address, without_password
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
        ("wandb", "https://wandb.example/team/shop/runs/ab12", "https://wandb.example/team/shop/runs/ab12"),
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


PAGE = "#/experiments/3/runs"
MODE = "workflowType=machine_learning"


@pytest.mark.parametrize(
    ("uri", "page"),
    [
        ("http://me:secret@host:5000/mlflow/", "http://host:5000/mlflow"),
        ("sqlite:///my runs.db", "http://127.0.0.1:5000"),
        ("postgresql://me:secret@host/db", "http://127.0.0.1:5000"),
    ],
)
def test_links_lead_into_the_page_of_mlflow(uri, page):
    full = Address("ab12", without_password(uri), "3", view="k", last="cd34", baseline="ef56")
    found = dict(where_to_look({"mlflow": str(full)}, None, RUN)[1:])
    assert "secret" not in str(found)
    command = found.pop("MLflow, to be started for the links below", None)
    assert command in {
        None,
        "mlflow ui --backend-store-uri 'sqlite:///my runs.db'",
        "mlflow ui --backend-store-uri 'postgresql://me:***@host/db'",
    }
    assert (command is None) == uri.startswith("http")
    assert found == {
        "behaviour vs loss": f"{page}/{PAGE}?{MODE}&compareRunsMode=CHART&viewStateShareKey=k",
        "answers of several runs side by side": f"{page}/{PAGE}?{MODE}&compareRunsMode=ARTIFACT",
        "the last check beside the baseline, row by row": f"{page}/{PAGE}/cd34/traces?{MODE}&compareToRunUuid=ef56",
        "MLflow, run ab12": f"{page}/{PAGE}/ab12?{MODE}",
    }


def test_only_what_is_there_is_linked():
    bare = Address("ab12", "http://host", "3")
    told = [bare, Address("ab12", "http://host", "3", last="cd34", baseline="cd34")]
    assert [list(dict(where_to_look({"mlflow": str(each)}, None, RUN)[1:])) for each in told] == [
        ["answers of several runs side by side", "MLflow, run ab12"]
    ] * 2


def test_a_service_with_pages_of_its_own_is_named_and_no_more():
    assert where_to_look({"mlflow": str(Address("ab12", "databricks", "3"))}, None, RUN)[1:] == [
        ("MLflow, run ab12", "databricks")
    ]
