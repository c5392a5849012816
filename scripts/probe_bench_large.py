"""Part D of bench_probe.py: Llama-shaped models of the sizes people tune, with random weights and a LoRA adapter."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from probe_bench_contest import CHECK, GENERATE, SCORE, TRL, VERIFY, Contest, Result
from probe_bench_tables import COLUMNS, TEXTS, WHOLE, Table, add, compared
from probe_bench_tiny import anchor_set

from anchorwatch.testing import tiny_tokenizer

SIZES: dict[str, dict[str, int]] = {
    "test": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
             "num_key_value_heads": 2, "vocab_size": 1024},
    "1B": {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32,
           "num_key_value_heads": 8, "vocab_size": 128256},
    "8B": {"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32,
           "num_key_value_heads": 8, "vocab_size": 128256},
}  # fmt: skip
"""Those of Llama 3.2 1B and Llama 3.1 8B, and one to try the script with."""
NOISES = {"unchanged": 0.0, "barely": 3e-5, "slow": 1e-4, "typical": 3e-4, "violent": 1.0}
"""Standard deviation of a step that the adapter's B matrices, zero at first, take at random."""
BATCH_SIZES = (8, 16, 32)
TRAINING = (8, 512)
"""Rows and tokens of a training step."""


def bench_large(
    sizes: Sequence[str], names: Sequence[str], checks: int, device: str, dtype: torch.dtype
) -> Iterator[Table]:
    """A table for each size."""
    for size in sizes:
        model = large(SIZES[size], device, dtype)
        step = training_step(model, SIZES[size]["vocab_size"])
        rows = []
        for batch_size in BATCH_SIZES:
            for name in names:
                totals, because = walk(model, NOISES[name], checks, batch_size)
                head = [str(batch_size), name]
                for row in (*compared(totals, TEXTS, head), *compared(totals, WHOLE, head)):
                    result = totals[row[len(head)]]
                    rows.append([*row, f"{result.wall / result.checks / step:.2f}", because or "verified"])
        parameters = sum(parameter.numel() for parameter in model.parameters()) / 1e9
        batch, tokens = TRAINING
        title = (
            f"Llama-shaped, {parameters:.2f} billion weights, {dtype}; "
            f"a training step of {batch} × {tokens} tokens takes {step:.3f} s"
        )
        yield title, ["batch size", "regime", *COLUMNS, "training steps' time", ""], rows
        del model


def large(shape: dict[str, int], device: str, dtype: torch.dtype) -> Any:
    """A model made where it will be, with an adapter on all linear layers."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, LlamaConfig

    torch.manual_seed(0)
    config = LlamaConfig(**shape, pad_token_id=0, bos_token_id=None, eos_token_id=2, tie_word_embeddings=False)
    with torch.device(device):
        model = AutoModelForCausalLM.from_config(config, dtype=dtype)
        model = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear"))
    return model.train()


def training_step(model: Any, vocabulary: int) -> float:
    """Median seconds of a step."""
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=0.0)
    ids = torch.randint(3, vocabulary, TRAINING, device=model.device)
    seconds = []
    for _ in range(4):
        started = time.perf_counter()
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if model.device.type == "cuda":
            torch.cuda.synchronize(model.device)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[1:])


def walk(model: Any, noise: float, checks: int, batch_size: int) -> tuple[dict[str, Result], str]:
    """The sums of the checks while the adapter takes random steps, from nothing; why nothing was verified."""
    generator = torch.Generator(model.device).manual_seed(1)
    moved = [parameter for name, parameter in model.named_parameters() if "lora_B" in name]
    with torch.no_grad():
        for parameter in moved:
            parameter.zero_()
    contest = Contest(model, tiny_tokenizer(), anchor_set(), batch_size=batch_size)
    totals: dict[str, Result] = {}
    for _ in range(checks):
        with torch.no_grad():
            for parameter in moved:
                parameter += noise * torch.randn(parameter.shape, generator=generator, device=model.device).to(
                    parameter.dtype
                )
        # TRL's batches have 8 rows whatever ours have.
        contenders = (GENERATE, TRL, VERIFY, SCORE, CHECK)
        add(totals, contest.check([name for name in contenders if name != TRL or batch_size == BATCH_SIZES[0]]))
    return totals, contest.because
