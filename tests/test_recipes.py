"""Every recipe runs as a script, on the embedded model."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from anchorwatch.store import Store

RECIPES = Path(__file__).parent.parent / "recipes"

SMALL_SET = """
name: three
anchors:
  - {id: hello, kind: core, prompt: Hello!, max_new_tokens: 8}
  - {id: refund, kind: risk, prompt: "Refund me, please.", max_new_tokens: 8, expect: {action: [refuse, hand_off]}}
  - {id: pair, kind: boundary, prompt: "Is it late?", chosen: I do not know., rejected: Never., max_new_tokens: 8}
"""


@pytest.mark.parametrize("recipe", sorted(path.stem for path in RECIPES.glob("[!_]*.py")))
def test_a_recipe_runs(recipe: str, tmp_path: Path) -> None:
    anchors = tmp_path / "three.yaml"
    anchors.write_text(SMALL_SET, encoding="utf-8")
    command = [sys.executable, str(RECIPES / f"{recipe}.py"), "--max-steps", "2", "--batch-size", "1", "--every", "1"]
    done = subprocess.run(
        [*command, "--anchors", str(anchors)],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "OMP_NUM_THREADS": "2"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "anchorwatch show" in done.stderr
    with Store() as store:
        run = store.run("latest")
        assert run.status == "finished"
        assert store.steps(run.info.id) == [0, 1, 2]


def test_there_are_three() -> None:
    assert len(list(RECIPES.glob("[!_]*.py"))) == 3


def test_a_wrong_anchor_set_is_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(RECIPES / "sft_lora.py"), "--anchors", "suport-en", "--max-steps", "2"],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode != 0
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .endswith("(did you mean 'support-en'?), or the path of a .yaml or .jsonl file")
    )
