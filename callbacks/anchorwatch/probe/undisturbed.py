"""Look at a model in training and leave no trace."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from anchorwatch.probe.kept import keep_modules

_PLAIN = (bool, int, float, str, type(None))


@contextmanager
def undisturbed(model: nn.Module, tokenizer: Any = None, optimizer: Any = None) -> Iterator[None]:
    """Inside: every module in eval mode, gradients off. Afterwards, also after an error: everything as it was.

    Put back are each module's own mode, attributes and buffers with their contents (NEFTune, dynamic rotary embeddings,
    running statistics; large integer buffers are taken for packed weights, whose contents are not copied),
    `requires_grad` of every parameter, the model's configs and generation configs, the states of python's, numpy's and
    torch's random generators (CPU, every CUDA device, MPS), and the tokenizer's padding, truncation and special tokens.
    An optimizer that keeps two sets of weights (schedule-free) is switched to its evaluation weights and back, bit for
    bit.

    Gradient checkpointing is not toggled: it is inactive in eval mode, and enabling it again would lose its arguments.
    """
    with ExitStack() as restore:
        restore.callback(_free_cache)
        _keep_random_states(restore)
        keep_modules(restore, model)
        _keep_gradients(restore, model)
        _keep_configs(restore, model)
        if tokenizer is not None:
            _keep_tokenizer(restore, tokenizer)
        _use_evaluation_weights(restore, model, optimizer)
        for module in model.modules():
            # Not model.eval(): a module that overrides it may merge weights or drop state.
            module.training = False
            if "support_avx512bf16_for_cpu" in vars(module):
                # In eval mode a 4-bit layer of bitsandbytes would repack its weights for inference: for good, and
                # into a form without gradients.
                vars(module)["support_avx512bf16_for_cpu"] = False
        # A model that is compiled in place would be compiled again for every shape of ours, until torch gives up.
        with torch.no_grad(), torch.compiler.set_stance("force_eager"):
            yield


def _keep_random_states(restore: ExitStack) -> None:
    restore.callback(random.setstate, random.getstate())
    restore.callback(np.random.set_state, np.random.get_state())
    restore.callback(torch.set_rng_state, torch.get_rng_state())
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        restore.callback(torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all())
    if torch.backends.mps.is_available():
        restore.callback(torch.mps.set_rng_state, torch.mps.get_rng_state())


@contextmanager
def random_states_kept() -> Iterator[None]:
    """Whatever draws random numbers inside, the global generators stand afterwards where they stood before."""
    with ExitStack() as restore:
        _keep_random_states(restore)
        yield


def _keep_gradients(restore: ExitStack, model: nn.Module) -> None:
    gradients = [(parameter, parameter.requires_grad) for parameter in model.parameters()]

    def put_back() -> None:
        for parameter, requires_grad in gradients:
            if parameter.requires_grad != requires_grad:
                parameter.requires_grad_(requires_grad)

    restore.callback(put_back)


def _keep_configs(restore: ExitStack, model: nn.Module) -> None:
    seen: set[int] = set()
    for module in model.modules():
        for name in ("config", "generation_config"):
            if (config := vars(module).get(name)) is not None:
                _keep_attributes(restore, config, seen)


def _keep_attributes(restore: ExitStack, config: object, seen: set[int]) -> None:
    if id(config) in seen or not hasattr(config, "__dict__"):
        return
    seen.add(id(config))
    attributes = dict(vars(config))

    def put_back() -> None:
        vars(config).clear()
        vars(config).update(attributes)

    restore.callback(put_back)
    for value in attributes.values():
        if hasattr(value, "to_dict"):  # a nested config, such as the text part of a multimodal model
            _keep_attributes(restore, value, seen)


def _keep_tokenizer(restore: ExitStack, tokenizer: Any) -> None:
    attributes = {
        name: dict(value) if isinstance(value, dict) else value
        for name, value in vars(tokenizer).items()
        if isinstance(value, _PLAIN) or name == "_special_tokens_map"
    }
    restore.callback(vars(tokenizer).update, attributes)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return
    padding, truncation = backend.padding, backend.truncation

    def put_back() -> None:
        backend.enable_padding(**padding) if padding else backend.no_padding()
        backend.enable_truncation(**truncation) if truncation else backend.no_truncation()

    restore.callback(put_back)


def _use_evaluation_weights(restore: ExitStack, model: nn.Module, optimizer: Any) -> None:
    inner = getattr(optimizer, "optimizer", optimizer)  # accelerate wraps the optimizer
    if not (callable(getattr(inner, "eval", None)) and callable(getattr(inner, "train", None))):
        return
    groups = getattr(inner, "param_groups", [])
    if not any(group.get("train_mode", True) for group in groups):
        return
    # Switching interpolates the weights in place, which rounds: copies make the way back exact.
    weights = [(parameter, parameter.detach().clone()) for parameter in model.parameters() if parameter.requires_grad]

    def put_back() -> None:
        inner.train()
        with torch.no_grad():
            for parameter, weight in weights:
                parameter.copy_(weight)

    inner.eval()
    restore.callback(put_back)


def _free_cache() -> None:
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
