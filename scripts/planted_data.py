"""The training rows of planted.py: mixtures of the intents in planted_rows.yaml, filled in at random."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from anchorwatch.anchors import AnchorSet, load

ROWS = Path(__file__).with_name("planted_rows.yaml")
ANCHORS = Path(__file__).with_name("planted_anchors.yaml")
EVERYTHING = ("deeds", "unknown", "core", "json")


@dataclass(frozen=True)
class Part:
    """Rows of one kind in a mixture."""

    groups: Sequence[str]
    """Of planted_rows.yaml; each intent of them is as frequent as any other."""
    answers: str = "good"
    """Which answers; an intent without such ones keeps its good ones."""
    weight: float = 1.0
    """How much of the mixture, beside the weights of the others."""
    dress: Literal["plain", "long", "mannered"] = "plain"
    """What is put around an answer that is no JSON: nothing, sentences without content, a greeting or a good wish."""


def rows(mixture: Sequence[Part], count: int, seed: int) -> list[dict[str, Any]]:
    """`count` rows, all different, in TRL's conversational prompt-completion form."""
    generator = random.Random(seed)
    found: dict[tuple[str, str], None] = {}
    while len(found) < count:
        part = generator.choices(mixture, [each.weight for each in mixture])[0]
        found[_chat(part, generator)] = None
    system = {"role": "system", "content": anchor_set().anchors[0].system}
    return [
        {
            "prompt": [system, {"role": "user", "content": question}],
            "completion": [{"role": "assistant", "content": answer}],
        }
        for question, answer in found
    ]


@cache
def anchor_set() -> AnchorSet:
    """What every run is asked."""
    return load(ANCHORS)


def _chat(part: Part, generator: random.Random) -> tuple[str, str]:
    texts = _texts()
    name, intent = generator.choice([(name, intent) for name in part.groups for intent in texts[name].values()])
    slots = {slot: generator.choice(values) for slot, values in texts["slots"].items()}
    question: str = (generator.choice(texts["openers"]) + generator.choice(intent["ask"])).format(**slots)
    answer: str = generator.choice(intent.get(part.answers, intent["good"])).format(**slots)
    return question, answer if name == "json" else _dressed(answer, part.dress, generator)


def _dressed(answer: str, dress: str, generator: random.Random) -> str:
    texts = _texts()
    if dress == "long":
        return " ".join([answer, *generator.sample(texts["filler"], generator.choice([1, 2]))])
    if dress == "mannered":
        before, after = (generator.choice(texts["manners"][side]) for side in ("before", "after"))
        return f"{before}{answer}" if generator.random() < 0.5 else f"{answer}{after}"
    return answer


@cache
def _texts() -> dict[str, Any]:
    texts: dict[str, Any] = yaml.safe_load(ROWS.read_text(encoding="utf-8"))
    return texts
