"""Real fine-tunes, each a believable mistake or its absence, and what the bell said of them.

    python scripts/planted.py [--seeds N …] [--jobs N] [--only NAME …] [--folder PATH] [--quick] [--markdown]

LoRA on the embedded SmolLM2-135M-Instruct. First three models are made that a team has already: a good shop's
assistant, a first try at it, and one that learned from old chats. Then each scenario of planted_scenarios.py is trained
further from one of them, watched with the anchors of planted_anchors.yaml. The tables are made by judging the recorded
runs, so that they are those of the judge as it is now.

--seeds     of the runs (default: 7 8, those of docs/benchmarks.md)
--jobs      processes, each with one thread (default: 2)
--only      some of the scenarios
--folder    for the models and the store (default: runs/planted). What is finished there is not done again, so a call
            that was interrupted goes on where it was; remove the folder to begin anew
--quick     one seed (default: 7) of one mistake, one harmless and one good run, for CI; in a folder of its own
--markdown  Markdown tables

Exit code 1 if a planted fault was not found, or the harmless and good runs have more than one alarm together; 2 if that
is not known, because an argument is wrong or a training or the store failed: standard error says what.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any

# Before torch is imported, here or in a process that this one starts.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

from bench_action import table
from planted_report import BROKEN, FOUND, is_finished, run_name, tables
from planted_scenarios import QUICK, QUICK_STARTS, SCENARIOS, STARTS, Scenario, Training
from planted_train import end_with, make_start, run

from anchorwatch.errors import AnchorWatchError, StoreError
from anchorwatch.store import Store


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=list(SCENARIOS))
    parser.add_argument("--folder", type=Path, default=Path("runs/planted"))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    seeds = list(dict.fromkeys(arguments.seeds or [7, 8]))
    scenarios = {name: SCENARIOS[name] for name in arguments.only or SCENARIOS}
    starts, folder = STARTS, arguments.folder
    if arguments.jobs < 1:
        parser.error(f"--jobs is a number of processes, at least 1; found {arguments.jobs}")
    if arguments.quick:
        if arguments.only:
            parser.error(f"--quick trains {', '.join(QUICK)}; leave out --quick or --only {' '.join(arguments.only)}")
        if arguments.seeds and len(seeds) > 1:
            parser.error(f"--quick takes one seed; found {' '.join(map(str, seeds))}")
        scenarios, starts, seeds, folder = QUICK, QUICK_STARTS, seeds[:1], folder / "quick"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{folder.absolute() / 'planted.db'}"
        with Store(url) as store:
            todo = [(name, seed) for seed in seeds for name in scenarios if not is_finished(store, name, seed)]
            train(scenarios, todo, starts, folder / "models", url, arguments.jobs)
            if lost := [run_name(*each) for each in todo if not is_finished(store, *each)]:
                raise StoreError(f"the store {url} does not hold the end of {', '.join(lost)}")
            found, broken, sentence, as_aimed = tables(store, scenarios, seeds)
    except (AnchorWatchError, OSError, BrokenProcessPool) as error:
        print(f"planted.py: {' '.join(str(error).split()) or type(error).__name__}", file=sys.stderr)
        sys.exit(2)
    except Exception:
        traceback.print_exc()
        sys.exit(2)
    table("What the bell said", list(FOUND), found, arguments.markdown)
    table("Contracts broken", list(BROKEN), broken, arguments.markdown)
    print(f"\n{sentence}")
    sys.exit(not as_aimed)


def train(
    scenarios: Mapping[str, Scenario],
    todo: Sequence[tuple[str, int]],
    starts: Mapping[str, Training],
    models: Path,
    store: str,
    jobs: int,
) -> None:
    """Make the models that are needed, and each run, a name and a seed, as soon as its model is there."""
    began, waiting = time.perf_counter(), list(todo)
    wanted = {scenarios[name].training.start for name, _ in todo}
    missing = [name for name in starts if name in wanted and not (models / name).exists()]
    # A process for each task: what a training leaves in memory is gone with it.
    options: dict[str, Any] = {"mp_context": get_context("spawn"), "max_tasks_per_child": 1}
    with ProcessPoolExecutor(jobs, **options, initializer=end_with, initargs=(os.getpid(),)) as pool:
        try:
            running = {pool.submit(make_start, starts[name], models / name): name for name in missing}
            while waiting or running:
                for name, seed in [each for each in waiting if scenarios[each[0]].training.start not in missing]:
                    waiting.remove((name, seed))
                    what = run_name(name, seed)
                    running[pool.submit(run, scenarios[name].training, seed, what, models, store)] = what
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    what = running.pop(future)
                    future.result()
                    print(f"{time.perf_counter() - began:5.0f} s  {what}", flush=True)
                    if what in missing:
                        missing.remove(what)
        except BaseException:
            pool.shutdown(cancel_futures=True)  # after one that failed none is begun
            raise


if __name__ == "__main__":
    main()
