"""Scores of sampled answers: of yes/no metrics that a text alone decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from anchorwatch.anchors import Anchor
from anchorwatch.metrics import METRICS, measure
from anchorwatch.metrics.contract import FROM_CONTRACTS, stated
from anchorwatch.records import Output, Reading, Value

_FROM_TEXT = frozenset({"action", "declines", "language", "language_match", "rep_4", "compression"})
# Sampled answers are kept as texts: how many tokens they had and how they ended is not known.
_FROM_TOKENS = frozenset({"min_tokens", "max_tokens"})

Values = Mapping[tuple[str, str], Value]
"""By anchor and metric."""


class SampleScores:
    """Scores the sampled answers of a run's checks with the built-in metrics.

    The run's own may be another classifier, which need not be at hand when the run is judged again from the store.
    """

    def __init__(self, anchors: Sequence[Anchor], baseline: Reading) -> None:
        """Metrics that do not reproduce what `baseline` recorded (another version, another classifier) are left out."""
        self._anchors = anchors
        self._metrics = tuple(each for each in METRICS.values() if each.name in _FROM_TEXT | FROM_CONTRACTS.keys())
        self._textual = {anchor.id for anchor in anchors if all(map(_by_text, stated(anchor)))}
        recorded = {(score.anchor_id, score.metric): score.value for score in baseline.scores}
        again = self._score(baseline, lambda output: output.text)
        doubtful = {key[1] for key, value in again.items() if recorded.get(key) != value}
        self._metrics = tuple(each for each in self._metrics if each.name not in doubtful)

    def draws(self, reading: Reading) -> list[Values]:
        """The scores of the first sampled answers, of the second, …; empty where any anchor has no sampled answer.

        Where some anchors have none, what is sampled would speak for the few and hide the others.
        """
        counts = [len(output.samples) for output in reading.check.outputs]
        if not all(counts):
            return []
        return [self._score(reading, _nth(number)) for number in range(max(counts, default=0))]

    def _score(self, reading: Reading, text: Callable[[Output], str | None]) -> Values:
        outputs = [
            replace(output, text=found, tokens=(), finish="stop", samples=(), likelihoods={})
            for output in reading.check.outputs
            if (found := text(output)) is not None
        ]
        measured = measure(self._anchors, outputs, None, None, self._metrics, lambda name, error: None)
        return {
            (score.anchor_id, score.metric): score.value
            for score in measured.scores
            if score.metric not in FROM_CONTRACTS or score.anchor_id in self._textual
        }


def _nth(number: int) -> Callable[[Output], str | None]:
    return lambda output: output.samples[number] if number < len(output.samples) else None


def _by_text(contract: str) -> bool:
    """Whether a contract can be checked on the text alone."""
    if contract.startswith("metrics."):
        return contract.removeprefix("metrics.") in _FROM_TEXT
    return contract not in _FROM_TOKENS
