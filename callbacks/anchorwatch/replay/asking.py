"""Asks one saved model after the other, and compares what can be compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.probe import Probe
from anchorwatch.probe.generate import decoding
from anchorwatch.probe.prompts import text_tokenizer
from anchorwatch.probe.watchable import base_of
from anchorwatch.records import Check, Trigger
from anchorwatch.replay.prepare import Prepared

_OTHER_TOKENS = "the baseline has another tokenizer"
_OTHER_KIND = "the baseline is of another architecture"


@dataclass(frozen=True)
class Opened:
    """A model that is loaded, with what was prepared for it."""

    model: Any
    prepared: Prepared


class ModelAsker:
    """Asks with a `Probe`, the same one while the models are alike: it remembers what their answers were.

    The outputs of the check before are verified where the model is of the baseline's architecture and reads the same
    tokens; else answers are generated anew. With other tokens, nothing says how probable the baseline's answer is, and
    those scores are missing.
    """

    def __init__(
        self,
        anchor_set: AnchorSet,
        prepared: Mapping[int, Prepared],
        *,
        batch_size: int,
        baseline_samples: int,
    ) -> None:
        """`prepared` is by step."""
        self.floor_seconds = 0.0
        self.advance: Callable[[int], object] = lambda asked: None
        self._anchor_set, self._prepared, self._batch_size = anchor_set, prepared, batch_size
        self._baseline_samples = baseline_samples
        self._probe: Probe | None = None
        self._like: tuple[Any, ...] = ()

    def wait(self) -> None:
        """See `Probe.wait`."""
        if self._probe is not None:
            self._probe.wait()

    def check(
        self,
        model: Opened,
        *,
        step: int,
        trigger: Trigger,
        baseline: Check | None,
        previous: Check | None,
        epoch: float | None,
        optimizer: Any,
    ) -> Check:
        """See `Probe.check`."""
        probe = self._probe_for(model, self._baseline_samples if baseline is None else 0)
        because, prompts = "", model.prepared.prompts
        if baseline is not None and self._prepared[baseline.step].prompts != prompts:
            baseline, because = None, _OTHER_TOKENS
        elif baseline is not None and self._prepared[baseline.step].kind != model.prepared.kind:
            baseline, because = replace(baseline, tie_margin=None), _OTHER_KIND
        if previous is not None and self._prepared[previous.step].prompts != prompts:
            previous = None
        check = probe.check(model.model, step=step, trigger=trigger, baseline=baseline, previous=previous, epoch=epoch)
        self.floor_seconds = probe.floor_seconds
        if because == _OTHER_TOKENS:
            check = replace(_without_baseline(check), tie_margin=None)
        self.advance(len(check.outputs))
        return replace(check, generated_because=because) if because else check

    def _probe_for(self, opened: Opened, samples: int) -> Probe:
        model, prepared = base_of(opened.model), opened.prepared
        rule = decoding(model, text_tokenizer(prepared.tokenizer))
        like = (type(model), prepared.prompts, frozenset(rule.ends), rule.pad)
        if self._probe is None or self._like != like:
            self._probe = Probe(
                self._anchor_set,
                opened.model,
                prepared.tokenizer,
                batch_size=self._batch_size,
                baseline_samples=samples,
            )
            self._like = like
        return self._probe


def _without_baseline(check: Check) -> Check:
    """Without the likelihoods of an answer that is not the baseline's but the model's own."""
    outputs = []
    for output in check.outputs:
        kept = {name: found for name, found in output.likelihoods.items() if name != "baseline"}
        outputs.append(replace(output, likelihoods=kept))
    return replace(check, outputs=tuple(outputs))
