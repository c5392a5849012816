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
    # FSDP2 gives each module a class of its own that inherits from FSDPModule.
    classes = {kind.__name__ for module in model.modules() for kind in type(module).__mro__}
    if classes & {"FullyShardedDataParallel", "FSDPModule"}:
        # Generating inside a callback has corrupted FSDP checkpoints (transformers#34530).
        raise ConfigurationError("a model sharded by FSDP cannot be watched yet: use DDP")
    if hasattr(model, "get_base_model") and not _adapter_outside_layers(model):
        model = model.get_base_model()
    if not getattr(model, "can_generate", lambda: True)():
        raise ConfigurationError(
            f"a {type(model).__name__} cannot generate text: anchorwatch watches generative models"
        )
    if getattr(model.config, "is_encoder_decoder", False):
        raise ConfigurationError(f"a {type(model).__name__} is an encoder-decoder model, which cannot be watched yet")
    return model


def _adapter_outside_layers(model: Any) -> bool:
    """Whether an adapter does its work in PEFT's own forward, which is lost with the outer model.

    Prompt tuning and the like put virtual tokens before the input there; activated LoRA finds where it sets in.
    """
    configs = getattr(model, "peft_config", None)
    return isinstance(configs, dict) and any(
        getattr(config, "is_prompt_learning", False) or getattr(config, "alora_invocation_tokens", None)
        for config in configs.values()
    )


def one_row_at_a_time(model: Any) -> bool:
    """Whether padding changes what a model from `base_of` answers, so that its batches must have one row.

    So it is with PEFT's own forward, which drops position_ids, and with recurrent models, some of which read the
    padding into their state (RecurrentGemma, RWKV).
    """
    if _adapter_outside_layers(model):
        return True
    # transformers marks with `_is_stateful` nearly all models whose cache is a running state.
    if any(getattr(module, "_is_stateful", False) for module in model.modules()):
        return True
    config = model.config.get_text_config() if hasattr(model.config, "get_text_config") else model.config
    return "linear_attention" in (getattr(config, "layer_types", None) or ())


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
