"""The factors of a run: what can differ between this one and the next, as flat names with JSON values."""

from __future__ import annotations

import hashlib
import json
import logging
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.metrics.metric import Metric
from anchorwatch.probe.undisturbed import random_states_kept

logger = logging.getLogger("anchorwatch")

_PACKAGES = ("anchorwatch", "torch", "transformers", "accelerate", "trl", "peft", "datasets")
_ROWS_HASHED = 20_000
_ROWS_AT_ONCE = 1_000
_DIGEST_SECONDS = 5.0
_GIT_SECONDS = 2.0
# Where a run's files go and how it is shown does not change what is trained.
_NOT_A_FACTOR = {"output_dir", "logging_dir", "run_name", "report_to", "disable_tqdm", "hub_token", "push_to_hub_token"}


def factors(
    *, arguments: Any, model: Any, dataset: Any, anchor_set: AnchorSet, metrics: tuple[Metric, ...]
) -> dict[str, Any]:
    """All factors, `{"args.learning_rate": 0.001, "data.digest": "…", …}`; what cannot be found out is absent.

    Never raises, draws no random number, and reads no row of a data set whose rows are made when they are read.
    """
    groups: list[tuple[str, Callable[[], Mapping[Any, Any]]]] = [
        ("args", lambda: _arguments(arguments)),
        ("data", lambda: _data(dataset)),
        ("model", lambda: _model(model)),
        ("adapter", lambda: _adapter(model)),
        ("anchors", lambda: _anchors(anchor_set)),
        ("decoding", lambda: _decoding(anchor_set)),
        ("metric", lambda: {metric.name: metric.version for metric in metrics}),
        ("version", lambda: dict(_versions())),
        ("code", _script),
        ("code", _commit),
    ]
    found: dict[str, Any] = {}
    with random_states_kept():
        for group, read in groups:
            try:
                found.update({f"{group}.{name}": value for name, value in _plain(read()).items()})
            except Exception:  # What users pass is of any kind; a factor less never costs a training.
                logger.debug("the factors %s.* could not be read", group, exc_info=True)
    return found


def _plain(values: Mapping[Any, Any]) -> dict[str, Any]:
    """`values` as JSON has them; what JSON has no form for and no words are stable for is left out."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        try:
            found[str(key)] = json.loads(json.dumps(value, default=_in_words))
        except Exception:
            logger.debug("the factor %r has no plain value", type(key), exc_info=True)
    return found


def _in_words(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    words = str(value)
    if " at 0x" in words:
        raise TypeError(f"{type(value).__name__} is named by its address, which differs in every run")
    return words


def _arguments(arguments: Any) -> dict[Any, Any]:
    return {name: value for name, value in arguments.to_dict().items() if name not in _NOT_A_FACTOR}


def _data(dataset: Any) -> dict[str, Any]:
    """Row count, and a digest of the content where that reads without side effects.

    `digest` is over up to 20,000 rows (`rows_hashed`), evenly spread where there are more. It is absent for rows that
    are made when they are read (a `__getitem__` of the user's own, a transform of `datasets`) and for values that are
    not plain (tensors, images, bytes); `digest_skipped` says where it took too long.
    """
    try:
        rows = len(dataset)
    except Exception:  # streaming
        return {}
    chosen = range(0, rows, max(1, -(-rows // _ROWS_HASHED)))
    try:
        pieces = _pieces(dataset, chosen)
        if pieces is None:
            return {"rows": rows}
        digest = hashlib.sha256(str(rows).encode())
        deadline = time.monotonic() + _DIGEST_SECONDS
        for piece in pieces:
            if time.monotonic() > deadline:
                return {"rows": rows, "digest_skipped": "took too long"}
            digest.update(piece)
    except Exception:
        logger.debug("the data's content has no digest", exc_info=True)
        return {"rows": rows}
    return {"rows": rows, "digest": digest.hexdigest()[:16], "rows_hashed": len(chosen)}


def _pieces(dataset: Any, chosen: range) -> Iterator[bytes] | None:
    """The content of the chosen rows as bytes, piece by piece; None where reading could have a side effect."""
    # Exact types, since a subclass may read its rows in a way of its own.
    if type(dataset) in (list, tuple):
        return _json_of(dataset, chosen)
    datasets = sys.modules.get("datasets")
    if datasets is not None and type(dataset) is datasets.Dataset and dataset.format["type"] != "custom":
        return _arrow_of(dataset, chosen)
    return None


def _json_of(rows: list[Any] | tuple[Any, ...], chosen: range) -> Iterator[bytes]:
    for index in chosen:
        if type(rows[index]) is not dict:
            raise TypeError(f"a row is a {type(rows[index]).__name__}, not a dict")
        yield json.dumps(rows[index], sort_keys=True).encode()


def _arrow_of(dataset: Any, chosen: range) -> Iterator[bytes]:
    """Equal for equal rows, however they are cut into chunks, shuffled by an index or kept on disk."""
    stored = dataset.with_format("arrow")
    for start in range(0, len(chosen), _ROWS_AT_ONCE):
        table = stored[chosen[start : start + _ROWS_AT_ONCE]]
        if start == 0:
            if not all(_is_plain(field.type) for field in table.schema):
                raise TypeError("a column holds something other than numbers, text and lists of them")
            yield json.dumps([[field.name, str(field.type)] for field in table.schema]).encode()
        # A slice shares its buffers with the rows around it; taken anew, it holds its own rows alone.
        for batch in table.take(list(range(len(table)))).combine_chunks().to_batches():
            yield batch.serialize()


def _is_plain(kind: Any) -> bool:
    """Whether an Arrow type is made of numbers, text, times, lists and structs alone: no bytes, images or tensors."""
    from pyarrow import types  # type: ignore[import-untyped]

    if types.is_struct(kind):
        return all(_is_plain(kind.field(i).type) for i in range(kind.num_fields))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _is_plain(kind.value_type)
    tests = (types.is_null, types.is_boolean, types.is_integer, types.is_floating, types.is_temporal)
    return any(test(kind) for test in (*tests, types.is_string, types.is_large_string))


def _model(model: Any) -> dict[str, Any]:
    config = getattr(model, "config", None)
    parameters = list(model.parameters())
    return {
        "id": getattr(config, "name_or_path", "") or getattr(config, "_name_or_path", ""),
        "type": getattr(config, "model_type", ""),
        "parameters": sum(parameter.numel() for parameter in parameters),
        "trained_parameters": sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
        **({"dtype": str(parameters[0].dtype).removeprefix("torch.")} if parameters else {}),
    }


def _adapter(model: Any) -> dict[str, Any]:
    configs = getattr(model, "peft_config", None)
    if not isinstance(configs, dict) or not configs:
        return {}
    config = _plain(next(iter(configs.values())).to_dict())
    return {name: value for name, value in config.items() if value not in (None, {}, [])}


def _anchors(anchor_set: AnchorSet) -> dict[str, Any]:
    context = json.dumps([[chunk.text for chunk in anchor.context] for anchor in anchor_set.anchors])
    return {
        "system": sorted({anchor.system for anchor in anchor_set.anchors if anchor.system}),
        "context": hashlib.sha256(context.encode()).hexdigest()[:16],
    }


def _decoding(anchor_set: AnchorSet) -> dict[str, Any]:
    return {"strategy": "greedy", "max_new_tokens": sorted({anchor.max_new_tokens for anchor in anchor_set.anchors})}


def _versions() -> Iterator[tuple[str, str]]:
    yield "python", platform.python_version()
    for package in _PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue


def _script() -> dict[str, Any]:
    """The script that runs, and its digest."""
    script = Path(sys.argv[0])
    if not script.is_file():
        return {}
    return {"script": script.name, "digest": hashlib.sha256(script.read_bytes()).hexdigest()[:16]}


def _commit() -> dict[str, Any]:
    """The commit of the repository in which the script stands."""
    script = Path(sys.argv[0])
    if not script.is_file():
        return {}
    git = subprocess.run(
        ["git", "-C", str(script.resolve().parent), "rev-parse", "HEAD"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_GIT_SECONDS,
    )
    return {"commit": git.stdout.strip()} if git.returncode == 0 else {}
