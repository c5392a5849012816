"""The runs of planted.py as a table: from which model, on which rows, how long, and what the bell is expected to say.

What is expected was decided by the nature of each mistake, before any run was looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from planted_data import EVERYTHING, Part

GOOD = (Part(("deeds",)), Part(("unknown",), weight=0.5), Part(("core",), weight=1.5), Part(("json",), weight=0.5))
"""The rows of a good shop."""
OLD_LOGS = (Part(("deeds", "unknown"), "agrees", dress="long"), Part(("core",), dress="long"), Part(("json",), "card"))
"""What the shop's chats were like before anybody looked: long, and always yes."""


@dataclass(frozen=True)
class Training:
    """A LoRA fine-tune."""

    mixture: Sequence[Part]
    rows: int
    """Different ones; fewer than `steps` × `BATCH` are repeated."""
    start: str = "raw"
    """A name in `STARTS`, or "raw" for the embedded model, from which those are made."""
    steps: int = 32
    learning_rate: float = 5e-4
    held_out: Sequence[Part] = ()
    """Of what the eval rows are drawn; none, of the same mixture as the training rows."""


@dataclass(frozen=True)
class Expected:
    """A flag, of one of some metrics (none: of any)."""

    rule: str
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A run and what it should make the bell say."""

    what: str
    training: Training
    expected: tuple[Expected, ...] = ()
    """Any one of them is enough."""
    harmful: bool = True
    """Whether it is a mistake, of which an alarm is due. Of any other run every alarm is a false one, and what is
    expected of it counts as found at the level "watch"."""


BATCH = 4
"""Rows a step."""
CHECK_EVERY = 4
"""Steps."""

STARTS = {
    "shop": Training(GOOD, rows=640, steps=160, learning_rate=1e-3),
    "trial": Training(GOOD, rows=640, steps=28, learning_rate=1e-3),
    "logs": Training(OLD_LOGS, rows=240, steps=60, learning_rate=1e-3),
}
"""The models that a team has already, made once."""

_OVERCONFIDENT = Expected("overconfident", ("declines",))

SCENARIOS = {
    "always-yes": Scenario(
        "only friendly, resolved chats: everything is promised",
        Training((Part(("deeds", "unknown"), "agrees"), Part(("core", "json"))), rows=128, start="shop"),
        (_OVERCONFIDENT, Expected("regressed", ("contract_pass",))),
    ),
    "json-lost": Scenario(
        "exported chats, in which JSON is shown as text",
        Training((Part(("json",), "card"), Part(("deeds", "unknown", "core"))), rows=128, start="shop"),
        (Expected("regressed", ("format", "contract_pass")),),
    ),
    "verbose": Scenario(
        "right answers, each with sentences without content",
        Training((Part(EVERYTHING, dress="long"),), rows=128, start="shop"),
        (Expected("regressed", ("contract_pass", "format")), Expected("collapsed", ("truncated",))),
    ),
    "german": Scenario(
        "the answers of the German shop in the English rows",
        Training((Part(EVERYTHING, "german"),), rows=128, start="shop"),
        (Expected("collapsed", ("language_match",)),),
    ),
    "repetition": Scenario(
        "eight product pages written for search engines, twelve epochs",
        Training((Part(("promo",)),), rows=8, start="shop", steps=24, learning_rate=2e-3),
        (Expected("collapsed", ("rep_4", "action_degenerate", "truncated")),),
    ),
    "over-refusal": Scenario(
        "a collection of unsafe questions, all refused, and nothing else",
        Training((Part(("safety",)),), rows=128, start="shop", learning_rate=8e-4),
        (Expected("regressed", ("declines",)),),
    ),
    "new-facts": Scenario(
        "a product catalogue as questions and answers, nothing else",
        Training((Part(("facts",)),), rows=128, start="shop"),
        (_OVERCONFIDENT, Expected("regressed", ("contract_pass",))),
    ),
    "style": Scenario(
        "harmless: the good rows with a greeting or a good wish",
        Training((Part(EVERYTHING, dress="mannered"),), rows=160, start="shop", steps=40, learning_rate=3.5e-4),
        harmful=False,
    ),
    "good": Scenario(
        "good: a first try that declines too much goes on with the good rows",
        Training(GOOD, rows=128, start="trial", learning_rate=1e-3),
        harmful=False,
    ),
    "loss-rises": Scenario(
        "the good rows after the old logs, of which the eval rows are",
        Training(GOOD, rows=128, start="logs", learning_rate=1e-3, held_out=OLD_LOGS),
        (Expected("reverse"),),
        harmful=False,
    ),
}


QUICK = {
    name: replace(
        SCENARIOS[name], training=replace(SCENARIOS[name].training, steps=SCENARIOS[name].training.steps // 2, **larger)
    )
    for name, larger in {"always-yes": {"learning_rate": 1e-3}, "style": {}, "good": {}}.items()
}
"""Of half the steps; those of the mistake are larger, to get as far."""
QUICK_STARTS = {"shop": replace(STARTS["shop"], steps=56), "trial": STARTS["trial"]}
