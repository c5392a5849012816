"""All that can be wrong with saved checkpoints and their prompts, found from small files before weights are read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.errors import AnchorSetError, AnchorWatchError, ConfigurationError, MissingDependencyError
from anchorwatch.replay.checkpoints import Checkpoint
from anchorwatch.replay.plan import Plan, Target
from anchorwatch.text import visible


@dataclass(frozen=True)
class Prepared:
    """A checkpoint with all that is needed to load and ask it."""

    checkpoint: Checkpoint
    full: str
    """The folder, or the name on the hub, of the full model: the base model of an adapter."""
    revision: str | None
    """Of the base model, where the adapter names one."""
    config: Any
    """Of the full model."""
    tokenizer: Any
    prompts: str
    """A digest of all anchors and their given answers in tokens: where it is equal, tokens mean the same."""

    @property
    def kind(self) -> str:
        """The architecture."""
        return str(self.config.model_type)


def prepare(plan: Plan, anchor_set: AnchorSet) -> dict[int, Prepared]:
    """What is needed to ask each target, by step.

    The tokenizer is that of the checkpoint's folder, else that of its base model. The base model is asked with the
    first checkpoint's, with which it was trained, if that has all of the base model's own tokens.

    Raises:
        ConfigurationError: a model or a tokenizer cannot be found, or has no chat template.
        AnchorSetError: a prompt and its answer do not fit in the context.
        MissingDependencyError: there are adapters, and peft is not installed.
    """
    if any(target.of.adapter is not None for target in plan.targets) and find_spec("peft") is None:
        raise MissingDependencyError(
            "adapters are loaded with peft, which is not installed: pip install 'anchorwatch[replay]'"
        )
    reading = _Reading(anchor_set, plan.base)
    return {target.step: reading.prepared(target, plan.targets) for target in plan.targets}


def first_line(error: BaseException) -> str:
    """The first line of what an error says and those that it announces (":"), else its kind, for a message of ours."""
    said = str(error).strip().splitlines()
    announced = [before.rstrip().endswith(":") for before in said]
    told = said[: announced.index(False) + 1 if False in announced else None]
    return visible(" ".join(" ".join(told).split()), 300) if said else type(error).__name__


class _Reading:
    """Reads each tokenizer once: checkpoints of one training have the same."""

    def __init__(self, anchor_set: AnchorSet, base: str | None) -> None:
        self._anchor_set, self._base = anchor_set, base
        self._tokenizers: dict[str, Any] = {}

    def prepared(self, target: Target[Checkpoint], targets: Sequence[Target[Checkpoint]]) -> Prepared:
        checkpoint = target.of
        full, revision = checkpoint.place, None
        if checkpoint.adapter is not None:
            full = self._base or checkpoint.base or ""
            revision = checkpoint.adapter.get("revision") if full == checkpoint.base else None
            revision = revision if isinstance(revision, str) else None
        config = _config(full, revision, target)
        tokenizer = self._tokenizer(target, full, revision, targets)
        return Prepared(checkpoint, full, revision, config, tokenizer, self._prompts(target, tokenizer, config))

    def _tokenizer(
        self, target: Target[Checkpoint], full: str, revision: str | None, targets: Sequence[Target[Checkpoint]]
    ) -> Any:
        if target.of.place == self._base:
            return self._of_base(self._base, [each.of for each in targets if each is not target])
        places = [target.of, *(Checkpoint(place) for place in (full, self._base) if place)]
        for each in places:
            if each.tokenizer_files:
                return self._read(each)
        remote = next((each.place for each in places if not Path(each.place).is_dir()), None)
        if remote is None:
            raise ConfigurationError(
                f"{target.name} has no tokenizer (looked for tokenizer.json, tokenizer.model, tokenizer_config.json): "
                "--base names a model that has it"
            )
        return self._read(Checkpoint(remote), revision)

    def _of_base(self, base: str, trained: Sequence[Checkpoint]) -> Any:
        """The tokenizer that the base model was trained with, if it is its own with tokens added."""
        with_one = next((each for each in trained if each.tokenizer_files), None)
        if with_one is None:
            return self._read(Checkpoint(base))
        tokenizer = self._read(with_one)
        own = Checkpoint(base)
        if Path(base).is_dir() and not own.tokenizer_files:
            return tokenizer
        vocabulary = tokenizer.get_vocab()
        its = self._read(own)
        alike = all(vocabulary.get(token) == number for token, number in its.get_vocab().items())
        return tokenizer if alike else its

    def _read(self, place: Checkpoint, revision: str | None = None) -> Any:
        from transformers import AutoTokenizer

        key = _digest([path.name.encode() + path.read_bytes() for path in place.tokenizer_files]) or place.place
        if key not in self._tokenizers:
            try:
                self._tokenizers[key] = AutoTokenizer.from_pretrained(place.place, **_how(revision))
            except Exception as error:  # Hub, file and format errors of many classes.
                raise ConfigurationError(
                    f"the tokenizer of {place.place} cannot be read: {first_line(error)}"
                ) from error
        return self._tokenizers[key]

    def _prompts(self, target: Target[Checkpoint], tokenizer: Any, config: Any) -> str:
        from anchorwatch.probe.prompts import render
        from anchorwatch.probe.watchable import context_length, is_encoder_decoder

        view = SimpleNamespace(config=config)
        length, two_stacks = context_length(view), is_encoder_decoder(view)
        try:
            prompts = render(self._anchor_set, tokenizer, length, None, encoder_decoder=two_stacks)
        except AnchorWatchError as error:
            kind = AnchorSetError if isinstance(error, AnchorSetError) else ConfigurationError
            raise kind(f"{target.name}: {error}") from error
        return _digest([repr((prompt.ids, prompt.answers)).encode() for prompt in prompts])


def _config(place: str, revision: str | None, target: Target[Checkpoint]) -> Any:
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(place, **_how(revision))
    except Exception as error:  # Hub, file and format errors of many classes.
        if place == target.of.place and target.of.adapter is None and Path(place).is_dir():
            raise ConfigurationError(f"the model in {place} cannot be read: {first_line(error)}") from error
        whose = "" if place == target.of.place else f" of the adapter {target.name}"
        raise ConfigurationError(
            f"the base model {place!r}{whose} cannot be found: {first_line(error)}; --base says where it is"
        ) from error


def _how(revision: str | None) -> dict[str, Any]:
    # Not given, code that comes with a model would be asked about, and waited for.
    return {"trust_remote_code": False, **({"revision": revision} if revision else {})}


def _digest(pieces: Sequence[bytes]) -> str:
    """Empty for no pieces."""
    return hashlib.sha256(b"\0".join(pieces)).hexdigest() if pieces else ""
