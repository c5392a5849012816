"""Which models can be watched, and what is needed to know of them."""

from __future__ import annotations

from typing import Any

import torch

from anchorwatch.errors import ConfigurationError


def base_of(model: Any) -> Any:
    """The model that generates: unwrapped from DDP and torch.compile, and out of an adapter that lives in its layers.

    Raises:
        ConfigurationError: the model is sharded (FSDP, DeepSpeed ZeRO-3) or cannot generate.
    """
    while not hasattr(model, "generate"):
        inner = getattr(model, "module", None) or getattr(model, "_orig_mod", None)
        if inner is None:
            raise ConfigurationError(
                f"a {type(model).__name__} cannot generate text: anchorwatch watches generative models"
            )
        model = inner
    if any(hasattr(parameter, "ds_id") for parameter in model.parameters()):
        raise ConfigurationError("a model sharded by DeepSpeed ZeRO-3 cannot be watched yet: use ZeRO-2 or DDP")
    if any(type(module).__name__ in {"FullyShardedDataParallel", "FSDPModule"} for module in model.modules()):
        # Generating inside a callback has corrupted FSDP checkpoints (transformers#34530).
        raise ConfigurationError("a model sharded by FSDP cannot be watched yet: use DDP")
    peft_config = getattr(model, "peft_config", None)
    if isinstance(peft_config, dict) and hasattr(model, "get_base_model"):
        # Prompt tuning and the like put virtual tokens before the input in the outer model's forward only.
        learned_prompt = any(getattr(config, "is_prompt_learning", False) for config in peft_config.values())
        model = model if learned_prompt else model.get_base_model()
    if not getattr(model, "can_generate", lambda: True)():
        raise ConfigurationError(
            f"a {type(model).__name__} cannot generate text: anchorwatch watches generative models"
        )
    if getattr(model.config, "is_encoder_decoder", False):
        raise ConfigurationError(f"a {type(model).__name__} is an encoder-decoder model, which cannot be watched yet")
    return model


def context_length(model: Any) -> int | None:
    """How many positions the model has, None if its config does not say."""
    config = model.config.get_text_config() if hasattr(model.config, "get_text_config") else model.config
    length = getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None)
    return int(length) if length else None


def autocast_dtype(arguments: Any) -> torch.dtype | None:
    """The dtype of the trainer's mixed precision (`bf16=True`, `fp16=True`), None for none."""
    if getattr(arguments, "bf16", False):
        return torch.bfloat16
    return torch.float16 if getattr(arguments, "fp16", False) else None
