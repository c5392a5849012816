"""What a check costs: verifying the last answers beside generating them anew.

    python scripts/bench_probe.py [--parts PART …] [--regimes NAME …] [--checks N] [--device D] [--dtype T]
                                  [--sizes SIZE …] [--markdown]
    python scripts/bench_probe.py --quick

--parts     trajectories  the set support-en along LoRA trainings of the embedded SmolLM2 (probe_bench_trajectories.py)
            tiny          tiny Llama, Qwen2, GPT-2 and Gemma models on a random walk (probe_bench_tiny.py)
            memory        the formula of the peak memory, evaluated and measured (probe_bench_memory.py)
            large         randomly initialised Llama-shaped models (probe_bench_large.py)
            (default: all, the last with a GPU only)
--regimes   what the training does to the answers: unchanged, barely, slow, typical, violent (default: all)
--checks    checks in each training or walk (default: %(checks)s)
--device    default: cuda where there is one, else cpu; the tiny models run on the CPU
--dtype     default: bfloat16 on a GPU, else float32; the tiny models run in both
--sizes     of the large models: test, 1B, 8B (default: 1B 8B)
--markdown  Markdown tables
--quick     two short checks of the tiny models in one regime

Contenders, always on the same weights, in eval mode and without gradients (`undisturbed`), in an order that changes:

    generate                 the answers from `generate`, in our batches, cut at each anchor's limit
    TRL                      what TRL's LogCompletionsCallback does for them (see probe_bench_contest.TrlCompletions)
    anchorwatch              the answers by verification, nothing else asked
    generate + score         the plain way of a whole check, with the likelihood of every given answer
    anchorwatch, whole check `Probe.check`

z is the share of the last answers' tokens that are still the beginning of the answers. Calls and positions are those of
the model's forward, padding included. Seconds are CPU seconds of all threads, and wall seconds. Memory is the peak over
the state before. "rows equal" counts answers with the very tokens of `generate`, "at ties" those of the others whose
first other token stands at a recorded tie.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import warnings
from collections.abc import Iterator
from typing import Any

import torch
import transformers
from bench_action import table
from probe_bench_large import SIZES, bench_large
from probe_bench_memory import bench_memory
from probe_bench_tiny import bench_tiny
from probe_bench_trajectories import REGIMES, bench_trajectories

PARTS = ("trajectories", "tiny", "memory", "large")
CHECKS = 6


def main() -> None:
    description = (__doc__ or "") % {"checks": CHECKS}
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    gpu = torch.cuda.is_available()
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS if gpu else PARTS[:-1])
    parser.add_argument("--regimes", nargs="+", choices=list(REGIMES), default=list(REGIMES))
    parser.add_argument("--checks", type=int, default=CHECKS)
    parser.add_argument("--device", default="cuda" if gpu else "cpu")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"))
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=["1B", "8B"])
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    logging.getLogger("anchorwatch").setLevel(logging.ERROR)
    print(machine(arguments.device))
    for title, columns, rows in tables(arguments):
        table(title, columns, rows, arguments.markdown)


def tables(arguments: argparse.Namespace) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    """Title, columns and rows of each."""
    if arguments.quick:
        yield from bench_tiny(["typical"], 2, short=True)
        return
    device, checks = arguments.device, arguments.checks
    dtype = getattr(torch, arguments.dtype or ("bfloat16" if device.startswith("cuda") else "float32"))
    parts: dict[str, Any] = {
        "trajectories": lambda: bench_trajectories(arguments.regimes, checks, device, dtype),
        "tiny": lambda: bench_tiny(arguments.regimes, checks),
        "memory": lambda: bench_memory((4, 8, 16), device, dtype),
        "large": lambda: bench_large(arguments.sizes, arguments.regimes, checks, device, dtype),
    }
    for part in arguments.parts:
        yield from parts[part]()


def machine(device: str) -> str:
    gpu = f", {torch.cuda.get_device_name(device)}" if device.startswith("cuda") else ""
    cores = len(os.sched_getaffinity(0))
    return (
        f"{platform.platform()}, {cores} cores, {torch.get_num_threads()} threads{gpu}, Python "
        f"{platform.python_version()}, torch {torch.__version__}, transformers {transformers.__version__}"
    )


if __name__ == "__main__":
    main()
