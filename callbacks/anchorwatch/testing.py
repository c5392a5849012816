"""Tiny models and a tokenizer made from nothing, for tests of code that watches a fine-tune. No hub, no files."""

from __future__ import annotations

from typing import Any, Literal

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    BartConfig,
    Gemma2Config,
    GPT2Config,
    LlamaConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
    T5Config,
)

Architecture = Literal["llama", "qwen2", "gpt2", "gemma2", "t5", "bart"]

CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_SPECIAL = ("<|pad|>", "<|im_start|>", "<|im_end|>")


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level tokenizer of 259 tokens: every text round-trips. ChatML template; `<|im_end|>` ends a turn."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate((*_SPECIAL, *alphabet))}
    backend = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="<|pad|>",
        eos_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>"],
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def tiny_model(architecture: Architecture = "llama", *, seed: int = 0, context: int = 2048) -> Any:
    """A random language model of about 0.1 million parameters for `tiny_tokenizer`, the same for the same seed.

    "t5" and "bart" are encoder-decoder models; T5, whose positions are relative, has no use for `context`. torch's
    global generator is left as it was.
    """
    size = {"vocab_size": len(tiny_tokenizer()), "pad_token_id": 0, "eos_token_id": 2, "bos_token_id": None}
    blocks = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": context,
        **size,
    }
    written = {"decoder_start_token_id": 0, **size}
    two_stacks = {
        f"{stack}_{name}": value
        for stack in ("encoder", "decoder")
        for name, value in {"layers": 2, "attention_heads": 4, "ffn_dim": 64}.items()
    }
    config = {
        "llama": lambda: LlamaConfig(**blocks),
        "qwen2": lambda: Qwen2Config(**blocks),
        "gpt2": lambda: GPT2Config(n_embd=32, n_layer=2, n_head=4, n_positions=context, **size),
        "gemma2": lambda: Gemma2Config(head_dim=8, sliding_window=64, **blocks),
        "t5": lambda: T5Config(d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, **written),
        "bart": lambda: BartConfig(d_model=32, max_position_embeddings=context, **two_stacks, **written),
    }[architecture]()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
        return kind.from_config(config)
