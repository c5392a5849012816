"""What the page shows of a run, as JSON values. A text that many answers share is held once, in `texts`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

from anchorwatch.anchors import KINDS
from anchorwatch.judge.behaviours import behaviours
from anchorwatch.judge.losses import LossChange
from anchorwatch.judge.standing import Standing
from anchorwatch.records import Flag, Output, Reading
from anchorwatch.report import words
from anchorwatch.report.as_json import plain
from anchorwatch.report.changes import Pair, pairs
from anchorwatch.report.flag_words import figures
from anchorwatch.report.flags import trends
from anchorwatch.report.page.compared import comparison_data
from anchorwatch.report.page.heat import heat
from anchorwatch.report.page.series import behaviour_series, loss_series
from anchorwatch.report.page.watched import WatchedRun
from anchorwatch.report.where import in_trackers

_JUDGED = {each.metric: each.what for each in behaviours({})}


class Texts:
    """Distinct texts by number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """The place of `text` in `all`."""
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        """Every text once, in the order of their numbers."""
        return list(self._numbers)


def report_data(runs: Sequence[WatchedRun]) -> Any:
    """Everything the page is made from: JSON values, None in the place of NaN and the infinities, losses aside."""
    texts = Texts()
    shown = [_run(run, texts) for run in runs]
    comparison = comparison_data(runs)
    metrics = {series["metric"] for run in shown for series in run["series"]}
    metrics |= {flag["metric"] for run in shown for check in run["checks"] for flag in check["flags"]}
    metrics |= {each["metric"] for against in (comparison or {}).get("against", []) for each in against["metrics"]}
    return plain(
        {
            "anchorwatch": version("anchorwatch"),
            "written_at": _time(datetime.now(timezone.utc)),
            "names": {"metrics": {name: _name(name) for name in sorted(metrics)}, "actions": words.ACTIONS},
            "texts": texts.all(),
            "runs": shown,
            "comparison": comparison,
        }
    )


def _name(metric: str) -> str:
    """In the words of the flags where it is judged, else in those of the terminal."""
    return _JUDGED.get(metric) or words.behaviour(metric)


def _run(run: WatchedRun, texts: Texts) -> dict[str, Any]:
    stored, info = run.stored, run.stored.info
    compared = [pairs(run.anchor_set, run.readings[0], reading) for reading in run.readings]
    answers = [
        {pair.anchor.id: _answer(pair, reading, texts) for pair in found}
        for found, reading in zip(compared, run.readings, strict=True)
    ]
    return {
        "id": info.id,
        "name": info.name,
        "status": stored.status,
        "began_at": _time(stored.created_at),
        "final_step": stored.final_step,
        "anchor_set": {"name": info.anchor_set, "version": info.anchor_set_version},
        "elsewhere": [list(place) for place in in_trackers(stored.links)],
        "losses": loss_series(run.losses),
        "series": behaviour_series(run.readings, info.factors),
        "checks": _checks(run.readings),
        "anchors": [
            {
                "id": anchor.id,
                "kind": anchor.kind,
                "tags": list(anchor.tags),
                "question": texts.number(anchor.question),
                "chat": [[turn["role"], texts.number(turn["content"])] for turn in anchor.chat()],
                "why": anchor.why,
                "expected_actions": anchor.expect.action or [],
                "answers": [at_check.get(anchor.id) for at_check in answers],
            }
            for anchor in sorted(run.anchor_set.anchors, key=lambda anchor: -KINDS.index(anchor.kind))
        ],
    }


def _checks(readings: Sequence[Reading]) -> list[dict[str, Any]]:
    """A value per check; `raised` are the numbers of its flags that are news."""
    checks: list[dict[str, Any]] = []
    standing, rates = Standing(), words.rates(readings)
    for reading in readings:
        news = standing.news(reading.flags)
        spoken = trends(reading.flags)
        checks.append(
            {
                "step": reading.step,
                "epoch": reading.check.epoch,
                "trigger": reading.check.trigger,
                "flags": [_flag(flag, rates) for flag in spoken],
                "raised": [number for number, flag in enumerate(spoken) if flag in news],
                "newly_broken": [flag.anchor_ids[0] for flag in news if flag.rule == "contract_broken"],
            }
        )
    return checks


def _flag(flag: Flag, rates: Collection[str]) -> dict[str, Any]:
    """`message` is its sentence in English; the rest is what another language needs to say the same."""
    found = figures(flag)
    return {
        "rule": flag.rule,
        "level": flag.level,
        "since": flag.since_step,
        "metric": flag.metric,
        "group": flag.group,
        "kind": flag.evidence.get("kind"),
        "message": flag.message,
        "anchors": list(flag.anchor_ids),
        "moved": {"before": found.before, "after": found.after} if flag.evidence.get("behaviour") else None,
        "change": None if None in (found.change_low, found.change_high) else [found.change_low, found.change_high],
        "p": found.p,
        "rate": flag.metric in rates,
        "loss": _loss(flag.evidence.get("loss")),
        "turned": [len(flag.evidence[way]) for way in ("worse", "better")] if flag.rule == "churn" else None,
        **{name: flag.evidence[name] for name in ("share", "changed") if name in flag.evidence},
    }


def _loss(loss: dict[str, Any] | None) -> dict[str, Any] | None:
    """`direction` is "better", "worse", "lost" (it is no number any more), or None within the noise."""
    if loss is None:
        return None
    return {**loss, "direction": "lost" if loss["after"] is None else LossChange(**loss).direction}


def _answer(pair: Pair, reading: Reading, texts: Texts) -> dict[str, Any]:
    """One anchor at one check. What is empty or missing is left out, for the size of the file."""
    anchor_id, now = pair.anchor.id, pair.now
    action = reading.score(anchor_id, "action")
    lost = reading.score(anchor_id, "logprob_lost")
    broken, mended = set(pair.broken), set(pair.mended)
    since = _broken_since(reading, anchor_id)
    contracts = [
        [
            each.name,
            "broken" if each in broken else "mended" if each in mended else "held" if each.held else "never",
            texts.number(each.reason),
            since.get(each.name) if each in broken else None,
        ]
        for each in reading.contracts
        if each.anchor_id == anchor_id
    ]
    whole = {
        "text": texts.number(now.text),
        "limit": len(now.tokens) if now.finish == "length" else None,
        "action": action.value if action else None,
        "action_reason": texts.number(action.reason) if action and action.reason else None,
        "contracts": contracts or None,
        "samples": [texts.number(sample.text) for sample in now.samples] or None,
        "lost": round(lost.value, 4) if lost and isinstance(lost.value, float) else None,
        "heat": heat(_likelihood(pair.before), _likelihood(now)) if now is not pair.before else None,
        "departs": now.likelihoods["baseline"].departs_at if "baseline" in now.likelihoods else None,
    }
    return {name: value for name, value in whole.items() if value is not None}


def _likelihood(output: Output) -> Sequence[float]:
    found = output.likelihoods.get("baseline")
    return found.token_logprobs if found else ()


def _broken_since(reading: Reading, anchor_id: str) -> Mapping[str, int]:
    return {
        each["name"]: each["since_step"]
        for flag in reading.flags
        if flag.rule == "contract_broken" and flag.anchor_ids == (anchor_id,)
        for each in flag.evidence["contracts"]
    }


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
