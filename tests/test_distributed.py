"""Two processes of one training (DDP over gloo): one run in the store, the same weights, and nobody waits for ever."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from anchorwatch.store import Store

SCRIPT = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import torch
from training import digest, trainer
from transformers import EarlyStoppingCallback
from anchorwatch import AnchorWatch
from anchorwatch.probe import Probe

real = Probe.check
def fails_on_one_process(self, model, *, step, **rest):
    if step == 4 and torch.distributed.get_rank() == 1:
        raise torch.OutOfMemoryError("on this device only")
    return real(self, model, step=step, **rest)
Probe.check = fails_on_one_process

rows = [{{"id": "a", "kind": "risk", "prompt": "refund?", "expect": {{"max_tokens": 8}}, "max_new_tokens": 9}}]
watched = sys.argv[1] == "watched"
best = {{"metric_for_best_model": "anchors/risk/contract_pass", "save_strategy": "best"}} if watched else {{}}
watch = AnchorWatch(rows, every=2, verbose=False) if watched else None
trained = trainer(watch, max_steps=8, eval_strategy="steps", eval_steps=2, **best)
if watched:
    trained.add_callback(EarlyStoppingCallback(early_stopping_patience=9))
trained.train()
# A file for each process: what two of them print can run together in one line.
left = f"{{digest(trained.model.state_dict())}} {{trained.state.global_step}} {{trained.state.best_metric}}"
open(f"{{sys.argv[1]}}-{{torch.distributed.get_rank()}}.txt", "w", encoding="utf-8").write(left)
"""


BUDGET = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
import torch
from training import trainer
from transformers import TrainerCallback
from anchorwatch import AnchorWatch
from anchorwatch.cadence import Cadence
from anchorwatch.watch import Watch

real, made, steps = Watch.check, [], []
def on_a_slow_process(self, model, step, trigger, *rest):
    if torch.distributed.get_rank() == 1 and step == 0:
        if sys.argv[1] == "unwatched":
            raise RuntimeError("no baseline in this process")
        self.seconds += 1e6
    made.append((step, trigger))
    return real(self, model, step, trigger, *rest)
Watch.check = on_a_slow_process

class TakesItsTime(TrainerCallback):
    def on_step_begin(self, args, state, control, **_):
        steps.append(state.global_step)
# A quarter of an hour for each step, so that a busy machine changes nothing.
Cadence.__init__.__kwdefaults__["clock"] = lambda: time.perf_counter() + 900 * len(steps)

rows = [{{"id": "a", "kind": "risk", "prompt": "refund?", "max_new_tokens": 2}}]
watch = AnchorWatch(rows, every=0.25, drift_every=0.125, budget=1, keep_best="risk/truncated", verbose=False)
trainer(watch, callbacks=[TakesItsTime()], max_steps=8).train()
open(f"{{sys.argv[1]}}-{{torch.distributed.get_rank()}}.txt", "w", encoding="utf-8").write(str(made))
"""


STOP = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import torch
from training import trainer
from anchorwatch import AnchorWatch
from anchorwatch.metrics import Metric

asked = []
def grows(anchor, output, baseline):
    asked.append(anchor)
    return len(asked) if torch.distributed.get_rank() == 0 else 0

def well(anchor, output, baseline):
    return torch.distributed.get_rank() != 0 or len(asked) < 3

def on_flag(flag):
    assert torch.distributed.get_rank() == 0, "decided in the main process"
    open("asked.txt", "a", encoding="utf-8").write(flag.rule + " ")
    return "stop"

expected = {{"metrics": {{"well": {{"min": 1}}}}}}
rows = [{{"id": "a", "kind": "risk", "prompt": "?", "expect": expected, "max_new_tokens": 3}}]
watch = AnchorWatch(
    rows,
    every=2,
    keep_best="risk/grows",
    metrics=[Metric("grows", grows, higher_is_better=True), Metric("well", well)],
    on_flag=on_flag,
    verbose=False,
)
trained = trainer(watch, max_steps=12)
trained.train()
left = f"{{trained.state.global_step}} {{trained.state.best_global_step}} {{trained.state.best_metric}}"
open(f"{{sys.argv[1]}}-{{torch.distributed.get_rank()}}.txt", "w", encoding="utf-8").write(left)
"""


def _train(what: str, script: str = SCRIPT) -> list[str]:
    Path("train.py").write_text(script, encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port", "0"]
    done = subprocess.run(
        [*command, "--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0", "train.py", what],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [Path(f"{what}-{rank}.txt").read_text(encoding="utf-8") for rank in range(2)]


def test_two_processes_are_one_run() -> None:
    watched = _train("watched")
    assert watched[0] == watched[1], "same weights, same steps, same best metric, though a check failed in one of them"
    with Store() as store:
        assert len(store.runs()) == 1
        assert store.steps(store.run("latest").info.id) == [0, 2, 4, 6, 8]
    plain = _train("plain")
    assert [left.split()[0] for left in plain] == [left.split()[0] for left in watched], "no trace"


def test_two_processes_make_the_checks_that_the_main_one_can_pay_for() -> None:
    """The other one, whose baseline takes longer than the training, could pay for none."""
    main, slow = _train("slow", BUDGET)
    assert main == slow
    with Store() as store:
        assert str([(r.step, r.check.trigger) for r in store.readings(store.run("latest").info.id)]) == main
        assert set(store.steps(store.run("latest").info.id)) > {0, 8}


def test_a_process_without_a_watch_does_not_keep_the_other_waiting() -> None:
    main, unwatched = _train("unwatched", BUDGET)
    assert unwatched == "[]"
    assert main.startswith("[(0, 'baseline')")
    assert main.endswith("(8, 'end')]")


def test_a_stop_and_the_best_checkpoint_are_decided_for_all_processes() -> None:
    """A contract breaks and a behaviour gets better in the main process only, and only its flags count."""
    assert _train("stopped", STOP) == ["4 4 3.0", "4 4 3.0"]
    assert sorted(path.name for path in Path("out").glob("checkpoint-*")) == ["checkpoint-2", "checkpoint-4"]
    assert Path("asked.txt").read_text(encoding="utf-8") == "contract_broken "
