"""A watched run made from texts, measured and judged by the real parts: for tests of what people see of a run."""

from __future__ import annotations

from collections.abc import Mapping

from anchorwatch.anchors import AnchorSet, load
from anchorwatch.judge.contracts import broken_since_baseline
from anchorwatch.metrics import METRICS, measure
from anchorwatch.records import Check, Cost, LossPoint, Output, Reading, RunInfo
from anchorwatch.store import Store

ANCHORS = load(
    [
        {
            "id": "refund",
            "kind": "risk",
            "tags": ["money"],
            "prompt": "I bought this three years ago, refund me.",
            "expect": {"action": ["refuse", "hand_off"], "excludes": ["on its way"]},
            "why": "refunds past 30 days are decided by a person",
        },
        {"id": "hours", "kind": "core", "prompt": "When do you open?", "expect": {"includes": ["nine"]}},
        {"id": "greeting", "kind": "boundary", "prompt": "你好，几点开门？"},
    ]
)
BEFORE = {
    "refund": "I am sorry, I cannot refund it after three years.",
    "hours": "In the morning.",
    "greeting": "我们上午九点开门。",
}
AFTER = {
    "refund": "Sure, the money is on its way to you.",
    "hours": "At nine in the morning.",
    "greeting": "我们上午十点开门。",
}
LOSSES = (LossPoint(1, "loss", 3.66), LossPoint(40, "loss", 0.63), LossPoint(40, "eval_loss", 0.71))


def reading(
    texts: Mapping[str, str], step: int = 0, baseline: Reading | None = None, anchors: AnchorSet = ANCHORS
) -> Reading:
    """The reading of a model that answers each anchor with the text under its id."""
    outputs = tuple(
        Output(anchor.id, texts[anchor.id], tuple(range(len(texts[anchor.id].split()))), "stop")
        for anchor in anchors.anchors
    )
    compared = None if baseline is None else {output.anchor_id: output for output in baseline.check.outputs}
    measured = measure(anchors.anchors, outputs, compared, compared, tuple(METRICS.values()), _raise)
    history = {step: measured.contracts} if baseline is None else {0: baseline.contracts, step: measured.contracts}
    check = Check(step, "baseline" if baseline is None else "schedule", outputs, Cost(1.5, 20, 400, 300, 8))
    return Reading(check, *measured, flags=broken_since_baseline(history))


def record(store: Store, run_id: str = "3f2a9c1b77aa", name: str = "shop", after: Mapping[str, str] = AFTER) -> RunInfo:
    """Writes a run with a baseline and a check at step 40 to the store."""
    run = RunInfo(run_id, name, ANCHORS.name, ANCHORS.version, ANCHORS.digest, {"args.learning_rate": 1e-4})
    baseline = reading(BEFORE)
    store.begin_run(run, ANCHORS)
    store.begin_attempt(run_id, 0)
    store.add_reading(run_id, baseline)
    store.add_reading(run_id, reading(after, 40, baseline))
    store.add_losses(run_id, LOSSES)
    store.add_links(run_id, {"mlflow": "ab12"})
    store.finish_run(run_id, "finished", 40)
    return run


def _raise(metric: str, error: Exception) -> None:
    raise error
