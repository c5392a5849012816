"""Promises 2 and 3: nothing that fails around a training ends it, and nothing already recorded is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from transformers import TrainerCallback

from anchorwatch import AnchorWatch
from anchorwatch.anchors import load
from anchorwatch.errors import AnchorSetError
from anchorwatch.probe import Probe
from anchorwatch.store import Store
from training import trainer

TESTS = Path(__file__).parent


PRELUDE = """
import logging, resource, sys
sys.path.insert(0, {tests!r})
from training import trainer
from transformers import TrainerCallback
from anchorwatch import AnchorWatch

logging.basicConfig()
ROWS = [
    {{"id": "a", "kind": "risk", "prompt": "refund?", "expect": {{"max_tokens": 8}}, "max_new_tokens": 9}},
    {{"id": "b", "kind": "core", "prompt": "hello", "max_new_tokens": 6}},
]
"""


def _script(body: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run `body` as a process of its own in the working directory."""
    code = PRELUDE.format(tests=str(TESTS)) + textwrap.dedent(body)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert not check or done.returncode == 0, done.stderr
    return done


def test_a_killed_run_is_resumed_as_the_same_run() -> None:
    settings = 'max_steps=10, save_strategy="steps", save_steps=4'
    killed = _script(
        f"""
    import os, signal

    class Kill(TrainerCallback):
        def on_step_end(self, args, state, control, **_):
            if state.global_step == 7:
                os.kill(os.getpid(), signal.SIGKILL)

    trainer(AnchorWatch(ROWS, every=1, verbose=False), callbacks=[Kill()], {settings}).train()
    """,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    with Store() as store:
        run = store.run("latest")
        before = store.readings(run.info.id)
        assert [reading.step for reading in before] == [0, 1, 2, 3, 4, 5, 6], "all but the check under way"
        assert run.status == "running"
        assert {point.step for point in store.losses(run.info.id)} >= {1, 2, 3}

    _script(
        f"""
    trained = trainer(AnchorWatch(ROWS, every=1, verbose=False), {settings})
    trained.train(resume_from_checkpoint=True)
    assert trained.state.global_step == 10
    """
    )
    with Store() as store:
        assert len(store.runs()) == 1
        run = store.run("latest")
        after = store.readings(run.info.id)
        losses = store.losses(run.info.id)
    assert run.status == "finished"
    assert [reading.step for reading in after] == list(range(11))
    assert after[:5] == before[:5], "up to the checkpoint at step 4 they are the same"
    assert [reading.check.trigger for reading in after].count("baseline") == 1
    resumed = next(score for score in after[-1].scores if score.metric == "logprob_lost")
    assert resumed.value is not None, "compared with the baseline found again"
    assert [point.step for point in losses] == list(range(1, 11)), "each step once"


def test_resuming_with_other_anchors_is_refused() -> None:
    settings = {"save_strategy": "steps", "save_steps": 3}
    rows = [{"id": "a", "kind": "risk", "prompt": "refund?", "max_new_tokens": 4}]
    trainer(AnchorWatch(load(rows), verbose=False), **settings).train()
    changed = [{**rows[0], "prompt": "refund me?"}]
    with pytest.raises(AnchorSetError, match="resume with the same set"):
        trainer(AnchorWatch(load(changed), verbose=False), max_steps=9, **settings).train(resume_from_checkpoint=True)


def test_resuming_without_the_store_begins_anew_and_says_so(anchor_set, caplog) -> None:
    settings = {"save_strategy": "steps", "save_steps": 3}
    trainer(AnchorWatch(anchor_set, verbose=False), **settings).train()
    elsewhere = AnchorWatch(anchor_set, every=1, verbose=False, store="sqlite:///other.db")
    trainer(elsewhere, max_steps=9, **settings).train(resume_from_checkpoint=True)
    assert "holds no baseline of this run" in caplog.text
    with Store("sqlite:///other.db") as store:
        assert store.steps(store.run("latest").info.id) == [6, 7, 8, 9]


def test_a_full_disk_costs_one_warning() -> None:
    done = _script(
        """
    class FullDisk(TrainerCallback):
        def on_step_end(self, args, state, control, **_):
            if state.global_step in (3, 8):  # full at step 3, room again at step 8
                limit = 300_000 if state.global_step == 3 else resource.RLIM_INFINITY
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    trained = trainer(AnchorWatch(ROWS, every=1, verbose=False), callbacks=[FullDisk()], max_steps=10)
    trained.train()
    assert trained.state.global_step == 10
    """
    )
    assert done.stderr.count("WARNING:anchorwatch") == 1, done.stderr
    assert "training goes on" in done.stderr
    with Store() as store:
        assert store.steps(store.run("latest").info.id) == list(range(11)), (
            "what waited was written when there was room"
        )


def test_a_disk_full_to_the_end_loses_nothing_already_recorded() -> None:
    done = _script(
        """
    class FullDisk(TrainerCallback):
        def on_step_end(self, args, state, control, **_):
            if state.global_step == 3:
                resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))

    trained = trainer(AnchorWatch(ROWS, every=1, verbose=False), callbacks=[FullDisk()], max_steps=8)
    trained.train()
    assert trained.state.global_step == 8
    """
    )
    assert done.stderr.count("training goes on") == 1, done.stderr
    assert "did not take" in done.stderr
    with Store() as store:
        assert store.steps(store.run("latest").info.id)[:3] == [0, 1, 2]


def test_a_training_that_raises_leaves_a_failed_run() -> None:
    done = _script(
        """
    class Raises(TrainerCallback):
        def on_step_begin(self, args, state, control, **_):
            if state.global_step == 4:
                raise RuntimeError("the user's own bug")

    trainer(AnchorWatch(ROWS, every=2, verbose=False), callbacks=[Raises()]).train()
    """,
        check=False,
    )
    assert "the user's own bug" in done.stderr
    with Store() as store:
        run = store.run("latest")
        assert run.status == "failed"
        assert store.steps(run.info.id) == [0, 2, 4]


def test_a_baseline_that_cannot_be_taken_turns_the_watch_off(anchor_set, caplog, monkeypatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no room for a single row")

    monkeypatch.setattr(Probe, "check", fails)
    trained = trainer(AnchorWatch(anchor_set, every=1, verbose=False))
    trained.train()
    assert trained.state.global_step == 6
    assert caplog.text.count("this run is not watched") == 1


@pytest.mark.parametrize(
    "breaks",
    [
        "sys.stderr.close()",
        "sys.stderr = open('/dev/full', 'w')",
        "sys.stderr = open('ascii.txt', 'w', encoding='ascii', errors='strict')",
        "sys.stderr = None",
        "import os; r, w = os.pipe(); os.close(r); sys.stderr = os.fdopen(w, 'w')",
        "import os; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')",
    ],
)
def test_a_terminal_or_folder_that_is_gone_ends_nothing(breaks: str) -> None:
    done = _script(
        f"""
    class Breaks(TrainerCallback):
        def on_step_end(self, args, state, control, **_):
            if state.global_step == 2:
                exec({breaks!r}, globals())

    trained = trainer(AnchorWatch(ROWS, every=1), callbacks=[Breaks()])
    trained.train()
    assert trained.state.global_step == 6
    print("came to its end")
    """,
        check=False,  # Python itself ends with 120 where it cannot flush its standard error
    )
    assert "came to its end" in done.stdout
    with Store() as store:
        assert store.steps(store.run("latest").info.id) == list(range(7))


def test_a_store_that_is_removed_in_mid_run_costs_one_warning(anchor_set, caplog) -> None:
    class Removes(TrainerCallback):
        def on_step_end(self, args, state, control, **_) -> None:
            if state.global_step == 2:
                Path("anchorwatch.db").unlink()

    trained = trainer(AnchorWatch(anchor_set, every=1, verbose=False), callbacks=[Removes()])
    trained.train()
    assert trained.state.global_step == 6
    assert caplog.text.count("was removed or replaced while it was in use") == 1


def test_a_locked_store_slows_no_training_down(anchor_set, caplog) -> None:
    import sqlite3

    class Locks(TrainerCallback):
        def on_step_end(self, args, state, control, **_) -> None:
            if state.global_step == 2:
                self.holder = sqlite3.connect("anchorwatch.db", isolation_level=None)
                self.holder.execute("BEGIN IMMEDIATE")
            if state.global_step == 6:
                self.holder.execute("ROLLBACK")

    watch = AnchorWatch(anchor_set, every=1, verbose=False, store="sqlite:///anchorwatch.db?timeout=1")
    trainer(watch, callbacks=[Locks()], max_steps=7).train()
    assert caplog.text.count("database is locked") == 1
    with Store() as store:
        assert store.steps(store.run("latest").info.id) == list(range(8)), "what waited was written at the end"
