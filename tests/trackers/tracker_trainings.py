"""A training of four steps, in no time."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM, Trainer, TrainerCallback, TrainingArguments


def make_trainer(folder: Path, report_to: str, callbacks: list[TrainerCallback]) -> Trainer:
    """A tiny model, four steps, a log after every second one."""
    sizes = {"vocab_size": 64, "hidden_size": 16, "intermediate_size": 16}
    model = LlamaForCausalLM(LlamaConfig(**sizes, num_hidden_layers=1, num_attention_heads=2))
    row = {"input_ids": torch.arange(8), "labels": torch.arange(8)}
    arguments = TrainingArguments(
        str(folder),
        max_steps=4,
        logging_steps=2,
        report_to=report_to,
        use_cpu=True,
        save_strategy="no",
        disable_tqdm=True,
    )
    return Trainer(model, arguments, train_dataset=[row] * 32, callbacks=callbacks)
