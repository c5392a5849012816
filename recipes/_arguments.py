"""The command line that the recipes share."""

from __future__ import annotations

import argparse
from pathlib import Path

from anchorwatch.embedded import embedded_model

_DATA = Path(__file__).parent / "data"


def arguments(description: str, *, data: str, output: str, learning_rate: float) -> argparse.Namespace:
    """The options of a recipe; `data` is the file under recipes/data/ that it takes by default."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--model", help="hub id or folder of a chat model (default: the embedded SmolLM2-135M-Instruct)"
    )
    parser.add_argument("--data", default=str(_DATA / data), help="JSONL file (default: %(default)s)")
    parser.add_argument("--anchors", default="support-en", help="name or path of an anchor set (default: %(default)s)")
    parser.add_argument("--every", type=_every, default="auto", help="steps, share of the run, eval, save or auto")
    parser.add_argument("--output", default=output, help="folder for checkpoints (default: %(default)s)")
    parser.add_argument("--max-steps", type=int, default=60)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--learning-rate", type=float, default=learning_rate)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--report-to", nargs="*", default=[], help="wandb, mlflow, trackio, tensorboard, …")
    return parser.parse_args()


def model_path(model: str | None) -> str:
    """The model named, else the folder of the embedded one (converted on first use)."""
    return model or embedded_model()


def _every(text: str) -> int | float | str:
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text
