"""Loads one model at a time: a base model once for all its adapters."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from anchorwatch.errors import ConfigurationError
from anchorwatch.replay.prepare import Prepared, first_line


class Models:
    """What is loaded; it is let go of before the next model is read.

    Raises:
        ConfigurationError: there is no such device.
    """

    def __init__(self, device: str | None) -> None:
        """`device` None: CUDA where there is one, else the CPU."""
        import torch

        chosen = device or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            torch.empty(1, device=chosen)
        except Exception as error:  # RuntimeError, AssertionError, NotImplementedError
            allowed = "cpu, cuda, cuda:1, mps, as far as this machine has them"
            raise ConfigurationError(f"no device {chosen!r} ({first_line(error)}); allowed: {allowed}") from error
        self._device = chosen
        self._full: Any = None
        self._of: tuple[str, str | None] | None = None
        self._grown = False

    @contextmanager
    def loaded(self, prepared: Prepared) -> Iterator[Any]:
        """The model, weights as they were saved; only inside.

        Raises:
            ConfigurationError: it cannot be loaded.
        """
        wanted = prepared.full, prepared.revision
        if self._of != wanted:
            self.free()
            with _said(f"the model {prepared.full} cannot be loaded"):
                self._full, self._of = _load(prepared, self._device), wanted
        self._grown |= _make_room(self._full, prepared.tokenizer)
        if prepared.checkpoint.adapter is None:
            yield self._full
            return
        with _said(f"the adapter {prepared.checkpoint.place} cannot be loaded on {prepared.full}"):
            adapted = _adapted(self._full, prepared.checkpoint.place, self._device)
        try:
            yield adapted
        finally:
            # An adapter that exchanged weights of the base model leaves it in no state for the next one; with rows for
            # new tokens, adapters bring their own.
            whole = None if self._grown or _exchanges(prepared.checkpoint.adapter) else _without(adapted)
            del adapted
            if whole is None:
                self.free()

    def free(self) -> None:
        """Let go of what is loaded."""
        import torch

        self._full, self._of, self._grown = None, None, False
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _load(prepared: Prepared, device: str) -> Any:
    """The full model, in the class that saved it."""
    import transformers

    named = getattr(transformers, (getattr(prepared.config, "architectures", None) or [""])[0] or "", None)
    is_model = isinstance(named, type) and issubclass(named, transformers.PreTrainedModel)
    kind: Any = named if is_model else transformers.AutoModelForCausalLM
    revision = {"revision": prepared.revision} if prepared.revision else {}
    return kind.from_pretrained(prepared.full, dtype="auto", device_map=device, **revision)


def _adapted(model: Any, place: str, device: str) -> Any:
    from peft import PeftModel

    return PeftModel.from_pretrained(model, place, torch_device=device)


def _make_room(model: Any, tokenizer: Any) -> bool:
    """Whether the model had to be given rows for tokens that were added to its tokenizer, the same ones every time."""
    import torch

    from anchorwatch.probe.undisturbed import random_states_kept

    embeddings = model.get_input_embeddings()
    if embeddings is None or len(tokenizer) <= embeddings.num_embeddings:
        return False
    with random_states_kept():
        torch.manual_seed(0)
        model.resize_token_embeddings(len(tokenizer))
    return True


def _exchanges(adapter: Mapping[str, Any]) -> bool:
    """Whether the base model is not what it was when an adapter with these settings has been taken off.

    Some begin with weights of their own (PiSSA, OLoRA, CorDA), train biases or repeat layers of the base model; and
    modules that were trained whole stay where they were put.
    """
    start = adapter.get("init_lora_weights")
    begins = isinstance(start, str) and start not in ("gaussian", "eva", "orthogonal")
    trains = adapter.get("modules_to_save") or adapter.get("layer_replication")
    return bool(begins or trains or adapter.get("bias") not in (None, "none"))


def _without(adapted: Any) -> Any:
    """The base model as it was before the adapter; None where PEFT cannot take the adapter off."""
    if any(config.is_prompt_learning for config in adapted.peft_config.values()):
        return adapted.get_base_model()
    return adapted.unload() if hasattr(adapted, "unload") else None


@contextmanager
def _said(what: str) -> Iterator[None]:
    """Turns whatever transformers, PEFT and torch raise into one line."""
    import torch
    from transformers.utils import logging as transformers_logging

    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # between PEFT and transformers
            yield
    except torch.OutOfMemoryError as error:
        raise ConfigurationError(
            f"{what}: out of memory; --device cpu takes longer and needs none of the GPU"
        ) from error
    except Exception as error:
        raise ConfigurationError(f"{what}: {first_line(error)}") from error
    finally:
        if bars:
            transformers_logging.enable_progress_bar()
