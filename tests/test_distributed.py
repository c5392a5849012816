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


def _train(what: str) -> list[str]:
    Path("train.py").write_text(SCRIPT, encoding="utf-8")
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
