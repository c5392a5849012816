"""Promise 1: with and without the callback, every loss and the final weights are bitwise equal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from peft import LoraConfig, get_peft_model

from anchorwatch import AnchorWatch
from anchorwatch.anchors import AnchorSet, load
from anchorwatch.testing import tiny_tokenizer
from training import Trace, trace, trainer

SAMPLED = [
    {
        "id": "s",
        "kind": "risk",
        "prompt": "refund?",
        "samples": 2,
        "max_new_tokens": 6,
        "chosen": "No.",
        "rejected": "Yes.",
    },
    {"id": "t", "kind": "core", "prompt": "hello", "max_new_tokens": 9, "reference": "Hi."},
]


def _lora(**settings: Any) -> Callable[[Any], Any]:
    config = LoraConfig(r=4, lora_dropout=0.1, target_modules="all-linear", task_type="CAUSAL_LM", **settings)
    return lambda model: get_peft_model(model, config)


def _lora_with_a_frozen_tensor(model: Any) -> Any:
    model = _lora()(model)
    frozen = next(parameter for name, parameter in model.named_parameters() if "lora_A" in name)
    frozen.requires_grad_(False)
    return model


def _raises(anchor, output, baseline) -> float:
    raise ZeroDivisionError("a metric of the user's own")


def _compiled_in_place(model: Any) -> Any:
    model.compile(backend="eager")
    return model


CASES: dict[str, dict[str, Any]] = {
    "lora with dropout": {"adapt": _lora()},
    "full": {},
    "gradient checkpointing": {"gradient_checkpointing": True},
    "gradient checkpointing, lora": {"adapt": _lora(), "gradient_checkpointing": True},
    "neftune": {"neftune_noise_alpha": 5.0},
    "a frozen adapter tensor": {"adapt": _lora_with_a_frozen_tensor},
    "pissa": {"adapt": _lora(init_lora_weights="pissa")},
    "evaluation and checkpoints": {
        "eval_strategy": "steps",
        "eval_steps": 2,
        "save_strategy": "steps",
        "save_steps": 3,
    },
    "accumulation and epochs": {"gradient_accumulation_steps": 2, "max_steps": -1, "num_train_epochs": 1},
    "bf16": {"bf16": True},
    "compiled in place": {"adapt": _compiled_in_place},
    "compiled by the trainer": {"torch_compile": True, "torch_compile_backend": "eager"},
    "schedule-free": {"optim": "schedule_free_adamw", "lr_scheduler_type": "constant"},
}


def _train(watch: AnchorWatch | None, case: dict[str, Any]) -> Trace:
    trained = trainer(watch, **case)
    trained.train()
    return trace(trained)


@pytest.mark.parametrize("name", CASES)
def test_losses_and_weights_are_bitwise_equal(name: str) -> None:
    if name == "schedule-free" and sys.version_info < (3, 11):
        pytest.skip("on Python 3.10, transformers before 5.17 cannot tell the version of schedulefree")
    without = _train(None, CASES[name])
    watched = _train(AnchorWatch(load(SAMPLED), every=1, verbose=False), CASES[name])
    assert watched == without
    assert without.losses


def test_also_with_drift_checks() -> None:
    without = _train(None, CASES["lora with dropout"])
    watch = AnchorWatch(load(SAMPLED), every=3, drift_every=1, verbose=False)
    assert _train(watch, CASES["lora with dropout"]) == without


def test_also_when_a_metric_raises() -> None:
    without = _train(None, CASES["lora with dropout"])
    watch = AnchorWatch(load(SAMPLED), every=1, metrics=[_raises], verbose=False)
    assert _train(watch, CASES["lora with dropout"]) == without


def test_also_when_a_check_raises_half_way(caplog: pytest.LogCaptureFixture) -> None:
    raised = []

    def breaks_after_the_baseline(model: Any) -> Any:
        passes: list[int] = []

        def forward(module: Any, arguments: Any) -> None:
            if module.training:
                passes[:] = [0]
            elif passes:
                passes[0] += 1
                if passes[0] > 1:
                    raised.append(1)
                    raise RuntimeError("half-way through")

        model.register_forward_pre_hook(forward)
        return _lora()(model)

    without = _train(None, CASES["lora with dropout"])
    watch = AnchorWatch(load(SAMPLED), every=1, verbose=False)
    assert _train(watch, {"adapt": breaks_after_the_baseline}) == without
    assert len(raised) > 2
    assert caplog.text.count("the check at step") == 1, "one warning, not one a check"


def test_dpo(anchor_set: AnchorSet) -> None:
    from datasets import Dataset
    from transformers import set_seed
    from trl import DPOConfig, DPOTrainer

    from anchorwatch.testing import tiny_model

    rows = [{"prompt": f"order {i}?", "chosen": f"it is late {i}", "rejected": f"no {i}"} for i in range(24)]

    def train(watch: AnchorWatch | None) -> Trace:
        set_seed(7)
        trained = DPOTrainer(
            model=tiny_model(),
            processing_class=tiny_tokenizer(),
            train_dataset=Dataset.from_list(rows),
            args=DPOConfig(
                "out", max_steps=4, per_device_train_batch_size=2, logging_steps=1, learning_rate=1e-2, seed=7,
                save_strategy="no", report_to=[], use_cpu=True, disable_tqdm=True, bf16=False,
            ),
            peft_config=LoraConfig(r=4, lora_dropout=0.1, target_modules="all-linear"),
            callbacks=[watch] if watch else [],
        )  # fmt: skip
        trained.train()
        return trace(trained)

    assert train(AnchorWatch(anchor_set, every=1, verbose=False)) == train(None)
