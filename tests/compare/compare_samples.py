"""Runs to compare, made from texts and factors, measured by the real metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.compare import ComparedRun
from anchorwatch.records import RunInfo
from example_run import AFTER, ANCHORS, BEFORE, reading

FACTORS: dict[str, Any] = {
    "args.learning_rate": 1e-3,
    "args.seed": 0,
    "args.logging_steps": 5,
    "args.max_steps": 40,
    "args.accelerator_config": {"even_batches": True, "split_batches": False},
    "adapter.r": 8,
    "adapter.target_modules": ["k_proj", "q_proj"],
    "code.digest": "c1",
    "data.digest": "d1",
    "data.rows": 10,
    "metric.action": "1",
    "metric.declines": "1",
    "model.id": "base",
    "model.trained_parameters": 100,
    "version.torch": "2.13.0+cpu",
}


def run(
    name: str,
    factors: Mapping[str, Any] | None = None,
    after: Mapping[str, str] = AFTER,
    *,
    before: Mapping[str, str] = BEFORE,
    anchors: AnchorSet = ANCHORS,
    step: int = 40,
    epoch: float | None = None,
) -> ComparedRun:
    """A run whose factors are `FACTORS` but for those given; None takes one away."""
    own = {**FACTORS, **(factors or {})}
    kept = {key: value for key, value in own.items() if value is not None}
    baseline = reading(before, anchors=anchors)
    now = reading(after, step, baseline, anchors)
    now = replace(now, check=replace(now.check, epoch=epoch))
    return ComparedRun(RunInfo(name, name, anchors.name, anchors.version, anchors.digest, kept), anchors, baseline, now)


NUMBER = 40
"""Questions that the runs of `passing` are asked."""


def passing(name: str, factors: Mapping[str, Any], passed: int) -> ComparedRun:
    """A run that answers so many of the questions as expected, and none of them at its baseline."""
    return run(name, factors, saying(passed, NUMBER), before=saying(0, NUMBER), anchors=questions(NUMBER))


def questions(number: int) -> AnchorSet:
    """So many core anchors, "q0", "q1", …, each of which expects the answer "yes"."""
    rows = [
        {"id": f"q{at}", "kind": "core", "prompt": f"Is it {at}?", "expect": {"includes": ["yes"]}}
        for at in range(number)
    ]
    return AnchorSet.model_validate({"name": "questions", "anchors": rows})


def saying(yes: int, number: int) -> dict[str, str]:
    """Answers to `questions(number)`, the first `yes` of them as expected."""
    return {f"q{at}": "It is, yes." if at < yes else "I do not think so." for at in range(number)}
