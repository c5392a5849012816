"""Part B of bench_probe.py: tiny models of several architectures whose weights take a random walk."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from probe_bench_contest import CHECK, GENERATE, PLAIN, TRL, VERIFY, Contest, Result
from probe_bench_tables import Table, add, share, times

from anchorwatch.anchors import AnchorSet
from anchorwatch.testing import tiny_model, tiny_tokenizer

NOISES = {"unchanged": 0.0, "barely": 0.0005, "slow": 0.002, "typical": 0.01, "violent": 0.3}
"""Standard deviation of a step of the walk, in those of the weights."""
SHARPER = 4.0
"""The untrained weights are multiplied by this, or every answer would be one token again and again."""
WIDE = 4096


def gemma2_wide() -> Any:
    """The tiny Gemma with windows that no text of the benchmark fills."""
    from transformers import AutoModelForCausalLM

    narrow = tiny_model("gemma2")
    config = copy.deepcopy(narrow.config)
    config.sliding_window = WIDE
    model = AutoModelForCausalLM.from_config(config)
    model.load_state_dict(narrow.state_dict())
    return model


MODELS: dict[str, Callable[[], Any]] = {
    "Llama": lambda: tiny_model("llama"),
    "Qwen2": lambda: tiny_model("qwen2"),
    "GPT-2": lambda: tiny_model("gpt2"),
    f"Gemma 2, window {WIDE}": gemma2_wide,
    "Gemma 2, window 64": lambda: tiny_model("gemma2"),
}


def anchor_set(anchors: int = 24, new_tokens: int = 64) -> AnchorSet:
    """Anchors of about 100 bytes, which are the tokens here; every third has a reference."""
    return AnchorSet.model_validate(
        {
            "name": "bench",
            "system": "You are a shop.",
            "defaults": {"max_new_tokens": new_tokens},
            "anchors": [
                {
                    "id": f"a{number}",
                    "kind": "core",
                    "prompt": f"Where is order {number * 7919 % 1000}?",
                    **({"reference": f"Order {number} is on its way."} if number % 3 == 0 else {}),
                }
                for number in range(anchors)
            ],
        }
    )


def bench_tiny(names: Sequence[str], checks: int, *, short: bool = False) -> Iterator[Table]:
    """One table; `short` asks fewer anchors for shorter answers."""
    anchors = anchor_set(8, 16) if short else anchor_set()
    rows = []
    for model, make in MODELS.items():
        for name in names:
            fp32, because = walk(make(), anchors, NOISES[name], checks, torch.float32)
            bf16, _ = walk(make(), anchors, NOISES[name], checks, torch.bfloat16)
            rows.append([model, f"{name} ({NOISES[name]:g})", *_cells(fp32), *_exact(bf16), because or "verified"])
    columns = [
        "model", "regime (noise)", "z", "calls: generate", "TRL", "anchorwatch", "÷", "positions: generate",
        "anchorwatch", "whole check, calls: plain", "anchorwatch", "÷", "fp32 rows equal", "bf16 z", "bf16 rows equal",
        "of the others at a tie", "ties of tokens", "",
    ]  # fmt: skip
    yield f"Tiny models, {checks} checks, per check", columns, rows


def walk(
    model: Any, anchors: AnchorSet, noise: float, checks: int, dtype: torch.dtype
) -> tuple[dict[str, Result], str]:
    """The sums of the checks along one walk, and why nothing was verified."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(SHARPER if parameter.dim() > 1 else 1.0)
    weights = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    scales = {name: float(weight.std()) for name, weight in weights.items()}
    model = model.to(dtype).eval()
    contest = Contest(model, tiny_tokenizer(), anchors)
    totals: dict[str, Result] = {}
    for _ in range(checks):
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                # In float32, whatever the model's own dtype: small steps would be rounded away.
                weights[name] += noise * scales[name] * torch.randn(weights[name].shape, generator=generator)
                parameter.copy_(weights[name])
        add(totals, contest.check())
    return totals, contest.because


def _cells(results: dict[str, Result]) -> list[str]:
    generate, trl, verify, plain, check = (results[name] for name in (GENERATE, TRL, VERIFY, PLAIN, CHECK))
    n = generate.checks
    return [
        f"{verify.z:.3f}",
        f"{generate.calls / n:.1f}",
        f"{trl.calls / n:.1f}",
        f"{verify.calls / n:.1f}",
        times(generate.calls, verify.calls),
        f"{generate.positions / n:.0f}",
        f"{verify.positions / n:.0f}",
        f"{plain.calls / n:.1f}",
        f"{check.calls / n:.1f}",
        times(plain.calls, check.calls),
        share(verify.equal + check.equal, verify.rows + check.rows),
    ]


def _exact(results: dict[str, Result]) -> list[str]:
    verify, check = results[VERIFY], results[CHECK]
    both = verify + check
    return [
        f"{verify.z:.3f}",
        share(both.equal, both.rows),
        share(both.tied, both.rows - both.equal),
        str(both.ties),
    ]
