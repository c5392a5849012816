"""`anchorwatch watch` in a terminal of its own, beside trainings that are killed, resumed and ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from anchorwatch.anchors import load
from anchorwatch.records import RunInfo
from anchorwatch.store import Store
from example_run import record

fcntl, pty, termios = (pytest.importorskip(name, reason="needs a POSIX system") for name in ("fcntl", "pty", "termios"))

WATCH = [sys.executable, "-m", "anchorwatch", "watch"]
TRAINING = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from training import trainer
from transformers import TrainerCallback
from anchorwatch import AnchorWatch

killed_at = int(sys.argv[1])

class Kill(TrainerCallback):
    def on_step_end(self, args, state, control, **_):
        if state.global_step == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)

ROWS = [
    {{"id": "a", "kind": "risk", "prompt": "refund?", "expect": {{"max_tokens": 8}}, "max_new_tokens": 9}},
    {{"id": "b", "kind": "core", "prompt": "hello", "max_new_tokens": 6}},
]
watch = AnchorWatch(ROWS, every=1, budget=None, verbose=False)
trainer(watch, callbacks=[Kill()], save_strategy="steps", save_steps=3).train(resume_from_checkpoint=not killed_at)
"""


class Terminal:
    """A command in a terminal of 80 columns."""

    def __init__(self, *command: str) -> None:
        self._end, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, b"\x18\x00\x50\x00\x00\x00\x00\x00")
        environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
        self.process = subprocess.Popen(
            command, stdin=its, stdout=its, stderr=its, env={**environment, "TERM": "xterm-256color"}
        )
        os.close(its)
        self.written = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        rest = b""
        while True:
            try:
                read = os.read(self._end, 65536)
            except OSError:
                return
            rest += read
            whole = rest.decode("utf-8", "ignore")
            if whole.encode() == rest:
                self.written, rest = self.written + whole, b""
            if not read:
                return

    @property
    def lines(self) -> list[str]:
        """What it printed, the line that it draws again and again left out."""
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.written)
        return [line for line in re.split(r"[\r\n]+", plain) if line and not re.match("[\u2800-\u28ff]", line)]

    def says(self, text: str) -> None:
        """Waits until a line begins so."""
        for _ in range(1200):
            if any(line.startswith(text) for line in self.lines) or self.process.poll() is not None:
                break
            time.sleep(0.1)
        assert any(line.startswith(text) for line in self.lines), self.written

    def ended(self) -> int:
        code = self.process.wait(120)
        self._reader.join(10)
        return code


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Opens terminals, and closes them."""
    opened: list[Terminal] = []

    def open_(*command: str) -> Terminal:
        opened.append(Terminal(*command))
        return opened[-1]

    yield open_
    for each in opened:
        each.process.kill()
        each.process.wait()


def train(killed_at: int = 0) -> int:
    """A training of 6 steps, killed at one, or resumed; its exit code."""
    return subprocess.run([sys.executable, "-c", TRAINING, str(killed_at)], check=False, timeout=300).returncode


@pytest.fixture
def begun() -> RunInfo:
    """A run in the default store that has begun."""
    run = RunInfo("3f2a9c1b77aa", "shop", "s", 1, "d")
    with Store() as store:
        store.begin_run(run, load([{"id": "a", "kind": "core", "prompt": "Hi"}]))
        store.begin_attempt(run.id, 0)
    return run


def test_a_training_is_followed_from_before_it_begins_past_a_kill_and_a_resume_to_its_end(terminal) -> None:
    watching = terminal(*WATCH)
    watching.says("there is no store at sqlite:///anchorwatch.db yet: waiting for the first run")
    assert train(killed_at=6) == -signal.SIGKILL
    watching.says("step 5: ")
    assert watching.process.poll() is None, "a run that was killed may go on"
    assert train() == 0
    assert watching.ended() == 0
    told = [line for line in watching.lines if line.startswith(("step ", "taken up again"))]
    told = [re.split("[:,]", line)[0] for line in told]
    first, second = [f"step {n}" for n in range(6)], [f"step {n}" for n in range(4, 7)]
    assert told == [*first, "taken up again", *second]
    assert "finished at step 6" in watching.lines
    assert any(re.match(r"step 6: loss [0-9.]+, contracts [01]/1; ", line) for line in watching.lines)
    assert max(map(cell_len, watching.lines)) <= 80
    assert watching.written.rfind("\x1b[?25h") > watching.written.rfind("\x1b[?25l"), "the cursor is shown again"


def test_after_a_run_that_has_ended_the_next_is_waited_for_and_ctrl_c_ends_quietly(terminal) -> None:
    with Store() as store:
        record(store)
    watching = terminal(*WATCH)
    watching.says("shop, the latest run, has finished: waiting for the next one")
    with Store() as store:
        store.begin_run(
            RunInfo("aa00bb11cc22", "next", "s", 1, "d"), load([{"id": "a", "kind": "core", "prompt": "Hi"}])
        )
    watching.says("next  aa00bb11cc22")
    watching.process.send_signal(signal.SIGINT)
    assert watching.ended() == 130
    assert watching.lines[-1] == "watched with s version 1, 1 anchor"


def test_a_run_that_has_ended_is_told_by_name_and_by_its_exit_code(cli) -> None:
    with Store() as store:
        run = record(store)
        told = cli("watch", "shop")
        assert told.code == 0
        assert "step 40: loss 0.63, contracts 1/3; broke: refund (refuses → answers); mended: hours" in told.out
        assert "finished at step 40\nboth answers to each anchor:\n  anchorwatch show 3f2a9c1b77aa\n" in told.out
        store.finish_run(run.id, "failed", 40)
        failed = cli("watch", "latest")
    assert failed.code == 1
    assert "failed at step 40" in failed.out
    assert (told.err, failed.err) == ("", "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nope"], "no run 'nope'"),
        (["shpo"], "did you mean 'shop'?"),
        (["--store", "sqlite:///no/folder/x.db"], "does not exist"),
        (["--store", "mysql://host/x"], "unknown kind of store 'mysql'"),
        (["shop", "--store", "sqlite:///nowhere.db"], "no store at sqlite:///nowhere.db yet"),
    ],
)
def test_what_goes_wrong_is_one_line(cli, begun, arguments, says) -> None:
    failed = cli("watch", *arguments)
    assert (failed.code, failed.out, failed.err.count("\n")) == (2, "", 1)
    assert says in failed.err


def test_a_store_that_is_removed_is_one_line(begun) -> None:
    with subprocess.Popen(WATCH, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stdout.readline() == "shop  3f2a9c1b77aa\n"
        Path("anchorwatch.db").unlink()
        _, told = watching.communicate(timeout=60)
    assert watching.returncode == 2
    assert told == (
        "anchorwatch: error: the store sqlite:///anchorwatch.db was removed or replaced while it was in use\n"
    )


def test_a_reader_that_stops_ends_it_though_nothing_new_comes(begun) -> None:
    with subprocess.Popen(WATCH, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watching:
        assert watching.stdout.readline() == b"shop  3f2a9c1b77aa\n"
        watching.stdout.close()
        assert watching.stderr.read() == b""
        assert watching.wait(60) == 1


def test_it_imports_no_torch_and_no_tracker(imported) -> None:
    with Store() as store:
        record(store)
    assert not imported("watch", "shop") & {"torch", "transformers", "mlflow", "wandb", "trackio", "datasets", "pandas"}
