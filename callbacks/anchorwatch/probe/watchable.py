"""Which models can be watched, and what is needed to know of them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import torch

from anchorwatch.errors import ConfigurationError

_ATTENTION = {"full_attention", "attention"}
"""Layer types that attend to the whole text; the second is the older name of the first."""
_WINDOWS = {"sliding_attention": "sliding_window", "chunked_attention": "attention_chunk_size"}
"""Layer types that attend to a part of the text, and the attribute of the config with its size."""


def base_of(model: Any) -> Any:
    """The model that generates: unwrapped from DDP and torch.compile, and out of an adapter that lives in its layers.

    Raises:
        ConfigurationError: the model is sharded (FSDP, DeepSpeed ZeRO-3), cannot generate, or reads no text.
    """
    # A compiled model hands on every attribute of the model in it, `generate` included.
    while "_orig_mod" in model._modules or not hasattr(model, "generate"):
        inner = model._modules.get("_orig_mod") or getattr(model, "module", None)
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
    if is_encoder_decoder(model):
        if model.main_input_name != "input_ids":
            raise ConfigurationError(
                f"a {type(model).__name__} reads {model.main_input_name}: anchorwatch watches models that read text"
            )
        start_token(model)
    return model


def is_encoder_decoder(model: Any) -> bool:
    """Whether the prompt goes into an encoder, and the answer is all that a decoder writes (T5, BART)."""
    return bool(getattr(model.config, "is_encoder_decoder", False))


def start_token(model: Any) -> int:
    """The token that the answers of an encoder-decoder model are written after; no answer contains it.

    Raises:
        ConfigurationError: neither config names one.
    """
    # The model's config first: training puts that one before the labels.
    candidates = (
        getattr(model.config, "decoder_start_token_id", None),
        model.generation_config.decoder_start_token_id,
        getattr(_text_config(model), "bos_token_id", None),
    )
    for token in candidates:
        if token is not None:
            return int(token)
    raise ConfigurationError(
        f"the config of this {type(model).__name__} does not say how answers begin: set decoder_start_token_id"
    )


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

    So it is with PEFT's own forward, which drops position_ids, with decoders that take none and may count the padding
    (those of BART and its like), and with recurrent models, some of which read the padding into their state
    (RecurrentGemma, RWKV).
    """
    if _adapter_outside_layers(model) or _is_recurrent(model):
        return True
    return not is_encoder_decoder(model) and "position_ids" not in inspect.signature(model.forward).parameters


def plain_because(model: Any, longest: int) -> str:
    """Why the outputs of a model from `base_of` are generated anew at every check; "" if a KV cache can verify them.

    One short reason. A model can be verified if every layer attends to the whole text, whatever is masked in it:
    `longest` is the number of positions of the longest row, those of padding and of rejected tokens included, and a
    window that is longer leaves nothing out.
    """
    if is_encoder_decoder(model):
        return "encoder-decoder model"
    if _adapter_outside_layers(model):
        return "adapter outside the layers"
    if _is_recurrent(model):
        return "recurrent layers"
    config = _text_config(model)
    if others := _layer_types(config) - _ATTENTION - _WINDOWS.keys():
        return f"{', '.join(sorted(others))} layers"
    if getattr(config, "is_heterogeneous", False):
        return "layers with configs of their own"
    if getattr(config, "alibi", False):
        return "positions counted in the attention mask (ALiBi)"
    if (window := min(_windows(config), default=None)) is not None and window <= longest:
        return f"attention over a window of {window} positions"
    if (reach := min(_rotary_reaches(config), default=None)) is not None and reach < longest:
        return f"rotary embeddings that change after {reach} positions"
    needed = ("attention_mask", "position_ids", "past_key_values", "logits_to_keep")
    missing = [name for name in needed if name not in inspect.signature(model.forward).parameters]
    return f"a forward without {', '.join(missing)}" if missing else ""


def attention_window(model: Any) -> int | None:
    """How many positions a row may have, holes included, for nothing to be left out; None for as many as there are."""
    config = _text_config(model)
    return min((*_windows(config), *_rotary_reaches(config)), default=None)


def _is_recurrent(model: Any) -> bool:
    # transformers marks with `_is_stateful` nearly all models whose cache is a running state.
    if any(getattr(module, "_is_stateful", False) for module in model.modules()):
        return True
    return bool(_layer_types(_text_config(model)) & {"linear_attention", "recurrent"})


def _text_config(model: Any) -> Any:
    return model.config.get_text_config() if hasattr(model.config, "get_text_config") else model.config


def _layer_types(config: Any) -> set[str]:
    """The kinds of layers that a config names; empty where it does not tell them apart."""
    # The second is the older name, which RecurrentGemma had to itself.
    return set(getattr(config, "layer_types", None) or getattr(config, "layers_block_type", None) or ())


def _windows(config: Any) -> Iterator[int]:
    """The sizes of the windows that layers attend to; 0 where there is one of a size that the config does not tell."""
    kinds = _layer_types(config)
    for kind, attribute in _WINDOWS.items():
        size = getattr(config, attribute, None)
        # Without kinds of layers, a size that is set holds for all of them (Mistral, Phi-3).
        if kind in kinds or (not kinds and size is not None and getattr(config, "use_sliding_window", True)):
            yield int(size or 0)
    if "local" in (getattr(config, "attention_layers", None) or ()):  # GPT-Neo's own name for it
        yield int(config.window_size)


def _rotary_reaches(config: Any) -> Iterator[int]:
    """Up to how many positions rotary embeddings stay the same, where a longer text changes those before (LongRoPE)."""
    parameters = getattr(config, "rope_parameters", None) or {}
    by_layer_type = [value for value in parameters.values() if isinstance(value, dict)]
    for rope in by_layer_type or [parameters]:
        if rope.get("rope_type") in ("dynamic", "longrope"):
            yield int(rope.get("original_max_position_embeddings") or config.max_position_embeddings)


def context_length(model: Any) -> int | None:
    """How many positions the model has, None if its config does not say or positions are relative (T5).

    An encoder-decoder model has as many for the prompt, and again for the answer.
    """
    config = _text_config(model)
    if hasattr(config, "relative_attention_num_buckets"):
        return None
    length = getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None)
    return int(length) if length else None


def autocast_dtype(arguments: Any) -> torch.dtype | None:
    """The dtype of the trainer's mixed precision (`bf16=True`, `fp16=True`), None for none."""
    if getattr(arguments, "bf16", False):
        return torch.bfloat16
    return torch.float16 if getattr(arguments, "fp16", False) else None
