"""From factors that differ to what a person would call one change, and apart from it what only measures.

A setting that is not known to be harmless counts as a possible cause, one by one; those that only mean something
together (the learning rate and its schedule) are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from anchorwatch.compare.records import Cause, ComparedRun, FactorDifference

SEED = "seed"
CODE = "code"
_SOFTWARE = "software"
_MEASURED = "how it was measured"
_FOLLOWS = "follows"

_CAUSES: dict[str, tuple[str, ...]] = {
    SEED: ("args.seed", "args.data_seed"),
    "learning rate": ("args.learning_rate", "args.lr_scheduler_*", "args.warmup_*"),
    "batch size": ("args.per_device_train_batch_size", "args.gradient_accumulation_steps", "args.auto_find_batch_size"),
    "training length": ("args.max_steps", "args.num_train_epochs", "step"),
    "optimizer": ("args.optim*", "args.adam_*", "args.weight_decay", "args.max_grad_norm"),
    "precision and kernels": (
        *("model.dtype", "args.bf16", "args.fp16", "args.tf32", "args.use_cpu", "args.full_determinism"),
        *("args.torch_compile*", "args.use_liger_kernel", "args.liger_kernel_config*", "args.gradient_checkpointing*"),
        *("args.activation_*", "args.accelerator_config*", "args.parallelism_config*", "args.fsdp*", "args.deepspeed*"),
        *("args.use_cache", "args.padding_free"),
    ),
    _FOLLOWS: ("adapter.base_model_name_or_path", "adapter.peft_version", "data.rows_hashed", "data.digest_skipped"),
    _MEASURED: (
        *("checks.*", "direction.*", "metric.*", "anchors.samples", "anchors.temperature"),
        *("branched_from", "on_flag.*", "version.anchorwatch", "version.python", "adapter.inference_mode"),
        *("args.eval_*", "args.logging_*", "args.log_*", "args.save_*", "args.hub_*", "args.push_to_hub*"),
        *("args.trackio_*", "args.include_*", "args.do_*", "args.output_dir", "args.project", "args.report_to"),
        *("args.load_best_model_at_end", "args.metric_for_best_model", "args.greater_is_better", "args.label_names"),
        *("args.per_device_eval_batch_size", "args.bf16_full_eval", "args.fp16_full_eval", "args.prediction_loss_only"),
        *("args.batch_eval_metrics", "args.predict_with_generate", "args.generation_max_length"),
        *("args.generation_num_beams", "args.generation_config", "args.num_generations_eval"),
        *("args.resume_from_checkpoint", "args.restore_callback_states_from_checkpoint", "args.enable_jit_checkpoint"),
        *("args.dataloader_num_workers", "args.dataloader_p*", "args.dataloader_multiprocessing_context"),
        *("args.dataloader_in_order", "args.dataset_num_proc", "args.num_completions_to_print"),
        *("args.debug", "args.skip_memory_metrics", "args.torch_empty_cache_steps", "args.local_rank"),
        *("args.ddp_*", "args.disable_tqdm", "args.run_name"),
    ),
    "adapter": ("adapter.*",),
    "trained parameters": ("model.parameters", "model.trained_parameters"),
    "base model": ("model.*",),
    "training data": ("data.*",),
    "system prompt": ("anchors.system",),
    "retrieved context": ("anchors.context",),
    "decoding": ("decoding.*",),
    CODE: ("code.*",),
    _SOFTWARE: ("version.*",),
}
"""Patterns of factor names; the first that fits says what a factor belongs to."""

_NEEDED = {"hyper-parameters": "args.*", "base model": "model.id", "training data": "data.digest", CODE: "code.digest"}
"""Without such a factor in both runs it cannot be said that they are alike."""


class Differing(NamedTuple):
    """What differs between two runs."""

    causes: tuple[Cause, ...]
    measured: tuple[FactorDifference, ...]
    unrecorded: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the causes."""
        return tuple(cause.name for cause in self.causes)


def differing(reference: ComparedRun, other: ComparedRun, asked: Iterable[FactorDifference]) -> Differing:
    """What differs between two runs; `asked` is what `asked_differently` finds in their common anchors.

    Where a run has no such factor at all, it is not known to differ. Two exceptions: a run without an adapter has
    none, and an argument that only one trainer knows belongs to its software. Runs that were checked after as many
    steps, or as many epochs, were trained equally long.
    """
    one, two = reference.info.factors, other.info.factors
    found: dict[str, list[FactorDifference]] = {}
    for each in [*_in_factors(one, two), *asked, *_length(reference, other)]:
        found.setdefault(_cause(each, one, two), []).append(each)
    found.pop(_FOLLOWS, None)
    if found.keys() & {"adapter", "base model"}:
        found.pop("trained parameters", None)
    measured = found.pop(_MEASURED, [])
    order = [*_CAUSES, *sorted(found.keys() - _CAUSES.keys())]
    return Differing(
        tuple(Cause(name, tuple(found[name])) for name in order if name in found),
        tuple(measured),
        tuple(name for name, pattern in _NEEDED.items() if not (_recorded(one, pattern) and _recorded(two, pattern))),
    )


def _in_factors(one: Mapping[str, Any], two: Mapping[str, Any]) -> Iterator[FactorDifference]:
    for name in sorted(one.keys() | two.keys()):
        # What the anchors are asked with is read off the common anchors themselves.
        if name.startswith("anchors.") or name == "decoding.max_new_tokens":
            continue
        if (name not in one or name not in two) and not _may_be_absent(name, one, two):
            continue
        yield from _leaves(name, one.get(name), two.get(name))


def _may_be_absent(name: str, one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
    """Whether a factor that only one of the runs has is a difference."""
    group = name.partition(".")[0]
    if group in ("args", "version", "metric"):
        return _recorded(one, f"{group}.*") and _recorded(two, f"{group}.*")
    return group not in ("data", "model", "code")


def _leaves(name: str, one: Any, two: Any) -> Iterator[FactorDifference]:
    """The values that differ, of nested settings each by itself."""
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        for key in sorted(one.keys() | two.keys()):
            yield from _leaves(f"{name}.{key}", one.get(key), two.get(key))
    elif one != two:
        yield FactorDifference(name, one, two)


def _length(reference: ComparedRun, other: ComparedRun) -> Iterator[FactorDifference]:
    one, two = reference.now.check, other.now.check
    same_epoch = one.epoch is not None and two.epoch is not None and abs(one.epoch - two.epoch) <= 0.01 * one.epoch
    if one.step != two.step and not same_epoch:
        yield FactorDifference("step", one.step, two.step)


def _cause(difference: FactorDifference, one: Mapping[str, Any], two: Mapping[str, Any]) -> str:
    name = difference.name
    cause = next((cause for cause, names in _CAUSES.items() if any(fnmatchcase(name, each) for each in names)), None)
    if cause == _SOFTWARE and _release(difference.reference) == _release(difference.other):
        return _MEASURED
    argument = ".".join(name.split(".")[:2])
    if cause not in (_MEASURED, _FOLLOWS) and name.startswith("args.") and not (argument in one and argument in two):
        return _SOFTWARE
    return cause or argument.removeprefix("args.").replace("_", " ")


def _release(version: Any) -> tuple[list[str], str]:
    """What a patch does not change: "2.13.1+cpu" is 2.13, built for cpu."""
    release, _, build = str(version).partition("+")
    return release.split(".")[:2], build


def _recorded(factors: Mapping[str, Any], pattern: str) -> bool:
    return any(value not in (None, "") for name, value in factors.items() if fnmatchcase(name, pattern))
