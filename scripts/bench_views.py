"""How long the views take that people open, when the store holds many runs.

    python scripts/bench_views.py [--runs N] [--repeat N] [--folder PATH] [--markdown]

--runs      runs in the store (default: 10000)
--repeat    calls of each view, after one that is not counted; the median is shown (default: 5)
--folder    where the store is kept for the next time (default: runs/bench_views)
--markdown  the table as Markdown

All but three runs are copies of the one of `bench_store.py`: 30 checks of 2 anchors with 15 metrics, 40 factors. The
three newest, which the views open, have 40 anchors × 30 checks with every built-in metric, likelihoods of 60 tokens a
baseline answer, and the flags of the judge: two that differ in the seed, one that differs in the learning rate.

Each call is the process that a user starts, with its output to a pipe. Wall seconds depend on what else the machine
does; CPU seconds, of all threads, hardly do.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench_action import table
from bench_store import CHECKS, multiply, record

from anchorwatch.anchors import AnchorSet, load
from anchorwatch.judge.run import RunJudge
from anchorwatch.metrics import METRICS, measure
from anchorwatch.records import Check, Cost, Likelihood, LossPoint, Output, Reading, RunInfo
from anchorwatch.store import Store

ANCHORS, TOKENS, EVERY = 40, 60, 10
OPENED = {"base": {"args.seed": 1}, "repeat": {"args.seed": 2}, "fast": {"args.seed": 1, "args.learning_rate": 1e-3}}
"""The runs of full size, by name, with what differs between them."""
BEFORE = (
    "I am sorry, but I cannot decide that here. A colleague of our support team will look at your order {} with you."
)
AFTER = "Sure, that is no problem at all! Your order {} is on its way, and you will have your money back by Friday."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path("runs/bench_views"))
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    file = store_of(arguments.runs, arguments.folder)
    views = (
        ["runs"],
        ["runs", "--limit", str(arguments.runs)],
        ["runs", "--limit", str(arguments.runs), "--json"],
        ["show", "latest"],
        ["show", "latest", "--changed"],
        ["judge", "latest"],
        ["compare", "base", "fast"],
        ["compare", *OPENED],
        ["report", "latest", "-o", str(arguments.folder / "report.html")],
    )
    rows = [[f"`anchorwatch {' '.join(view)}`", *timed(view, file, arguments.repeat)] for view in views]
    title = f"Views over {arguments.runs:,} runs x {CHECKS} checks ({file.stat().st_size / 1e9:.1f} GB)"
    table(title, ["view", "wall s", "slowest", "CPU s"], rows, arguments.markdown)


def timed(view: Sequence[str], file: Path, repeat: int) -> list[str]:
    """Median and maximum of the wall seconds, median of the CPU seconds."""
    calls = [call([*view, "--store", f"sqlite:///{file}"]) for _ in range(repeat + 1)][1:]
    wall, cpu = zip(*calls, strict=True)
    return [f"{statistics.median(wall):.2f}", f"{max(wall):.2f}", f"{statistics.median(cpu):.2f}"]


def call(arguments: Sequence[str]) -> tuple[float, float]:
    """Wall and CPU seconds of one process; an error ends the measurement."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "anchorwatch", *arguments], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"anchorwatch {' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - started, used.ru_utime + used.ru_stime


def store_of(runs: int, folder: Path) -> Path:
    """The file of the store, made now if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / f"{runs}.db").absolute()
    if not file.exists():
        started = time.perf_counter()
        unfinished = file.with_suffix(".unfinished")
        for left in folder.glob(f"{unfinished.name}*"):
            left.unlink()
        url = f"sqlite:///{unfinished}"
        with Store(url) as store:
            record(store)
            multiply(url, runs - len(OPENED))
            for name, factors in OPENED.items():
                record_opened(store, name, factors)
        unfinished.rename(file)
        print(f"made {file} in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return file


def record_opened(store: Store, name: str, factors: Mapping[str, object]) -> None:
    """Records a run whose answers turn from `BEFORE` to `AFTER`, one anchor after another."""
    draw = random.Random(name)
    anchor_set = anchors()
    turns = {anchor.id: draw.randint(1, 2 * CHECKS) * EVERY for anchor in anchor_set.anchors}
    run = RunInfo(f"{name}-{len(turns)}", name, anchor_set.name, 1, anchor_set.digest, dict(factors))
    losses = [LossPoint(step, "loss", 3 / (1 + step / 50) + 0.1 * draw.random()) for step in range(CHECKS * EVERY)]
    losses += [LossPoint(step, "eval_loss", 3 / (1 + step / 60)) for step in range(0, CHECKS * EVERY, EVERY)]
    judge, readings = RunJudge(anchor_set.anchors, run.factors), list[Reading]()
    for step in range(0, CHECKS * EVERY, EVERY):
        texts = {id_: (AFTER if step >= turn else BEFORE).format(id_) for id_, turn in turns.items()}
        readings.append(reading(anchor_set, step, texts, readings, draw))
        judge.add(readings[-1])
    flags = judge.all_flags(losses)
    store.begin_run(run, anchor_set)
    store.begin_attempt(run.id, 0)
    store.add_losses(run.id, losses)
    for each in readings:
        store.add_reading(run.id, replace(each, flags=flags[each.step]))
    store.finish_run(run.id, "finished", CHECKS * EVERY)


def anchors() -> AnchorSet:
    """`ANCHORS` anchors: those of support-en, and some of them again under another id."""
    shipped = load("support-en").model_dump(mode="json", exclude_defaults=True)["anchors"]
    again = [{**anchor, "id": f"{anchor['id']}-again"} for anchor in shipped]
    return load([*shipped, *again][:ANCHORS])


def reading(
    anchor_set: AnchorSet, step: int, texts: Mapping[str, str], earlier: Sequence[Reading], draw: random.Random
) -> Reading:
    """The check of a model that gives these answers."""
    outputs = tuple(
        Output(id_, text, tuple(draw.randrange(50_000) for _ in range(TOKENS)), "stop", likelihoods=likelihoods(draw))
        for id_, text in texts.items()
    )
    first, last = (
        ({output.anchor_id: output for output in each.check.outputs} if each else None)
        for each in ((earlier[0], earlier[-1]) if earlier else (None, None))
    )
    measured = measure(anchor_set.anchors, outputs, first, last, tuple(METRICS.values()), fail)
    cost = Cost(2.0, 60, 400, 240, 16, positions=9_000, departed=0 if earlier else None)
    return Reading(Check(step, "schedule" if earlier else "baseline", outputs, cost, epoch=step / 100), *measured)


def likelihoods(draw: random.Random) -> dict[str, Likelihood]:
    numbers = [tuple(draw.random() for _ in range(TOKENS)) for _ in range(4)]
    return {"baseline": Likelihood(tuple(-each for each in numbers[0]), None, *numbers[1:])}


def fail(metric: str, error: Exception) -> None:
    raise error


if __name__ == "__main__":
    main()
