"""Which temperature a noise floor needs: how often sampled answers score otherwise than greedy ones, and how often the
greedy answers of harmless fine-tunes score otherwise than those of the untouched model.

    python scripts/bench_floor.py [--folder PATH] [--seeds N …] [--only NAME …] [--draws N] [--markdown]

Of runs that planted.py has finished. Each figure is a share of the scores of all anchors by contract pass, format,
declining and being cut off, over the checks of the run or over the draws. By it the default of `Anchor.temperature` was
chosen: about where both are as frequent.

--folder    of planted.py, with its models and its store (default: runs/planted)
--seeds     of the runs (default: 101 102, those for development)
--only      runs (default: style good, those that are harmless from beginning to end)
--draws     sampled answers to each anchor at each temperature (default: 4)
--markdown  a Markdown table
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
from anchorwatch.judge.sampled import SampleScores
from anchorwatch.records import Reading, Value
from anchorwatch.store import Store

METRICS = ("contract_pass", "format", "declines", "truncated")
TEMPERATURES = (0.3, 0.5, 0.7, 1.0)

Scores = Mapping[tuple[str, str], Value]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("runs/planted"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--only", nargs="+", choices=list(SCENARIOS), default=["style", "good"])
    parser.add_argument("--draws", type=int, default=4)
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    database = arguments.folder / "planted.db"
    if not database.exists():
        parser.error(f"--folder has no planted.db; run planted.py --folder {arguments.folder} first")
    rows, drawn = [], {}
    with Store(f"sqlite:///{database.absolute()}") as store:
        for name in arguments.only:
            for seed in arguments.seeds:
                if not is_finished(store, name, seed):
                    print(f"{run_name(name, seed)} is not finished there: left out", file=sys.stderr)
                    continue
                readings = store.readings(store.run(run_name(name, seed)).info.id)
                start = SCENARIOS[name].training.start
                if start not in drawn:
                    drawn[start] = of_samples(arguments.folder / "models" / start, readings[0], arguments.draws)
                shares = [f"{share:.3f}" for share in (of_run(readings), *drawn[start])]
                rows.append([name, str(seed), start, *shares])
    columns = ["run", "seed", "model", "greedy, of the run", *(f"sampled at {each:g}" for each in TEMPERATURES)]
    table(
        "Share of scores that differ from those of the untouched model's greedy answers",
        columns,
        rows,
        arguments.markdown,
    )


def of_run(readings: Sequence[Reading]) -> float:
    """Of the greedy answers at all checks after the baseline."""
    baseline, *later = [_greedy(reading) for reading in readings]
    return _differing(baseline, later)


def of_samples(path: Path, baseline: Reading, draws: int) -> list[float]:
    """Of answers sampled from the model of `baseline`, for each of `TEMPERATURES`."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from anchorwatch.probe import Probe

    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForCausalLM.from_pretrained(path, dtype="float32").eval()
    shares = []
    for temperature in TEMPERATURES:
        anchors = load([_asked(anchor, temperature) for anchor in anchor_set().anchors])
        check = Probe(anchors, model, tokenizer, baseline_samples=draws).check(model, step=0, trigger="baseline")
        drawn = replace(baseline, check=check)
        shares.append(_differing(_greedy(baseline), SampleScores(anchors.anchors, drawn, {}).draws(drawn)))
    return shares


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
