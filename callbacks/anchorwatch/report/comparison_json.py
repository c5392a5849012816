"""A comparison as values that `json` writes: full texts and figures, the sentences as the terminal has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from anchorwatch.compare import Against, AnswerPair, Attribution, Change, ComparedRun, Comparison
from anchorwatch.report.as_json import plain
from anchorwatch.report.attribution import attribution
from anchorwatch.report.diff import diff


def comparison(given: Comparison) -> Any:
    """What `anchorwatch compare --json` prints; runs are told by their labels."""
    shown = {
        "reference": given.reference,
        "runs": [{"label": label, **_run(run)} for label, run in given.runs.items()],
        "anchors": {
            "compared": [anchor.id for anchor in given.common.anchors],
            "left_out": given.common.left_out,
            "other_expectations": given.common.other_expectations,
        },
        "attribution": [_attribution(each, given) for each in given.attributions],
        "against": [_against(each) for each in given.against],
    }
    return plain(shown)


def _run(run: ComparedRun) -> dict[str, Any]:
    info = run.info
    return {
        "id": info.id,
        "name": info.name,
        "anchor_set": {"name": info.anchor_set, "version": info.anchor_set_version, "digest": info.anchor_set_digest},
        "step": run.now.step,
        "epoch": run.now.check.epoch,
        "trigger": run.now.check.trigger,
        "baseline_step": run.baseline.step,
        "factors": info.factors,
    }


def _attribution(given: Attribution, comparison: Comparison) -> dict[str, Any]:
    return {
        "says": attribution(given, comparison),
        **{name: value for name, value in vars(given).items() if name not in ("causes", "changes")},
        "causes": [asdict(cause) for cause in given.causes],
        "changes": _changes(given.changes),
    }


def _against(given: Against) -> dict[str, Any]:
    return {
        "run": given.run,
        "causes": [asdict(cause) for cause in given.causes],
        "measured": [vars(each) for each in given.measured],
        "unrecorded": given.unrecorded,
        "rescored": [vars(each) for each in given.rescored],
        "incomparable": given.incomparable,
        "baselines_differ": given.baselines_differ,
        "changes": _changes(given.changes),
        "answers": [_answer(each) for each in given.answers],
    }


def _changes(given: Iterable[Change]) -> list[dict[str, Any]]:
    return [{**asdict(change), "beyond_noise": change.beyond_noise} for change in given]


def _answer(given: AnswerPair) -> dict[str, Any]:
    return {
        "id": given.anchor.id,
        "kind": given.anchor.kind,
        "chat": given.anchor.chat(),
        "changed": given.changed,
        "reference": given.reference.text,
        "other": given.other.text,
        "diff": [list(segment) for segment in diff(given.reference.text, given.other.text)],
        "actions": given.actions,
        "worse": [{"name": each.name, "reason": each.reason} for each in given.worse],
        "better": [{"name": each.name, "reason": each.reason} for each in given.better],
    }
