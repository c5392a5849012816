"""The factors are found without a trace, and what cannot be found costs nothing."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from datasets import Dataset, Features, Sequence, Value, concatenate_datasets

from anchorwatch.anchors import AnchorSet
from anchorwatch.factors import factors
from anchorwatch.testing import tiny_model

ROWS: list[dict[str, Any]] = [
    {
        "input_ids": list(range(i % 7)),
        "text": None if i % 5 == 0 else f"row {i} \u00e9",
        "kept": bool(i % 2),
        "meta": {"id": i},
    }
    for i in range(2500)
]


def found(anchor_set: AnchorSet, *, dataset: Any = None, arguments: Any = None, model: Any = None) -> dict[str, Any]:
    return factors(arguments=arguments, model=model, dataset=dataset, anchor_set=anchor_set, metrics=())


def data(anchor_set: AnchorSet, dataset: Any) -> dict[str, Any]:
    """The factors of the data alone, without their prefix."""
    values = found(anchor_set, dataset=dataset)
    return {name.removeprefix("data."): value for name, value in values.items() if name.startswith("data.")}


class Augmented:
    """Random crops, a counter of reads: each read leaves a trace."""

    def __init__(self) -> None:
        self.reads = 0

    def __len__(self) -> int:
        random.random()
        return 12

    def __getitem__(self, index: int) -> dict[str, Any]:
        self.reads += 1
        return {"input_ids": [int(torch.randint(9, ()))], "crop": random.random()}


class CountingList(list[Any]):
    reads = 0

    def __getitem__(self, index: Any) -> Any:
        self.reads += 1
        return super().__getitem__(index)


def generators() -> tuple[Any, ...]:
    return random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()


def test_a_data_set_that_makes_its_rows_is_not_read(anchor_set) -> None:
    before = generators()
    augmented, counting = Augmented(), CountingList(ROWS)
    assert data(anchor_set, augmented) == {"rows": 12}
    assert data(anchor_set, counting) == {"rows": 2500}
    assert augmented.reads == counting.reads == 0
    assert generators() == before


def test_a_transform_is_not_run(anchor_set) -> None:
    seen: list[Any] = []

    def crop(batch: dict[str, Any]) -> dict[str, Any]:
        seen.append(batch)
        return batch

    assert data(anchor_set, Dataset.from_list(ROWS).with_transform(crop)) == {"rows": 2500}
    assert seen == []


def test_a_stream_has_no_data_factors(anchor_set) -> None:
    assert data(anchor_set, Dataset.from_list(ROWS).to_iterable_dataset()) == {}
    assert data(anchor_set, (row for row in ROWS)) == {}
    assert data(anchor_set, None) == {}


@pytest.mark.parametrize("form", [list, tuple, Dataset.from_list])
def test_the_digest_follows_the_content(form, anchor_set) -> None:
    first = data(anchor_set, form(ROWS))
    assert (first["rows"], first["rows_hashed"], len(first["digest"])) == (2500, 2500, 16)
    assert data(anchor_set, form(json.loads(json.dumps(ROWS)))) == first
    changed = [*ROWS[:1700], {**ROWS[1700], "meta": {"id": -1}}, *ROWS[1701:]]
    swapped = [ROWS[1], ROWS[0], *ROWS[2:]]
    renamed = [{("body" if name == "text" else name): value for name, value in row.items()} for row in ROWS]
    others = [data(anchor_set, form(rows)) for rows in (changed, swapped, renamed, ROWS[:-1])]
    assert len({first["digest"], *(other["digest"] for other in others)}) == 5


def test_the_digest_of_a_dataset_is_of_its_rows_alone(anchor_set, tmp_path) -> None:
    plain = Dataset.from_list(ROWS)
    expected = data(anchor_set, plain)
    plain.save_to_disk(tmp_path / "saved")
    same = {
        "in parts": concatenate_datasets([Dataset.from_list(ROWS[:777]), Dataset.from_list(ROWS[777:])]),
        "by an index": Dataset.from_list(ROWS[::-1]).select(range(2499, -1, -1)),
        "a slice": Dataset.from_list([*ROWS[:3], *ROWS]).select(range(3, 2503)),
        "from disk": Dataset.load_from_disk(tmp_path / "saved"),
        "as tensors": plain.with_format("torch", columns=["input_ids"]),
    }
    assert {how: data(anchor_set, dataset) for how, dataset in same.items()} == dict.fromkeys(same, expected)
    assert plain.format["type"] is None
    assert data(anchor_set, plain.shuffle(seed=1))["digest"] != expected["digest"]


@pytest.mark.parametrize("form", [list, Dataset.from_list])
def test_many_rows_are_sampled_evenly(form, anchor_set) -> None:
    rows = [{"n": i} for i in range(50_000)]
    assert data(anchor_set, form(rows))["rows_hashed"] == 16_667
    last = [*rows[:-2], {"n": -1}, rows[-1]]  # the rows 0, 3, …, 49,998 are hashed
    assert data(anchor_set, form(last))["digest"] != data(anchor_set, form(rows))["digest"]


def test_two_runs_find_the_same_digest(anchor_set) -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from datasets import Dataset\n"
        "from anchorwatch.anchors import load\n"
        "from test_factors import ROWS, data\n"
        "anchors = load([{'id': 'a', 'kind': 'core', 'prompt': 'Hi'}])\n"
        "print(data(anchors, ROWS)['digest'], data(anchors, Dataset.from_list(ROWS))['digest'])"
    )
    run = subprocess.run([sys.executable, "-c", code, str(Path(__file__).parent)], capture_output=True, text=True)
    here = [data(anchor_set, ROWS)["digest"], data(anchor_set, Dataset.from_list(ROWS))["digest"]]
    assert run.stdout.split() == here, run.stderr


def test_values_that_are_not_plain_give_no_digest(anchor_set) -> None:
    for value in (torch.zeros(2), np.zeros(2), b"pixels", object()):
        assert data(anchor_set, [{"pixels": value}]) == {"rows": 1}
    nested = Features({"images": [{"bytes": Value("binary"), "path": Value("string")}]})
    pixels = Dataset.from_list([{"images": [{"bytes": b"pixels", "path": None}]}], features=nested)
    assert data(anchor_set, pixels) == {"rows": 1}
    scores = Dataset.from_list([{"s": [1.5, 2.0]}], features=Features({"s": Sequence(Value("float32"), length=2)}))
    assert "digest" in data(anchor_set, scores)


def test_no_rows_and_rows_that_are_no_dicts(anchor_set) -> None:
    assert data(anchor_set, [])["rows"] == data(anchor_set, Dataset.from_list([]))["rows"] == 0
    assert data(anchor_set, ["a text", "another"]) == {"rows": 2}
    circular: dict[str, Any] = {}
    circular["self"] = circular
    assert data(anchor_set, [circular]) == {"rows": 1}


def test_a_digest_that_takes_too_long_is_left_out(anchor_set, monkeypatch) -> None:
    monkeypatch.setattr("anchorwatch.factors._DIGEST_SECONDS", -1.0)
    for dataset in (ROWS, Dataset.from_list(ROWS)):
        assert data(anchor_set, dataset) == {"rows": 2500, "digest_skipped": "took too long"}


class Breaking:
    """Raises at whatever is done with it."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __len__(self) -> int:
        raise NotImplementedError

    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_what_breaks_is_absent_and_the_rest_stays(anchor_set) -> None:
    values = found(anchor_set, arguments=Breaking(), model=Breaking(), dataset=Breaking())
    assert not [name for name in values if name.startswith(("args.", "model.", "adapter.", "data."))]
    assert values["anchors.system"] == ["You are brief."]
    assert values["decoding.max_new_tokens"] == [6, 8, 10, 12]
    assert values["version.python"]


def test_odd_arguments_cost_only_themselves(anchor_set) -> None:
    odd = {
        "seed": 7,
        1: "a number for a name",
        "nested": {(1, 2): "no JSON name"},
        "object": object(),
        "breaking": Breaking(),
        "dtype": torch.bfloat16,
        "names": {"b", "a", "c"},
        "output_dir": "out",
        "hub_token": "secret",
    }
    values = found(anchor_set, arguments=SimpleNamespace(to_dict=lambda: odd))
    assert {name: value for name, value in values.items() if name.startswith("args.")} == {
        "args.seed": 7,
        "args.1": "a number for a name",
        "args.dtype": "torch.bfloat16",
        "args.names": ["a", "b", "c"],
    }


def test_odd_adapters_cost_only_themselves(anchor_set) -> None:
    model = tiny_model()
    config = {"r": 8, "target_modules": {"v", "q"}, "bias": None, "rank_pattern": {}, "init": torch.zeros(2), 3: "x"}
    model.peft_config = {"default": SimpleNamespace(to_dict=lambda: config)}
    values = found(anchor_set, model=model)
    assert (values["adapter.r"], values["adapter.target_modules"]) == (8, ["q", "v"])
    assert not {"adapter.bias", "adapter.rank_pattern"} & set(values)
    model.peft_config = {"default": object()}
    values = found(anchor_set, model=model)
    assert not [name for name in values if name.startswith("adapter.")]
    assert values["model.parameters"] == model.num_parameters()
    assert "model.dtype" not in found(anchor_set, model=torch.nn.Module())


def test_the_script_with_and_without_git(anchor_set, monkeypatch, tmp_path) -> None:
    script = tmp_path / "train.py"
    script.write_text("train()", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", [str(script)])
    monkeypatch.setenv("PATH", str(tmp_path))
    values = found(anchor_set)
    assert values["code.script"] == "train.py"
    assert "code.commit" not in values
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\nwhile :; do :; done\n", encoding="utf-8")
    git.chmod(0o755)
    monkeypatch.setattr("anchorwatch.factors._GIT_SECONDS", 0.1)
    assert found(anchor_set) == values
    git.write_text("#!/bin/sh\necho feedface\n", encoding="utf-8")
    monkeypatch.setattr("anchorwatch.factors._GIT_SECONDS", 60)
    assert found(anchor_set)["code.commit"] == "feedface"
    for unreadable in ([], [""], [str(tmp_path)], ["\0"]):
        monkeypatch.setattr(sys, "argv", unreadable)
        assert not [name for name in found(anchor_set) if name.startswith("code.")]


def test_every_factor_is_json(anchor_set) -> None:
    model = tiny_model()
    model.config.name_or_path = Path("models/tiny")
    values = found(anchor_set, model=model, dataset=ROWS)
    assert values["model.id"] == "models/tiny"
    assert json.loads(json.dumps(values)) == values
