"""`anchorwatch wandb-workspace` as a user calls it: in a process of its own where W&B is asked, which settles there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from anchorwatch.anchors import load
from anchorwatch.records import RunInfo
from anchorwatch.store import Store
from anchorwatch.trackers import wandb_save
from example_run import record

KEY = "0123456789" * 4
CLOSED = "http://127.0.0.1:9"
"""A port that nobody listens on."""


@dataclass
class StandIn:
    """What a W&B server answers to who logs in and saves a view; the real one cannot be had for a test."""

    url: str
    saved: list[dict[str, Any]] = field(default_factory=list)
    """The variables of each view."""


@pytest.fixture
def server() -> Iterator[StandIn]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            request = json.loads(body) if self.path == "/graphql" else {"query": ""}
            data: dict[str, Any] = {"viewer": {"id": "1", "entity": "me", "username": "me"}}
            if "upsertView" in request["query"]:
                stand_in.saved.append(request["variables"])
                data = {"upsertView": {"view": {"id": "2", "name": request["variables"]["name"]}, "inserted": True}}
            answer = json.dumps({"data": data}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        stand_in = StandIn(f"http://127.0.0.1:{listening.server_port}")
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield stand_in
        listening.shutdown()


@pytest.fixture
def online(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Calls the command with W&B online, and with nothing of the key, settings and server of the one who tests."""

    def call(*arguments: str, key: str | None = None, server: str = CLOSED) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
        environment |= {"NETRC": str(tmp_path / "netrc"), "WANDB_CONFIG_DIR": str(tmp_path), "WANDB_BASE_URL": server}
        environment |= {"WANDB_SILENT": "true", "WANDB_HTTP_TIMEOUT": "5" if server != CLOSED else "1"}
        environment |= {"WANDB_API_KEY": key} if key else {}
        command = [sys.executable, "-m", "anchorwatch", "wandb-workspace", *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL, timeout=120
        )

    return call


def panels(file: str = "wandb-workspace.json") -> str:
    """The sections of a written specification, as text."""
    view = json.loads(Path(file).read_text("utf-8"))
    return json.dumps(view["spec"]["section"]["panelBankConfig"]["sections"])


def test_without_a_key_it_is_written_and_said_how_to_save_it(online) -> None:
    done = online("me/shop")
    assert (done.returncode, done.stderr) == (0, "")
    wrote, how = done.stdout.splitlines()[-2:]
    assert wrote.startswith("wrote wandb-workspace.json, the specification of the workspace: there is no W&B key")
    assert how == "to save it: wandb login, then anchorwatch wandb-workspace me/shop --from wandb-workspace.json"
    assert "anchors/risk/contract_pass" in panels()


def test_with_a_key_it_is_saved_and_no_file_is_left(online, server) -> None:
    done = online("me/shop", key=KEY, server=server.url)
    assert (done.returncode, done.stderr) == (0, "")
    (view,) = server.saved
    assert (view["entityName"], view["projectName"]) == ("me", "shop")
    assert "anchors/risk/contract_pass" in view["spec"]
    assert view["name"].startswith("nw-")
    slug = view["name"].removeprefix("nw-").removesuffix("-v")
    assert done.stdout.splitlines()[-1] == f"saved: {server.url}/me/shop?nw={slug}"
    assert not Path("wandb-workspace.json").exists()


def test_what_was_written_is_saved_to_any_project(cli, online, server) -> None:
    assert cli("wandb-workspace", "me/shop", "--spec-only", "-o", "view.json").code == 0
    done = online("team/law", "--from", "view.json", key=KEY, server=server.url)
    assert done.returncode == 0, done.stderr
    (view,) = server.saved
    assert (view["entityName"], view["projectName"]) == ("team", "law")
    written = json.loads(Path("view.json").read_text("utf-8"))["spec"]["section"]["panelBankConfig"]
    assert json.loads(view["spec"])["section"]["panelBankConfig"] == written


@pytest.mark.parametrize("key", [KEY, "short"])
def test_a_server_that_is_gone_or_a_key_that_is_none_is_one_line_and_the_file_is_kept(online, key) -> None:
    done = online("me/shop", key=key)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("anchorwatch: error: W&B did not take the workspace (")
    assert (
        "its specification is in wandb-workspace.json, to try again: anchorwatch wandb-workspace me/shop" in done.stderr
    )
    assert KEY not in done.stdout + done.stderr
    assert "anchors/risk/contract_pass" in panels()


def services() -> set[psutil.Process]:
    """W&B's own processes below this one."""
    return {each for each in psutil.Process().children(recursive=True) if each.name() == "wandb-core"}


@pytest.mark.parametrize(
    ("strike", "says"),
    [
        (lambda service: service.suspend(), "no answer in 10 seconds"),
        (lambda service: service.parent().kill(), "its process ended without an answer, exit code -9"),
    ],
)
def test_a_process_of_wandb_that_is_stuck_or_killed_does_not_keep_the_command(
    cli, monkeypatch, tmp_path, strike, says
) -> None:
    """In one of sixty calls with a server that is gone, W&B's own process was stuck, and W&B waited for it at exit."""
    settings = {"NETRC": str(tmp_path / "netrc"), "WANDB_CONFIG_DIR": str(tmp_path), "WANDB_BASE_URL": CLOSED}
    for name, value in {**settings, "WANDB_API_KEY": KEY, "WANDB_MODE": "online"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("WANDB_SERVICE", raising=False)  # that of an earlier test in this process
    monkeypatch.setattr(wandb_save, "PATIENCE", 10.0)
    stuck: list[psutil.Process] = []
    over, before = threading.Event(), services()

    def find_and_strike() -> None:
        while not (stuck or over.is_set()):
            stuck.extend(services() - before)
            for each in stuck:
                strike(each)
            time.sleep(0.01)

    striking = threading.Thread(target=find_and_strike)
    striking.start()
    try:
        done = cli("wandb-workspace", "me/shop")
    finally:
        over.set()
        striking.join()
        for each in stuck:
            with suppress(psutil.NoSuchProcess):
                each.kill()
    assert stuck
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert f"W&B did not take the workspace ({says}); its specification is in" in done.err
    assert "anchors/risk/contract_pass" in panels()


def test_from_a_file_without_a_key_nothing_is_saved(cli, online) -> None:
    cli("wandb-workspace", "me/shop", "--spec-only")
    done = online("me/shop", "--from", "wandb-workspace.json")
    assert done.returncode == 2
    assert "wandb-workspace.json is not saved: there is no W&B key here, or WANDB_MODE says offline" in done.stderr


def test_it_is_made_for_the_newest_run_of_the_project(cli) -> None:
    with Store() as store:
        for run_id, name, project in (("1a", "old", "my%20shop"), ("2b", "new", "my%20shop"), ("3c", "law", "law")):
            record(store, run_id, name)
            store.add_links(run_id, {"wandb": f"https://wandb.example/me/{project}/runs/{run_id}"})
        store.begin_run(RunInfo("4d", "unborn", "s", 1, "d"), load("support-en"))
        store.add_links("4d", {"wandb": "https://wandb.example/me/my%20shop/runs/w"})
    done = cli("wandb-workspace", "me/my shop", "--spec-only")
    assert done.out.startswith("a workspace for what run 'new' (2b) logged\n")
    assert "anchors/tag_money/contract_pass" in panels()
    other = cli("wandb-workspace", "me/other", "--spec-only")
    assert other.out.startswith("a workspace for what any anchor set logs; --run RUN")
    assert "anchors/tag_money/contract_pass" not in panels()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["shop"], "a W&B project is given as ENTITY/PROJECT, such as my-team/support"),
        (["me/shop", "--run", "slow"], "no run 'slow'"),
        (["me/shop", "--run", "unborn"], "has no check yet"),
        (["me/shop", "--store", "sqlite:///other.db"], "there is no store at sqlite:///other.db"),
        (["me/shop", "-o", "nowhere/view.json"], "there is no folder nowhere"),
        (["me/shop", "--from", "nothing.json"], "nothing.json: No such file"),
        (["me/shop", "--from", "anchorwatch.db"], "anchorwatch.db is not text in UTF-8"),
        (
            ["me/shop", "--from", "empty.json"],
            "empty.json: no specification of a W&B workspace: the text: Invalid JSON",
        ),
        (["me/shop", "--from", "empty.json", "--run", "shop"], "--from saves what the file holds"),
    ],
)
def test_what_cannot_be_done_is_one_line(cli, arguments, says) -> None:
    Path("empty.json").touch()
    with Store() as store:
        record(store)
        store.begin_run(RunInfo("0000", "unborn", "s", 1, "d"), load("support-en"))
    done = cli("wandb-workspace", *arguments)
    assert done.code == 2
    assert says in done.err
    assert len(done.err.splitlines()) == 1


def test_a_missing_package_is_one_line_naming_the_extra(cli, monkeypatch) -> None:
    for module in ("wandb_workspaces", "wandb_workspaces.reports.v2", "wandb_workspaces.workspaces"):
        monkeypatch.setitem(sys.modules, module, None)
    done = cli("wandb-workspace", "me/shop")
    assert done.code == 2
    assert "pip install 'anchorwatch[wandb]'" in done.err
    assert len(done.err.splitlines()) == 1


def test_neither_torch_nor_the_server_is_needed(imported) -> None:
    assert "torch" not in imported("wandb-workspace", "me/shop", "--spec-only")
