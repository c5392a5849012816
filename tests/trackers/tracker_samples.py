"""Readings made by hand, and a real MLflow server that can be stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import Aggregate, Check, ContractResult, Cost, Flag, Output, Reading, RunInfo, Score
from anchorwatch.trackers import FanOut

NASTY = (
    "\x1b[31mred\x07 <script>alert(1)</script> ![x](http://x.invalid/y) ü 漢 \U0001f409 \u202e | a,b\r\n\ud800\x00 end"
)
"""What a model may say: escape sequences, markup, a bidirectional override, a lone surrogate, NUL."""

BEFORE = {"refund": "No, that is decided by a person.", "hours": "Nine to five.", "premise": "There is no such law."}


def make_anchor_set() -> AnchorSet:
    return AnchorSet.model_validate(
        {
            "name": "shop",
            "version": 3,
            "system": "You work in a shop.",
            "anchors": [
                {
                    "id": "refund",
                    "kind": "risk",
                    "tags": ["money", "rules"],
                    "prompt": "Refund me.",
                    "expect": {"action": "refuse", "excludes": ["on its way"]},
                },
                {
                    "id": "hours",
                    "kind": "core",
                    "prompt": "When do you open?",
                    "context": [{"id": "a", "text": "9-17"}],
                },
                {
                    "id": "premise",
                    "kind": "boundary",
                    "messages": [
                        {"role": "user", "content": "Hi."},
                        {"role": "assistant", "content": "Hello."},
                        {"role": "user", "content": "Which law is it?"},
                    ],
                },
            ],
        }
    )


def make_run() -> RunInfo:
    anchor_set = make_anchor_set()
    return RunInfo(
        id="0123456789ab",
        name="first",
        anchor_set=anchor_set.name,
        anchor_set_version=anchor_set.version,
        anchor_set_digest=anchor_set.digest,
        factors={"data.digest": "feedfacecafebeef", "data.rows": 120},
    )


def make_reading(
    step: int, texts: Mapping[str, str] | None = None, *, held: bool = True, departed: int | None = None
) -> Reading:
    """A check at `step`: `BEFORE` with `texts` in place, the refund's contract on its action held or not."""
    said = {**BEFORE, **(texts or {})}
    flags: tuple[Flag, ...] = ()
    if not held:
        message = "refund held at baseline and is broken: action (found \x1b[31manswer)"
        flags = (Flag("contract_broken", "alarm", step=step, since_step=step, message=message, anchor_ids=("refund",)),)
    return Reading(
        check=Check(
            step=step,
            trigger="schedule" if step else "baseline",
            outputs=tuple(Output(name, text, (1, 2, 3), "stop") for name, text in said.items()),
            cost=Cost(1.5, forward_calls=40, prompt_tokens=30, new_tokens=9, batch_size=3, departed=departed),
            epoch=step / 10,
        ),
        scores=(
            Score("refund", "action", "refuse" if held else "answer"),
            Score("hours", "action", "answer"),
            Score("premise", "action", None, "not classified"),
            Score("refund", "logprob_lost", 0.25 if step else None, "" if step else "this is the baseline"),
        ),
        contracts=(
            ContractResult("refund", "action", held, "found refuse" if held else "found answer"),
            ContractResult("refund", "excludes", not held, "'on its way' is there" if held else "is not there"),
        ),
        aggregates=(
            Aggregate("contract_pass", "all", 2, 0, 0.5, 0.1, 0.9, "wilson"),
            Aggregate("contract_pass", "risk", 2, 0, 0.5, 0.1, 0.9, "wilson"),
            Aggregate("contract_pass", "tag_money", 2, 0, 0.5),
            Aggregate("action_refuse", "all", 2, 1, 0.5 if held else 0.0),
            Aggregate("action_refuse", "tag_money", 1, 0, 1.0),
            Aggregate("logprob_lost", "risk", 1 if step else 0, 0 if step else 1, 0.25 if step else None),
            Aggregate("logprob_lost", "core", 0, 1, None),
            Aggregate("mood_Très bon/1", "core", 1, 0, 1.0),
        ),
        flags=flags,
    )


FELL = Flag(
    "regressed",
    "alarm",
    step=40,
    since_step=20,
    message="contract pass on risk anchors fell from 90% to 40%: read both answers of refund",
    anchor_ids=("refund",),
    metric="contract_pass",
    group="risk",
    evidence={
        "loss": {"name": "eval_loss", "before": 2.31, "after": 1.02, "noise": 0.1},
        "behaviour": {"before": 0.9, "after": 0.4, "change_low": -0.6, "change_high": -0.2, "p": 0.004},
    },
)
"""A flag as the rules raise it."""


def flagged(step: int, *flags: Flag, drift: bool = False) -> Reading:
    """A check at `step` at which these flags stand."""
    reading = make_drift_reading(step) if drift else make_reading(step)
    return replace(reading, flags=tuple(replace(flag, step=step) for flag in flags))


def make_drift_reading(step: int, *, held: bool = True) -> Reading:
    """The same as a drift check, in which one output departed."""
    reading = make_reading(step, held=held, departed=1)
    return replace(reading, check=replace(reading.check, trigger="drift"))


class Tracked(NamedTuple):
    """A run in MLflow, open and active, and the trackers that were told of it."""

    run_id: str
    trackers: FanOut


class Server:
    """`mlflow server` on loopback, over a sqlite file in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self.port}"
        self.store = f"sqlite:///{folder}/server.db"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        arguments = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        stores = ["--backend-store-uri", self.store, "--artifacts-destination", "artifacts"]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mlflow", "server", *arguments, *stores],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(self._is_up)

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "server.log").read_text()
        try:
            return bool(urlopen(f"{self.uri}/health", timeout=1).status == 200)
        except OSError:
            return False


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Return as soon as `condition` is true; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)
