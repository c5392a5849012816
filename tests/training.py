"""Real trainings on tiny models, small enough to run many of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DataCollatorForSeq2Seq, Trainer, TrainingArguments, set_seed

from anchorwatch import AnchorWatch
from anchorwatch.store import Store
from anchorwatch.testing import tiny_model, tiny_tokenizer

TEXTS = [f"order {i} is {'late' if i % 3 else 'here'} today" for i in range(48)]


def dataset(rows: int = 48) -> list[dict[str, list[int]]]:
    tokenizer = tiny_tokenizer()
    ids = [tokenizer(text)["input_ids"] for text in TEXTS[:rows]]
    return [{"input_ids": row, "labels": row} for row in ids]


@dataclass(frozen=True)
class Trace:
    """What a training leaves: every number it logged, the digest of its weights, where its generators stand."""

    losses: list[tuple[int, str, float]]
    weights: str
    random: str


def trainer(
    watch: AnchorWatch | None = None,
    *,
    model: Any = None,
    adapt: Callable[[Any], Any] = lambda model: model,
    callbacks: Iterable[Any] = (),
    data: Any = None,
    **arguments: Any,
) -> Trainer:
    """A Trainer on a tiny model; `arguments` go to TrainingArguments."""
    set_seed(7)
    settings: dict[str, Any] = {
        "output_dir": "out",
        "max_steps": 6,
        "per_device_train_batch_size": 4,
        "learning_rate": 1e-2,
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": [],
        "use_cpu": True,
        "disable_tqdm": True,
        "seed": 7,
        **arguments,
    }
    tokenizer = tiny_tokenizer()
    return Trainer(
        model=adapt(model if model is not None else tiny_model()),
        args=TrainingArguments(**settings),
        train_dataset=dataset() if data is None else data,
        eval_dataset=dataset(8) if settings.get("eval_strategy", "no") != "no" else None,
        processing_class=tokenizer,
        data_collator=DataCollatorForSeq2Seq(tokenizer),
        callbacks=[*callbacks, *([watch] if watch else [])],
    )


def trace(trained: Trainer) -> Trace:
    # What the check may add to an evaluation's metrics is its purpose; times differ by nature.
    timed = ("runtime", "per_second", "eval_anchors/")
    losses = [
        (int(row["step"]), name, float(value))
        for row in trained.state.log_history
        for name, value in row.items()
        if name != "step" and not any(word in name for word in timed)
    ]
    return Trace(losses, digest(trained.model.state_dict()), digest({"cpu": torch.get_rng_state()}))


def digest(state: Mapping[str, torch.Tensor]) -> str:
    """sha256 over names and bytes of all tensors."""
    sha = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        sha.update(name.encode())
        sha.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return sha.hexdigest()


def steps_of(run: str = "latest") -> list[int]:
    with Store() as store:
        return store.steps(store.run(run).info.id)
