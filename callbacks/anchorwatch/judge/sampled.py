"""Scores of sampled answers: of metrics that an answer alone decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from anchorwatch.anchors import Anchor
from anchorwatch.metrics import METRICS, measure
from anchorwatch.metrics.contract import FROM_CONTRACTS, stated
from anchorwatch.metrics.length import count
from anchorwatch.records import Output, Reading, Sample, Value

_FROM_TEXT = frozenset({"action", "declines", "language", "language_match", "rep_4", "compression"})
_FROM_END = frozenset({"truncated"})
_FROM_TOKENS = frozenset({"tokens", "min_tokens", "max_tokens"})
_READ_FROM_METRICS = frozenset({"action", "language"})
"""Contracts that read the metric of their name."""

Values = Mapping[tuple[str, str], Value]
"""By anchor and metric."""


class SampleScores:
    """Scores the sampled answers of a run's checks with the built-in metrics.

    The run's own may be another classifier, which need not be at hand when the run is judged again from the store.
    """

    def __init__(self, anchors: Sequence[Anchor], baseline: Reading, versions: Mapping[str, str]) -> None:
        """Left out are metrics that were another's in the run, by its `versions` of the metrics, where it has any, or
        because they do not reproduce what `baseline` recorded.

        So are metrics and contracts that read how an answer ended, or its tokens, where these are not known of the
        samples: of a server's answers, or in a run recorded when only texts were kept. A contract that reads a metric
        which is left out cannot be checked on samples, so its anchor has no scores from contracts.
        """
        self._anchors = anchors
        others = {name for name, metric in METRICS.items() if versions.get(name, metric.version) != metric.version}
        self._leave_out(others, (_FROM_TEXT | _known_besides_text(baseline.check.outputs)) - others)
        again = self._score([replace(output, likelihoods={}) for output in baseline.check.outputs])
        recorded = {(score.anchor_id, score.metric): score.value for score in baseline.scores}
        doubtful = {key[1] for key, value in again.items() if recorded.get(key) != value}
        self._leave_out(others | doubtful, self._readable - doubtful)

    def _leave_out(self, names: set[str], readable: frozenset[str]) -> None:
        self._readable = readable
        own = (readable | FROM_CONTRACTS.keys()) - names
        self._metrics = tuple(each for each in METRICS.values() if each.name in own)
        self._checkable = {
            anchor.id for anchor in self._anchors if all(_can_be_checked(each, readable) for each in stated(anchor))
        }

    def draws(self, reading: Reading) -> list[Values]:
        """The scores of the first sampled answers, of the second, …; empty where any anchor has no sampled answer.

        Where some anchors have none, what is sampled would speak for the few and hide the others.
        """
        outputs = reading.check.outputs
        counts = [len(output.samples) for output in outputs]
        if not all(counts):
            return []
        return [
            self._score([_as_output(each, each.samples[number]) for each in outputs if number < len(each.samples)])
            for number in range(max(counts, default=0))
        ]

    def _score(self, outputs: Sequence[Output]) -> Values:
        measured = measure(self._anchors, outputs, None, None, self._metrics, lambda name, error: None)
        return {
            (score.anchor_id, score.metric): score.value
            for score in measured.scores
            if score.metric not in FROM_CONTRACTS or score.anchor_id in self._checkable
        }


def _as_output(output: Output, sample: Sample) -> Output:
    return Output(output.anchor_id, sample.text, sample.tokens, sample.finish or "stop")


def _known_besides_text(outputs: Iterable[Output]) -> frozenset[str]:
    """The metrics and contracts besides those of text that the samples can be scored with."""
    drawn = [(output, sample) for output in outputs for sample in output.samples]
    if not all(sample.finish for _, sample in drawn):
        return frozenset()
    return _FROM_END | (_FROM_TOKENS if all(count(_as_output(*each)) is not None for each in drawn) else frozenset())


def _can_be_checked(contract: str, readable: frozenset[str]) -> bool:
    if contract.startswith("metrics."):
        return contract.removeprefix("metrics.") in readable
    return contract in readable or contract not in _READ_FROM_METRICS | _FROM_TOKENS
