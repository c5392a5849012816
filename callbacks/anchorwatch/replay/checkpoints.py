"""What lies in a folder: a full model, an adapter, or the checkpoints of a training. Nothing is loaded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anchorwatch.errors import ConfigurationError, nearest

_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")
_ADAPTER_WEIGHTS = ("adapter_model*.safetensors", "adapter_model*.bin")
_TOKENIZER = (
    *("tokenizer*", "chat_template*", "special_tokens_map.json", "added_tokens.json", "vocab*", "merges.txt"),
    *("spiece.model", "sentencepiece*.model", "spm.model"),
)
_CONFIGS = ("config.json", "generation_config.json", "adapter_config.json", "trainer_state.json")
_NUMBER = re.compile(r"checkpoint-(\d+)")


@dataclass(frozen=True)
class Checkpoint:
    """A model as it was saved, or the base model of one."""

    place: str
    """Its folder; of a base model also its name on the hub."""
    adapter: Mapping[str, Any] | None = None
    """The content of adapter_config.json; None for a full model."""

    @property
    def base(self) -> str | None:
        """The base model that an adapter names; None for a full model, and where none is named."""
        named = (self.adapter or {}).get("base_model_name_or_path")
        return named if isinstance(named, str) and named else None

    @property
    def tokenizer_files(self) -> list[Path]:
        """Empty where the folder has no tokenizer of its own, and for a name on the hub."""
        found = _files(Path(self.place), _TOKENIZER)
        return found if any(path.name.startswith(("tokenizer.", "tokenizer_config")) for path in found) else []

    @property
    def identity(self) -> list[Any]:
        """JSON that is the same for the same place with the same files in it, by their names, sizes and times."""
        folder = Path(self.place)
        files = _files(folder, (*_WEIGHTS, *_ADAPTER_WEIGHTS, *_CONFIGS, *_TOKENIZER))
        stats = [(path.name, path.stat()) for path in files]
        place = str(folder.resolve()) if folder.is_dir() else self.place
        return [place, *([name, stat.st_size, stat.st_mtime_ns] for name, stat in stats)]


def number_in(name: str) -> int | None:
    """The step in "…checkpoint-N…"; None where there is none."""
    found = _NUMBER.search(name)
    return int(found[1]) if found else None


def find_checkpoints(given: Sequence[str]) -> tuple[list[Checkpoint], list[str]]:
    """The checkpoints in the folders `given`, in this order, and what was left out, a sentence each.

    A folder with "checkpoint-N" folders stands for these, in the order of N.

    Raises:
        ConfigurationError: a folder is not there or holds no model, or one is given twice.
    """
    found: dict[str, Checkpoint] = {}
    notes: list[str] = []
    for each in given:
        folder = Path(each)
        if not folder.is_dir():
            raise ConfigurationError(_absent(folder))
        inside = _checkpoints_in(folder)
        checkpoints = [checkpoint for path in inside if (checkpoint := _read(path))]
        notes += [f"{path} is left out: it holds no model" for path in inside if _read(path) is None]
        own = _read(folder)
        if own and checkpoints:
            notes.append(f"the model in {folder} itself is left out: its {len(checkpoints)} checkpoints are asked")
        for checkpoint in checkpoints or ([own] if own else []):
            key = str(Path(checkpoint.place).resolve())
            if key in found:
                raise ConfigurationError(f"the checkpoint {checkpoint.place} is given twice")
            found[key] = checkpoint
        if not checkpoints and not own:
            raise ConfigurationError(_no_model(folder, inside))
    return list(found.values()), notes


def _read(folder: Path) -> Checkpoint | None:
    """What the folder holds, None for neither a full model nor an adapter.

    Raises:
        ConfigurationError: it is an adapter whose configuration cannot be read.
    """
    # An adapter first: beside one, some tools write the config of the base model.
    if (folder / "adapter_config.json").is_file() and _files(folder, _ADAPTER_WEIGHTS):
        path = folder / "adapter_config.json"
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{path} cannot be read: {error}") from error
        if not isinstance(config, dict):
            raise ConfigurationError(f"{path} is not the configuration of an adapter: it holds no mapping")
        return Checkpoint(str(folder), config)
    if (folder / "config.json").is_file() and _files(folder, _WEIGHTS):
        return Checkpoint(str(folder))
    return None


def _checkpoints_in(folder: Path) -> list[Path]:
    """The "checkpoint-N" folders, by N."""
    numbered = [(int(found[1]), path) for path in _folders(folder) if (found := _NUMBER.fullmatch(path.name))]
    return [path for _, path in sorted(numbered)]


def _files(folder: Path, patterns: Sequence[str]) -> list[Path]:
    return sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})


def _folders(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.glob("*")) if path.is_dir())


def _absent(path: Path) -> str:
    if path.exists():
        return f"{path} is a file: a checkpoint is a folder"
    siblings = [each.name for each in _folders(path.parent)] if path.parent.is_dir() else []
    near = nearest(path.name, siblings)
    return (
        f"there is no folder {path}{near}; a checkpoint is a folder on this machine, a model of the hub can be --base"
    )


def _no_model(folder: Path, empty: Sequence[Path]) -> str:
    """Where nothing was found, and where something would have been."""
    looked = "looked for config.json with *.safetensors or pytorch_model*.bin, adapter_config.json with adapter_model.*"
    line = f"{folder} holds no model ({looked}, and checkpoint-N folders"
    if empty:
        return f"{line}, of which {', '.join(path.name for path in empty[:3])} hold none either)"
    below = [path for each in _folders(folder) for path in (each, *_checkpoints_in(each)) if _holds(path)]
    return f"{line})" + (f"; did you mean {str(below[0])!r}?" if below else "")


def _holds(folder: Path) -> bool:
    try:
        return _read(folder) is not None
    except ConfigurationError:
        return False
