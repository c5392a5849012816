"""A run and a check as values that `json` writes: keys in words, full texts, None for what is missing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import Aggregate, LossPoint, Output, Reading
from anchorwatch.report.changes import Pair, pairs, rows
from anchorwatch.report.diff import diff
from anchorwatch.store import StoredRun


def run(stored: StoredRun) -> Any:
    """One run as `anchorwatch runs --json` lists it. Times are ISO 8601."""
    info = stored.info
    shown = {
        "id": info.id,
        "name": info.name,
        "status": stored.status,
        "created_at": _time(stored.created_at),
        "finished_at": _time(stored.finished_at),
        "anchor_set": {"name": info.anchor_set, "version": info.anchor_set_version, "digest": info.anchor_set_digest},
        "checks": stored.checks,
        "last_step": stored.last_step,
        "final_step": stored.final_step,
        "contract_pass": {"baseline": stored.baseline_contract_pass, "last": stored.last_contract_pass},
        "links": stored.links,
        "factors": info.factors,
    }
    return plain(shown)


def show(stored: StoredRun, anchor_set: AnchorSet, losses: Sequence[LossPoint], baseline: Reading, now: Reading) -> Any:
    """A check of a run against its baseline: losses up to its step, aggregates, flags, both answers of every anchor."""
    shown = {
        "run": run(stored),
        "step": now.step,
        "baseline_step": baseline.step,
        "trigger": now.check.trigger,
        "generated_because": now.check.generated_because,
        "tie_margin": now.check.tie_margin,
        "cost": vars(now.check.cost),
        "losses": [vars(point) for point in losses if point.step <= now.step],
        "aggregates": [
            {"metric": row.metric, "group": row.group, "baseline": _aggregate(row.before), "now": _aggregate(row.now)}
            for metric in rows(baseline, now)
            for row in metric
        ],
        "flags": [vars(flag) for flag in now.flags],
        "anchors": [_pair(pair, baseline, now) for pair in pairs(anchor_set, baseline, now)],
    }
    return plain(shown)


def _pair(pair: Pair, baseline: Reading, now: Reading) -> dict[str, Any]:
    anchor_id = pair.anchor.id
    return {
        "id": anchor_id,
        "kind": pair.anchor.kind,
        "tags": list(pair.anchor.tags),
        "chat": pair.anchor.chat(),
        "why": pair.anchor.why,
        "changed": pair.changed,
        "before": pair.before.text,
        "now": pair.now.text,
        "diff": [list(segment) for segment in diff(pair.before.text, pair.now.text)],
        "samples": {"before": _texts(pair.before), "now": _texts(pair.now)},
        "finish": {"before": pair.before.finish, "now": pair.now.finish},
        "ties": {"before": list(pair.before.ties), "now": list(pair.now.ties)},
        "contracts": [
            {"name": each.name, "held": each.held, "reason": each.reason}
            for each in now.contracts
            if each.anchor_id == anchor_id
        ],
        "broken": [each.name for each in pair.broken],
        "mended": [each.name for each in pair.mended],
        "scores": [
            {"metric": score.metric, "baseline": _score(baseline, anchor_id, score.metric), "now": score.value}
            for score in now.scores
            if score.anchor_id == anchor_id
        ],
    }


def _texts(output: Output) -> list[str]:
    return [sample.text for sample in output.samples]


def _score(reading: Reading, anchor_id: str, metric: str) -> Any:
    score = reading.score(anchor_id, metric)
    return score.value if score else None


def _aggregate(aggregate: Aggregate | None) -> dict[str, Any] | None:
    if aggregate is None:
        return None
    return {name: value for name, value in vars(aggregate).items() if name not in ("metric", "group")}


def plain(value: Any) -> Any:
    """`value` with None in the place of NaN and the infinities, which JSON cannot say."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
