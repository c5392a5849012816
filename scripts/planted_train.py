"""The trainings of planted.py: the models to start from, and the watched runs."""

from __future__ import annotations

import os
import tempfile
import threading
import time
import warnings
from pathlib import Path
from typing import Any

from planted_data import ANCHORS, rows
from planted_scenarios import BATCH, CHECK_EVERY, Training

HELD_OUT = 8
"""Eval rows of a watched run."""
EVAL_EVERY = 4
"""Steps."""


def end_with(parent: int) -> None:
    """Have this process end within a second of `parent`, the process that started it, however that ended."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def make_start(training: Training, target: Path) -> None:
    """A model to start from, as a checkpoint at `target`; one that is killed leaves nothing there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        trainer = _trainer(training, seed=0, models=target.parent, output=scratch)
        trainer.train()
        made = Path(scratch) / target.name
        trainer.model.merge_and_unload().save_pretrained(made)
        trainer.processing_class.save_pretrained(made)
        made.rename(target)


def run(training: Training, seed: int, name: str, models: Path, store: str) -> None:
    """One watched run, recorded under `name`; `models` holds those to start from, `store` is a URL."""
    from anchorwatch import AnchorWatch

    with tempfile.TemporaryDirectory() as scratch:
        watch = AnchorWatch(ANCHORS, every=CHECK_EVERY, budget=None, store=store, name=name, report=None, verbose=False)
        _trainer(training, seed, models, scratch, callbacks=[watch]).train()


def _trainer(training: Training, seed: int, models: Path, output: str, callbacks: Any = None) -> Any:
    import datasets
    import torch
    import transformers
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback
    from trl import SFTConfig, SFTTrainer

    from anchorwatch.embedded import embedded_model

    warnings.simplefilter("ignore")
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    datasets.disable_progress_bars()
    torch.manual_seed(seed)
    path = embedded_model() if training.start == "raw" else str(models / training.start)
    held_out = rows(training.held_out or training.mixture, HELD_OUT, seed + 1) if callbacks else None
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(path, dtype="float32"),
        processing_class=AutoTokenizer.from_pretrained(path),
        train_dataset=datasets.Dataset.from_list(rows(training.mixture, training.rows, seed)),
        eval_dataset=datasets.Dataset.from_list(held_out) if held_out else None,
        args=SFTConfig(
            output_dir=output,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            max_steps=training.steps,
            per_device_train_batch_size=BATCH,
            per_device_eval_batch_size=HELD_OUT,
            learning_rate=training.learning_rate,
            lr_scheduler_type="constant_with_warmup",
            warmup_steps=4,
            logging_steps=1,
            eval_strategy="steps" if held_out else "no",
            eval_steps=EVAL_EVERY,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            log_level="error",
            seed=seed,
        ),
        peft_config=LoraConfig(r=8, lora_alpha=16, lora_dropout=0.05, target_modules="all-linear"),
        callbacks=callbacks,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer
