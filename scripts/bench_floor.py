"""Which temperature a noise floor needs: how often sampled answers score otherwise than greedy ones, and how often the
greedy answers of harmless fine-tunes score otherwise than those of the untouched model.

    python scripts/bench_floor.py [--folder PATH] [--seeds N …] [--only NAME …] [--markdown]

Of runs that planted.py has finished. Each figure is a share of the scores of all anchors by contract pass, format,
declining and being cut off, over the checks of the run or over the draws. By it the default of `Anchor.temperature` was
chosen: about where both are as frequent.

--folder    of planted.py, with its models and its store (default: runs/planted)
--seeds     of the runs (default: 101 102, those for development)
--only      runs (default: style good, those that are harmless from beginning to end)
--markdown  a Markdown table

Exit code 2 if an argument is wrong, none of the runs is finished there, or a model there is not the one that its runs
began with; standard error says what.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before torch is imported, as in planted.py: greedy answers are to be the same

from bench_action import table
from planted_data import anchor_set
from planted_report import is_finished, run_name
from planted_scenarios import SCENARIOS

from anchorwatch.anchors import Anchor, load
from anchorwatch.errors import AnchorWatchError, StoreError
from anchorwatch.judge.sampled import SampleScores
from anchorwatch.records import Reading, Value
from anchorwatch.store import Store

METRICS = ("contract_pass", "format", "declines", "truncated")
TEMPERATURES = (0.3, 0.5, 0.7, 1.0)
DRAWS = 4
"""Sampled answers to each anchor at each temperature, as many as a baseline has."""

Scores = Mapping[tuple[str, str], Value]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("runs/planted"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--only", nargs="+", choices=list(SCENARIOS), default=["style", "good"])
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    database = arguments.folder / "planted.db"
    if not database.exists():
        parser.error(f"--folder has no planted.db; run planted.py --folder {arguments.folder} first")
    try:
        rows = shares(arguments.folder, database, [(name, seed) for name in arguments.only for seed in arguments.seeds])
    except (AnchorWatchError, OSError) as error:
        parser.exit(2, f"bench_floor.py: {' '.join(str(error).split())}\n")
    columns = ["run", "seed", "model", "greedy, of the run", *(f"sampled at {each:g}" for each in TEMPERATURES)]
    title = "Share of scores that differ from those of the untouched model's greedy answers"
    table(title, columns, rows, arguments.markdown)


def shares(folder: Path, database: Path, runs: Sequence[tuple[str, int]]) -> list[list[str]]:
    """A row for each run, a name and a seed, that is finished; standard error names the others.

    Raises:
        StoreError: no run is finished, the store cannot be read, or a model answers otherwise than in its runs.
        OSError: a model is not there.
    """
    rows, drawn = [], {}
    with Store(f"sqlite:///{database.absolute()}") as store:
        for name, seed in runs:
            if not is_finished(store, name, seed):
                print(f"{run_name(name, seed)} is not finished there: left out", file=sys.stderr)
                continue
            readings = store.readings(store.run(run_name(name, seed)).info.id)
            start = SCENARIOS[name].training.start
            if start not in drawn:
                drawn[start] = of_samples(folder / "models" / start, readings[0])
            rows.append([name, str(seed), start, *(f"{share:.3f}" for share in (of_run(readings), *drawn[start]))])
    if not rows:
        raise StoreError(
            f"{database} holds none of the runs to its end; run planted.py --folder {folder} with these seeds"
        )
    return rows


def of_run(readings: Sequence[Reading]) -> float:
    """Of the greedy answers at all checks after the baseline."""
    baseline, *later = [_greedy(reading) for reading in readings]
    return _differing(baseline, later)


def of_samples(path: Path, baseline: Reading) -> list[float]:
    """Of answers sampled from the model at `path`, which is that of `baseline`, for each of `TEMPERATURES`.

    Raises:
        StoreError: its greedy answers are not those of `baseline`.
        OSError: there is no model at `path`.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from anchorwatch.probe import Probe

    if not path.is_dir():
        raise FileNotFoundError(f"{path}: no such model")
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForCausalLM.from_pretrained(path, dtype="float32").eval()
    found = []
    for temperature in TEMPERATURES:
        anchors = load([_asked(anchor, temperature) for anchor in anchor_set().anchors])
        check = Probe(anchors, model, tokenizer, baseline_samples=DRAWS).check(model, step=0, trigger="baseline")
        if [each.text for each in check.outputs] != [each.text for each in baseline.check.outputs]:
            raise StoreError(f"{path} answers otherwise than the model its runs began with")
        drawn = replace(baseline, check=check)
        found.append(_differing(_greedy(baseline), SampleScores(anchors.anchors, drawn, {}).draws(drawn)))
    return found


def _asked(anchor: Anchor, temperature: float) -> dict[str, object]:
    return {**anchor.model_dump(mode="json", exclude_defaults=True), "temperature": temperature}


def _greedy(reading: Reading) -> Scores:
    return {(score.anchor_id, score.metric): score.value for score in reading.scores}


def _differing(baseline: Scores, others: Sequence[Scores]) -> float:
    """The share of the scores in both that differ; nan where there are none."""
    both = [(baseline[key], each[key]) for each in others for key in each.keys() & baseline.keys() if key[1] in METRICS]
    return sum(a != b for a, b in both) / len(both) if both else float("nan")


if __name__ == "__main__":
    main()
