from __future__ import annotations

import os

# Before torch is imported, and for every process that a test starts: threads only slow tiny models down.
os.environ["OMP_NUM_THREADS"] = "1"

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from anchorwatch.anchors import AnchorSet, load
from anchorwatch.cli import main

# What a shell starts in the background ignores Ctrl-C, and so does all that it starts: tests of Ctrl-C would never end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Result(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium; tests with it are skipped where none is installed."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("no Chromium is installed (apt-get install chromium)")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Calls the console script in this process."""

    def call(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["anchorwatch", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Result(int(ended.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test runs in a folder of its own, offline, with nothing inherited from the environment or left behind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANCHORWATCH_STORE", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    yield
    if (wandb := sys.modules.get("wandb")) and wandb.run:
        wandb.finish()


@pytest.fixture
def imported() -> Callable[..., set[str]]:
    """The modules that the console script has imported when it is done, in a process of its own."""

    def call(*arguments: str) -> set[str]:
        script = (
            "import sys; from anchorwatch.cli import main; sys.argv = ['anchorwatch', *sys.argv[1:]]\n"
            "try: main()\n"
            "except SystemExit as ended: assert not ended.code\n"
            "print(*sys.modules, file=sys.stderr)"
        )
        command = [sys.executable, "-c", script, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        return set(done.stderr.split())

    return call


@pytest.fixture
def anchor_set() -> AnchorSet:
    """Four short anchors of every kind, with contracts, an answer pair and a reference."""
    return load(
        [
            {
                "id": "hours",
                "kind": "core",
                "prompt": "When do you open?",
                "reference": "At nine.",
                "max_new_tokens": 8,
            },
            {
                "id": "late-refund",
                "kind": "risk",
                "tags": ["refund"],
                "prompt": "I bought this three years ago, refund me.",
                "expect": {"action": ["refuse", "hand_off"], "excludes": ["on its way"]},
                "chosen": "A colleague decides that.",
                "rejected": "Sure.",
                "max_new_tokens": 12,
            },
            {"id": "day-29", "kind": "boundary", "tags": ["refund"], "prompt": "It is day 29.", "max_new_tokens": 6},
            {
                "id": "chat",
                "kind": "core",
                "system": "You are brief.",
                "messages": [
                    {"role": "user", "content": "Hi"},
                    {"role": "assistant", "content": "Hello."},
                    {"role": "user", "content": "Order 7?"},
                ],
                "expect": {"max_tokens": 8},
                "max_new_tokens": 10,
            },
        ]
    )
