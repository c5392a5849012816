"""The factors of a run: what can differ between this one and the next, as flat names with JSON values."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from anchorwatch.anchors import AnchorSet
from anchorwatch.metrics.metric import Metric

_PACKAGES = ("anchorwatch", "torch", "transformers", "accelerate", "trl", "peft", "datasets")
_ROWS_HASHED = 20_000
# Where a run's files go and how it is shown does not change what is trained.
_NOT_A_FACTOR = {"output_dir", "logging_dir", "run_name", "report_to", "disable_tqdm", "hub_token", "push_to_hub_token"}


def factors(
    *, arguments: Any, model: Any, dataset: Any, anchor_set: AnchorSet, metrics: tuple[Metric, ...]
) -> dict[str, Any]:
    """All factors, `{"args.learning_rate": 0.001, "data.digest": "…", …}`; what cannot be found out is absent."""
    found: dict[str, Any] = {}
    found.update({f"args.{k}": v for k, v in _plain(arguments.to_dict()).items() if k not in _NOT_A_FACTOR})
    found.update({f"data.{k}": v for k, v in _data(dataset).items()})
    found.update({f"model.{k}": v for k, v in _model(model).items()})
    found.update({f"adapter.{k}": v for k, v in _adapter(model).items()})
    found["anchors.system"] = sorted({anchor.system for anchor in anchor_set.anchors if anchor.system})
    found["anchors.context"] = hashlib.sha256(
        json.dumps([[c.text for c in a.context] for a in anchor_set.anchors]).encode()
    ).hexdigest()[:16]
    found["decoding"] = {"strategy": "greedy", "max_new_tokens": sorted({a.max_new_tokens for a in anchor_set.anchors})}
    found.update({f"metric.{metric.name}": metric.version for metric in metrics})
    found.update({f"version.{name}": number for name, number in _versions()})
    found["version.python"] = platform.python_version()
    found.update({f"code.{k}": v for k, v in _code().items()})
    return found


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key): json.loads(json.dumps(value, default=str)) for key, value in values.items()}


def _data(dataset: Any) -> dict[str, Any]:
    """Row count and content digest. Up to 20,000 rows are hashed, evenly spread where there are more."""
    try:
        rows = len(dataset)
        if not rows:
            return {"rows": 0}
        stride = max(1, -(-rows // _ROWS_HASHED))
        digest = hashlib.sha256(str(rows).encode())
        for index in range(0, rows, stride):
            digest.update(json.dumps(dataset[index], sort_keys=True, default=_rows_as_lists).encode())
    except Exception:  # A data set of any kind: streaming, remote, without a length. Its digest is then unknown.
        return {}
    return {"rows": rows, "digest": digest.hexdigest()[:16], "rows_hashed": len(range(0, rows, stride))}


def _rows_as_lists(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _model(model: Any) -> dict[str, Any]:
    config = getattr(model, "config", None)
    name = getattr(config, "name_or_path", "") or getattr(config, "_name_or_path", "")
    return {
        "id": name,
        "type": getattr(config, "model_type", ""),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "trained_parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "dtype": str(next(model.parameters()).dtype).removeprefix("torch."),
    }


def _adapter(model: Any) -> dict[str, Any]:
    configs = getattr(model, "peft_config", None)
    if not isinstance(configs, dict) or not configs:
        return {}
    config = next(iter(configs.values())).to_dict()
    return _plain({k: sorted(v) if isinstance(v, set) else v for k, v in config.items() if v not in (None, {}, [])})


def _versions() -> Iterator[tuple[str, str]]:
    for package in _PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue


def _code() -> dict[str, Any]:
    """The script that runs, its digest, and the commit of the repository it stands in."""
    script = Path(sys.argv[0]) if sys.argv and sys.argv[0] else None
    if script is None or not script.is_file():
        return {}
    found: dict[str, Any] = {"script": script.name, "digest": hashlib.sha256(script.read_bytes()).hexdigest()[:16]}
    try:
        commit = subprocess.run(
            ["git", "-C", str(script.resolve().parent), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5
        )
    except (OSError, subprocess.TimeoutExpired):
        return found
    return {**found, "commit": commit.stdout.strip()} if commit.returncode == 0 else found
