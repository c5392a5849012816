"""How names and figures are written for people: words over codes, percentages with their n, missing as "–"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anchorwatch.records import Aggregate, LossPoint, Reading

NONE = "–"

ACTIONS = {
    "answer": "answers",
    "refuse": "refuses",
    "hand_off": "hands over to a person",
    "cannot_know": "says it cannot know",
    "correct": "corrects the premise",
    "caution": "cautions",
    "degenerate": "breaks down",
}
"""What an answer does, as a sentence goes on after "the model"."""

_BRIEFLY = {"hand_off": "hands over", "cannot_know": "cannot know", "correct": "corrects"}

_METRICS = {
    "tokens": "length in tokens",
    "length_ratio": "length, times baseline",
    "truncated": "cut off at the limit",
    "rep_4": "repeats itself (rep-4)",
    "changed": "answer changed",
    "similarity": "similar to baseline",
    "changed_since_previous": "changed since last check",
    "similarity_to_previous": "similar to last check",
    "logprob_lost": "old answer less probable",
    "greedy_kept": "old answer kept",
    "kl": "KL from baseline",
    "margin": "margin of the old answer",
    "preference": "prefers the chosen one",
    "sample_agreement": "samples agree",
    **{f"action_{action}": words for action, words in ACTIONS.items()},
}


def behaviour(metric: str) -> str:
    """A metric's name in words: "contract pass", "hands over to a person"."""
    return _METRICS.get(metric, metric.replace("_", " "))


def action(name: str) -> str:
    """What an answer does, in words; what a classifier of the user's own calls otherwise, as it does."""
    return ACTIONS.get(name, name)


def action_briefly(name: str) -> str:
    """`action` where there is little room: "hands over"."""
    return _BRIEFLY.get(name, action(name))


def contract(name: str) -> str:
    """A contract's name: the field of `expect`, or the metric that it bounds."""
    return name.removeprefix("metrics.")


def group(name: str) -> str:
    """A group's name in words: "all", "risk", "tag returns"."""
    return name.replace("_", " ", 1)


def is_rate(aggregate: Aggregate) -> bool:
    """Whether it is a share of anchors, to be shown in percent."""
    return aggregate.interval == "wilson"


def rates(readings: Iterable[Reading]) -> frozenset[str]:
    """The metrics that are shares of anchors at any of these checks; a drift check has no score of some."""
    return frozenset(each.metric for reading in readings for each in reading.aggregates if is_rate(each))


def figure(aggregate: Aggregate | None) -> str:
    """The value: "63%", "14.2", or "–" where there is none."""
    if aggregate is None or aggregate.value is None:
        return NONE
    return rate(aggregate.value) if is_rate(aggregate) else number(aggregate.value)


def basis(aggregate: Aggregate | None) -> str:
    """What the value rests on: "5 of 8; 31–86%" or "n=24; 18.1 to 26.3", with missing scores counted."""
    if aggregate is None:
        return ""
    low, high, value = aggregate.low, aggregate.high, aggregate.value
    if value is not None and is_rate(aggregate):
        parts = [f"{round(value * aggregate.n)} of {aggregate.n}"]
        parts += [f"{_percent(low)}–{_percent(high)}%"] if low is not None and high is not None else []
    else:
        parts = [f"n={aggregate.n}"]
        parts += [f"{number(low)} to {number(high)}"] if low is not None and high is not None else []
    return "; ".join(parts + ([f"{aggregate.missing} missing"] if aggregate.missing else []))


def rate(share: float | None) -> str:
    """A share of 1 in percent: "63%", or "–" where there is none."""
    return NONE if share is None else f"{_percent(share)}%"


def _percent(share: float) -> int:
    return int(100 * share + 0.5)  # a half is rounded up: 5 of 8 are 63%


def value(score: bool | float | str | None) -> str:
    """A score: "yes", "no", a label, a number, or "–" where it is missing."""
    if isinstance(score, bool):
        return "yes" if score else "no"
    return NONE if score is None else score if isinstance(score, str) else number(score)


def number(value: float) -> str:
    """Three significant digits, thousands apart: "0.0123", "14.2", "1,234"."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.3g}".replace("-", "−", 1)


def signed(difference: float | None, *, rate: bool) -> str:
    """A difference, of rates in points: "+17", "−0.3", "0"; "–" where there is none."""
    if difference is None:
        return NONE
    shown = number(round(100 * difference) if rate else difference)
    return shown if shown.startswith("−") or shown == "0" else f"+{shown}"


def probability(p: float) -> str:
    """A p-value: "p = .004", "p < .001"."""
    return "p < .001" if p < 0.001 else f"p = {f'{p:.2g}'.removeprefix('0')}"


def losses(points: Sequence[LossPoint]) -> list[str]:
    """A line per loss, in the order first logged: "loss 3.66 → 0.63 (steps 1 to 30)"."""
    series: dict[str, list[LossPoint]] = {}
    for point in sorted(points, key=lambda point: point.step):
        series.setdefault(point.name, []).append(point)
    return [_course(name.replace("_", " "), course[0], course[-1]) for name, course in series.items()]


def _course(name: str, first: LossPoint, last: LossPoint) -> str:
    if first.step == last.step:
        return f"{name} {number(last.value)} (step {last.step})"
    return f"{name} {number(first.value)} → {number(last.value)} (steps {first.step} to {last.step})"


def duration(seconds: float) -> str:
    """Seconds as "0.4 s", "48 s", "3 min 20 s", "2 h 5 min"."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def counted(n: int, what: str) -> str:
    """A number of things: "1 check", "2 checks"."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def few(names: Sequence[str], limit: int = 3) -> str:
    """The first names, and how many more: "a, b, c and 4 more"."""
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")
