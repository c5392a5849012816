"""What passes between the stages: frozen records, no torch, no tracker, no database.

probe  ──► Check (outputs, cost)
metrics ─► Score per anchor and metric, ContractResult per expectation, Aggregate per metric and group
judge  ──► Flag
all of one step together ──► Reading, which store, trackers and reports receive
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from anchorwatch.text import scrub

Trigger = Literal["baseline", "schedule", "drift", "evaluate", "save", "end"]
"""Why a check was made. A "drift" check asks for no samples and scores no answer but the baseline's."""

Finish = Literal["stop", "length"]
"""How an output ended: by an end-of-sequence token, or cut off at `max_new_tokens`."""

Value = bool | float | str | None
"""A score: a yes/no, a number, a label, or None where there is none (never 0 in its place)."""


@dataclass(frozen=True)
class Likelihood:
    """How probable the model finds one given answer, from one teacher-forced pass.

    `token_logprobs` holds the natural-log probability of each answer token (each ≤ 0; empty for an empty answer).
    `departs_at` is the index of the first answer token that greedy decoding would not have chosen; None if it
    would have chosen them all. The other fields have one item for each answer token, or are empty where they were not
    measured; they are measured for the baseline's answer only.
    """

    token_logprobs: tuple[float, ...]
    departs_at: int | None = None
    margins: tuple[float, ...] = ()
    """Logit of the answer's token minus the largest other logit: ≤ 0 where greedy decoding would depart."""
    entropies: tuple[float, ...] = ()
    """Of the model's next-token distribution, in nats, ≥ 0."""
    divergences: tuple[float, ...] = ()
    """KL(baseline ‖ now) of the next-token distributions in nats, ≥ 0: a lower bound, from the baseline's `top` tokens
    and all others as one."""
    top: tuple[tuple[tuple[int, float], ...], ...] = ()
    """The most probable (token id, log-probability) at each answer token, the most probable first. At baseline only."""

    @property
    def logprob(self) -> float:
        """Sum over the tokens; 0.0 for an empty answer."""
        return sum(self.token_logprobs)

    @property
    def mean_logprob(self) -> float | None:
        """Mean per token; None for an empty answer."""
        return self.logprob / len(self.token_logprobs) if self.token_logprobs else None


@dataclass(frozen=True)
class Sample:
    """A sampled answer, drawn at the anchor's temperature. Fields as of `Output`."""

    text: str
    tokens: tuple[int, ...] = ()
    """Empty where only the text is known, as of a server's answer."""
    finish: Finish | None = None
    """None where it was not recorded, as by versions that kept the texts alone."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", scrub(self.text))


@dataclass(frozen=True)
class Output:
    """What the model said to one anchor at one step."""

    anchor_id: str
    text: str
    """Decoded without special tokens; lone surrogates are replaced, so that it can be encoded as UTF-8."""
    tokens: tuple[int, ...]
    """Generated token ids, the end-of-sequence token included where `finish` is "stop"."""
    finish: Finish
    samples: tuple[Sample, ...] = ()
    """Where the anchor asks for them; at the baseline all anchors have some, for the noise floor."""
    likelihoods: Mapping[str, Likelihood] = field(default_factory=dict[str, Likelihood])
    """By answer: "baseline" (the untouched model's own answer), "reference", "chosen", "rejected"."""
    ties: tuple[int, ...] = ()
    """Positions in `tokens` where the two best tokens were no further apart than the check's `tie_margin`: where
    rounding, not the model, may have chosen. At close ones a verified output keeps the earlier check's token."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", scrub(self.text))


@dataclass(frozen=True)
class Cost:
    """What a check cost: wall seconds, forward calls of the model, and tokens."""

    seconds: float
    forward_calls: int
    prompt_tokens: int
    new_tokens: int
    batch_size: int
    """The batch size that went through; smaller than asked for after running out of memory."""
    positions: int = 0
    """Token positions that the forward calls computed, padding included."""
    departed: int | None = None
    """Outputs that were not the earlier check's any more and had to be decoded; None where nothing was verified."""


@dataclass(frozen=True)
class Check:
    """Every anchor asked of the model at one step; `outputs` are in the order of the anchor set."""

    step: int
    trigger: Trigger
    outputs: tuple[Output, ...]
    cost: Cost
    epoch: float | None = None
    generated_because: str = ""
    """Why the outputs were generated from nothing; empty where an earlier check's were verified."""
    tie_margin: float | None = None
    """Difference of two logits up to which they tie, as a share of the largest logit there: the numerical noise that
    was measured at baseline. None where it was not."""


@dataclass(frozen=True)
class Score:
    """One metric of one anchor. `value` None is a missing score; `reason` then says why."""

    anchor_id: str
    metric: str
    value: Value
    reason: str = ""


@dataclass(frozen=True)
class ContractResult:
    """Whether one expectation of one anchor holds. `name` is the field of `expect`, e.g. "action" or "json_schema"."""

    anchor_id: str
    name: str
    held: bool
    reason: str

    @property
    def key(self) -> tuple[str, str]:
        """(anchor id, name): the same contract at every check."""
        return (self.anchor_id, self.name)


@dataclass(frozen=True)
class Aggregate:
    """A metric over a group of anchors ("all", a kind, or "tag_" and a tag).

    `value` is a rate in [0, 1] for yes/no scores, a mean for numbers; None when no anchor has a score.
    A label metric has one aggregate per label, named `metric_label`, each a rate.
    `low` and `high` bound the 95% interval (`interval` names the method); None where n is too small for one.
    """

    metric: str
    group: str
    n: int
    missing: int
    value: float | None
    low: float | None = None
    high: float | None = None
    interval: str = ""

    @property
    def name(self) -> str:
        """`group/metric`, the name in trackers and in `metric_for_best_model`."""
        return f"{self.group}/{self.metric}"


@dataclass(frozen=True)
class Flag:
    """A statement that behaviour changed, with its evidence. `since_step` is the first step at which it was so."""

    rule: str
    level: Literal["watch", "alarm"]
    step: int
    since_step: int
    message: str
    """One sentence that a person can act on."""
    anchor_ids: tuple[str, ...] = ()
    metric: str = ""
    group: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """JSON-serialisable details of the rule."""

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """The same flag at every check: its rule and metric, of a broken contract its anchor.

        The group is that where the evidence is strongest, and can change; a behaviour of one kind of anchors, such as
        declining, is another for another kind.
        """
        if self.rule == "contract_broken":
            return (self.rule, self.metric, self.anchor_ids)
        return (self.rule, self.metric, (self.evidence["kind"],) if "kind" in self.evidence else ())


@dataclass(frozen=True)
class LossPoint:
    """A loss the trainer logged. `name` is the trainer's own ("loss", "eval_loss", "eval_faq_loss")."""

    step: int
    name: str
    value: float
    epoch: float | None = None


@dataclass(frozen=True)
class Reading:
    """A check with everything read off it: what stores, trackers and reports receive."""

    check: Check
    scores: tuple[Score, ...]
    contracts: tuple[ContractResult, ...]
    aggregates: tuple[Aggregate, ...]
    flags: tuple[Flag, ...] = ()

    @property
    def step(self) -> int:
        """The trainer's global step of the check."""
        return self.check.step

    def output(self, anchor_id: str) -> Output:
        """The output of one anchor. Raises KeyError for an anchor that was not asked."""
        for output in self.check.outputs:
            if output.anchor_id == anchor_id:
                return output
        raise KeyError(anchor_id)

    def score(self, anchor_id: str, metric: str) -> Score | None:
        """The score of one anchor, or None if the metric was not computed."""
        for score in self.scores:
            if score.anchor_id == anchor_id and score.metric == metric:
                return score
        return None


@dataclass(frozen=True)
class RunInfo:
    """One watched training run, as the store and the trackers know it."""

    id: str
    name: str
    """On one line: white space within is a space."""
    anchor_set: str
    anchor_set_version: int
    anchor_set_digest: str
    factors: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What can differ between runs, flat names to JSON values: "args.learning_rate", "data.digest", "model.id", …"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", " ".join(self.name.split()))
