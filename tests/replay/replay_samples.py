"""Tiny trainings with checkpoints, and what was recorded of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from anchorwatch import AnchorWatch
from anchorwatch.records import Reading
from anchorwatch.store import Store
from training import trainer

SET = "anchors.yaml"
"""A file with the anchors of the fixture `anchor_set`."""


LORA = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")


def train(adapter: Any = None, watch: AnchorWatch | None = None, out: str = "out", base: str = "base") -> None:
    """Three checkpoints, at steps 2, 4 and 6; `adapter` is a PEFT config, None for full fine-tuning."""
    trainer(
        watch,
        model=AutoModelForCausalLM.from_pretrained(base),
        adapt=lambda model: get_peft_model(model, adapter) if adapter else model,
        output_dir=out,
        save_strategy="steps",
        save_steps=2,
        learning_rate=5e-2,
    ).train()


def watched(**options: Any) -> AnchorWatch:
    return AnchorWatch(SET, every=2, budget=None, name="live", verbose=False, **options)


def readings(run: str) -> list[Reading]:
    with Store() as store:
        return store.readings(store.run(run).info.id)


def answers(of: Iterable[Reading]) -> dict[int, list[tuple[str, tuple[int, ...], str]]]:
    """By step, what was answered: text, tokens and how it ended."""
    return {each.step: [(one.text, one.tokens, one.finish) for one in each.check.outputs] for each in of}
