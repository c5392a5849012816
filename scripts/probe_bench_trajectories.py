"""Part A of bench_probe.py: a shipped anchor set along real LoRA trainings of the embedded model."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from probe_bench_contest import CHECK, GENERATE, SCORE, TRL, VERIFY, Contest, Result
from probe_bench_tables import COLUMNS, TEXTS, WHOLE, Table, add, compared

from anchorwatch.anchors import load
from anchorwatch.embedded import embedded_model
from anchorwatch.records import Check

DATA = Path(__file__).resolve().parent.parent / "recipes" / "data" / "shop_always_yes.jsonl"
ROWS = 4
"""Chats in a training step."""
EVERY = 3
"""At every so many checks, the first included, all contenders are asked, at the others only the two that the row
counts are about: what TRL and scoring cost does not depend on what the training changed."""


@dataclass(frozen=True)
class Regime:
    """A training, named by what it does to the anchors' answers."""

    learning_rate: float
    steps: int
    """From one check to the next."""


REGIMES = {
    "unchanged": Regime(1e-7, 2),
    "barely": Regime(1e-5, 2),
    "slow": Regime(5e-5, 2),
    "typical": Regime(3e-4, 2),
    "violent": Regime(1e-2, 2),
}
"""Learning rates chosen by the z that they give."""


def bench_trajectories(names: Sequence[str], checks: int, device: str, dtype: torch.dtype) -> Iterator[Table]:
    """A table of texts and one of whole checks."""
    baseline: Check | None = None
    texts: list[list[str]] = []
    whole: list[list[str]] = []
    for name in names:
        totals, baseline = trajectory(REGIMES[name], checks, device, dtype, baseline)
        regime = f"{name} ({REGIMES[name].learning_rate:g} × {REGIMES[name].steps})"
        texts += compared(totals, TEXTS, [regime])
        whole += compared(totals, WHOLE, [regime])
    columns = ["regime (learning rate × steps)", *COLUMNS]
    yield "SmolLM2-135M, LoRA: texts only", columns, texts
    yield "SmolLM2-135M, LoRA: whole check", columns, whole


def trajectory(
    regime: Regime, checks: int, device: str, dtype: torch.dtype, baseline: Check | None
) -> tuple[dict[str, Result], Check]:
    """The sums of one training's checks, and the check of the untouched model, which is the same for all trainings."""
    model, tokenizer = lora(device, dtype)
    contest = Contest(model, tokenizer, load("support-en"), baseline=baseline)
    training = train(model, tokenizer, regime)
    totals: dict[str, Result] = {}
    for number in range(checks):
        next(training)
        everyone = number % EVERY == 0
        results = contest.check((GENERATE, TRL, VERIFY, SCORE, CHECK) if everyone else (GENERATE, VERIFY))
        add(totals, results)
        progress(f"{regime}, check {number + 1} of {checks}", results)
    return totals, contest.baseline


def progress(what: str, results: dict[str, Result]) -> None:
    took = ", ".join(f"{name} {result.calls} calls {result.cpu:.1f} s" for name, result in results.items())
    print(f"{what}: z {results[VERIFY].z:.3f}; {took}", file=sys.stderr, flush=True)


def lora(device: str, dtype: torch.dtype) -> tuple[Any, Any]:
    """The embedded model with the adapter of recipes/sft_lora.py, and its tokenizer."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.manual_seed(0)
    path = embedded_model()
    model = AutoModelForCausalLM.from_pretrained(path, dtype=dtype).to(device)
    adapter = LoraConfig(r=8, lora_alpha=16, lora_dropout=0.05, target_modules="all-linear")
    return get_peft_model(model, adapter).train(), AutoTokenizer.from_pretrained(path)


def train(model: Any, tokenizer: Any, regime: Regime) -> Iterator[float]:
    """Trains on the recipe's chats for as long as it is asked: the loss after each of the regime's distances."""
    chats = [json.loads(line)["messages"] for line in DATA.read_text(encoding="utf-8").splitlines()]
    texts = [tokenizer.apply_chat_template(chat, tokenize=False) for chat in chats]
    order = random.Random(0)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=regime.learning_rate)
    while True:
        for _ in range(regime.steps):
            batch = tokenizer(order.sample(texts, ROWS), return_tensors="pt", padding=True).to(model.device)
            labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
            loss = model(**batch, labels=labels).loss
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        yield float(loss.detach())
