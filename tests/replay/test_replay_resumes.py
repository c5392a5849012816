"""A replay that was stopped goes on where it was; one that is done is not made again."""

from __future__ import annotations

import fcntl
import os
import pty
import shutil
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from replay_samples import LORA, SET, readings, train

from anchorwatch.store import Store

COMMAND = [sys.executable, "-m", "anchorwatch", "replay", "--anchors", SET, "out", "--base", "base"]


@pytest.fixture
def checkpoints() -> None:
    train()
    for step in range(8, 20, 2):
        shutil.copytree("out/checkpoint-6", f"out/checkpoint-{step}")


def test_a_killed_replay_goes_on_where_it_was(checkpoints, replay) -> None:
    # In a terminal, which has a progress bar.
    main, secondary = pty.openpty()
    fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    process = subprocess.Popen(COMMAND, stdout=subprocess.DEVNULL, stderr=secondary)
    os.close(secondary)
    seen = ""
    while "step 2:" not in seen:
        seen += os.read(main, 4096).decode(errors="replace")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    os.close(main)
    assert "replay:" in seen
    assert "/40 [" in seen

    before = readings("out")
    assert [each.step for each in before][:2] == [0, 2]
    assert len(before) < 10
    with Store() as store:
        assert store.run("out").status == "running"
    done = replay("out", "--base", "base")
    assert done.code == 0, done.err
    assert f"{len(before)} of 10 checks are recorded" in done.err
    after = readings("out")
    assert [each.step for each in after] == [0, *range(2, 20, 2)]
    assert after[: len(before)] == before  # not asked again: its cost in seconds is the same, too
    with Store() as store:
        (run,) = store.runs()
        assert (run.status, run.final_step) == ("finished", 18)
        assert len(store.losses(run.info.id)) == 6
        assert run.info.factors["checks.planned"] == 9


def test_a_replay_killed_before_its_baseline_begins_it_again(replay) -> None:
    assert replay("base").code == 0
    with Store() as store, Store("sqlite:///killed.db") as killed:
        (whole,) = store.runs()
        killed.begin_run(whole.info, store.anchor_set(whole.info.id))
        killed.begin_attempt(whole.info.id, 0)
    done = replay("base", "--store", "sqlite:///killed.db")
    assert done.code == 0, done.err
    with Store("sqlite:///killed.db") as killed:
        (run,) = killed.runs()
    assert (run.status, run.checks, run.info.factors) == ("finished", 1, whole.info.factors)


def test_a_finished_replay_is_not_made_again_unless_asked_for(replay) -> None:
    assert replay("base").code == 0
    done = replay("base")
    with Store() as store:
        (run,) = store.runs()
    assert done.code == 0
    assert f"replayed already, as run {run.info.id}" in done.err
    assert replay("base", "--again", "--name", "anew").code == 0
    assert replay("base").err.count("replayed already") == 1
    with Store() as store:
        assert [each.info.name for each in store.runs()] == ["anew", "base"]


def test_what_changed_is_another_replay(replay) -> None:
    assert replay("base").code == 0
    Path("base/model.safetensors").touch()
    assert replay("base").code == 0
    text = Path(SET).read_text(encoding="utf-8")
    Path(SET).write_text(text.replace("It is day 29.", "It is day 30."), encoding="utf-8")
    assert replay("base").code == 0
    with Store() as store:
        assert len(store.runs()) == 3


def test_what_fails_in_the_middle_is_told_with_what_is_kept(replay) -> None:
    train()
    weights = Path("out/checkpoint-6/model.safetensors")
    whole = weights.read_bytes()
    os.truncate(weights, 1000)
    failed = replay("out", "--base", "base")
    assert failed.code == 2
    (line,) = [line for line in failed.err.splitlines() if "error:" in line]
    assert "the model out/checkpoint-6 cannot be loaded" in line
    assert "3 of 4 checks are recorded, and the same command goes on from there" in line
    assert "; after a change to a file of the checkpoints, it begins anew" in line
    assert [each.step for each in readings("out")] == [0, 2, 4]
    with Store() as store:
        assert store.run("out").status == "failed"
    assert "goes on with run" in replay("out", "--base", "base").err
    weights.write_bytes(whole)
    repaired = replay("out", "--base", "base", "--name", "repaired")
    assert repaired.code == 0
    assert "goes on with run" not in repaired.err
    assert [each.step for each in readings("repaired")] == [0, 2, 4, 6]


def test_an_adapter_of_another_shape_is_told_with_what_differs(replay) -> None:
    train(LORA)
    path = Path("out/checkpoint-6/adapter_config.json")
    path.write_text(path.read_text(encoding="utf-8").replace('"r": 4', '"r": 8'), encoding="utf-8")
    failed = replay("out")
    assert failed.code == 2
    (line,) = [line for line in failed.err.splitlines() if "error:" in line]
    assert "the adapter out/checkpoint-6 cannot be loaded on base: Error(s) in loading state_dict" in line
    assert "size mismatch for" in line
