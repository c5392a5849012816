"""Records to store, and a command line that stores them: python store_samples.py URL RUN_ID FIRST LAST [CRASH_STEP]."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import (
    Aggregate,
    Check,
    ContractResult,
    Cost,
    Flag,
    Likelihood,
    LossPoint,
    Output,
    Reading,
    RunInfo,
    Sample,
    Score,
)
from anchorwatch.store import Store

ANCHORS = AnchorSet.model_validate(
    {
        "name": "shop",
        "version": 3,
        "anchors": [
            {
                "id": "order",
                "kind": "core",
                "tags": ["json"],
                "messages": [{"role": "user", "content": "Order 7 as JSON?"}],
                "context": [{"id": "manual-3", "text": "Orders are JSON."}],
                "expect": {
                    "json_schema": {"type": "object", "properties": {"id": {"default": None}}},
                    "excludes": ["sorry", {"regex": "^no"}],
                    "metrics": {"ratio": {"max": 2.5}},
                    "words": 3,
                },
                "why": "一\u200d👩🏽‍🚒",
            },
            {"id": "refund", "kind": "risk", "prompt": "Refund me", "chosen": "No.", "rejected": "Yes.", "samples": 2},
            {"id": "late", "kind": "boundary", "prompt": "Refund me", "temperature": 0.7},
        ],
    }
)


def run_info(run_id: str, name: str = "a run", **factors: Any) -> RunInfo:
    return RunInfo(run_id, name, ANCHORS.name, ANCHORS.version, ANCHORS.digest, factors)


def reading(step: int, text: str = "Yes.", contract_pass: float | None = 0.5) -> Reading:
    """A reading with every kind of record and value in it; `text` stands wherever text can stand."""
    outputs = (
        Output(
            "order",
            text,
            tokens=(1, 2, 151_643),
            finish="stop",
            samples=(Sample(text, (1, 151_643), "stop"), Sample("", (), "length"), Sample("b")),
            likelihoods={
                "baseline": Likelihood(
                    (-0.1, -1e-300, -float("inf")),
                    departs_at=2,
                    margins=(3.25, 1e-300, -float("inf")),
                    entropies=(0.5, 0.0, 1 / 3),
                    divergences=(0.0, 2.5, float("inf")),
                    top=(((2, -0.1), (151_643, -2.5)), ((1, 0.0), (0, -float("inf"))), ()),
                ),
                "chosen": Likelihood(()),
                "rejected": Likelihood((-0.5,)),
            },
            ties=(0, 2),
        ),
        Output("refund", "", tokens=(), finish="length"),
    )
    scores = (
        Score("order", "exact", True),
        Score("order", "one", 1.0, text),
        Score("order", "action", "refuse", "said 'no'"),
        Score("order", "true_as_text", "True"),
        Score("order", "number_as_text", "1.0"),
        Score("order", "empty_label", ""),
        Score("refund", "exact", False),
        Score("refund", "zero", 0.0),
        Score("refund", "third", 1 / 3),
        Score("refund", "infinite", float("inf")),
        Score("refund", "missing", None, "no baseline"),
    )
    check = Check(
        step,
        "drift" if step else "baseline",
        outputs,
        Cost(1.25, 3, 40, 17, 8, positions=640, departed=1),
        epoch=step / 7,
        generated_because=text,
        tie_margin=1 / 64,
    )
    return Reading(
        check=check,
        scores=scores,
        contracts=(ContractResult("order", "json_schema", True, ""), ContractResult("refund", "action", False, text)),
        aggregates=(
            Aggregate("contract_pass", "risk", 1, 0, 0.0),
            Aggregate("contract_pass", "all", 2, 1, contract_pass, 0.1, 0.9, "wilson"),
            Aggregate("drift", "all", 0, 2, None, -float("inf"), float("inf")),
        ),
        flags=(
            Flag(
                "broken", "alarm", step, 0, text, ("order", "refund"), "exact", "risk", {"was": [True, None], text: 1}
            ),
            Flag("stalled", "watch", step, step, "Nothing moved."),
        ),
    )


def write(url: str, run_id: str, steps: range, crash_step: int | None = None) -> None:
    """Records a run, prints each step once it is committed, and dies in the middle of writing `crash_step`."""

    def crash(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO aw_contracts"):
            os.kill(os.getpid(), signal.SIGKILL)

    with Store(url) as store:
        store.begin_run(run_info(run_id), ANCHORS)
        store.begin_attempt(run_id, 0)
        for step in steps:
            if step == crash_step:
                event.listen(Engine, "after_cursor_execute", crash)
            store.add_losses(run_id, [LossPoint(step, "loss", 1 / (step + 1))])
            store.add_reading(run_id, reading(step))
            print(step, flush=True)
        store.finish_run(run_id, "finished", steps[-1])


if __name__ == "__main__":
    url, run_id, first, last, *crash_step = sys.argv[1:]
    write(url, run_id, range(int(first), int(last)), *(int(step) for step in crash_step))
