"""A real server, transformers' own, is asked by URL and model name."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from replay_samples import SET, readings

from anchorwatch.store import Store
from anchorwatch.testing import tiny_model, tiny_tokenizer

MODELS = ("shop/base", "shop/checkpoint-10", "shop/checkpoint-20")
pytest.importorskip("openai")


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    """A cache of the hub with three models in it: what the server offers."""
    cache = tmp_path_factory.mktemp("cache")
    for seed, name in enumerate(MODELS):
        repository = cache / f"models--{name.replace('/', '--')}"
        snapshot = repository / "snapshots" / f"{seed:040x}"
        tiny_model(seed=seed).save_pretrained(snapshot)
        tiny_tokenizer().save_pretrained(snapshot)
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text(snapshot.name, encoding="utf-8")
    return cache


@contextmanager
def serving(cache: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The server, once it answers."""
    command = [str(Path(sys.executable).with_name("transformers")), "serve", "--device", "cpu"]
    environment = {**os.environ, "HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "1"}
    with (cache / "log").open("ab") as log:
        address = ["--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen([*command, *address], stdout=log, stderr=log, env=environment)
    try:
        while True:
            assert process.poll() is None, (cache / "log").read_text(encoding="utf-8")[-2000:]
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health").close()
                break
            except OSError:
                time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def url(cache) -> Iterator[str]:
    port = free_port()
    with serving(cache, port):
        yield f"http://127.0.0.1:{port}/v1"


def saved_too(cache: Path) -> None:
    """The same models as folders."""
    for name in MODELS:
        (snapshot,) = cache.glob(f"models--{name.replace('/', '--')}/snapshots/*")
        shutil.copytree(snapshot, name)


def test_a_server_answers_as_the_saved_models_do(replay, cli, cache, url) -> None:
    done = replay("--endpoint", url, *MODELS[1:], "--base", MODELS[0], "--name", "served", "--baseline-samples", "2")
    assert done.code == 0, done.err
    saved_too(cache)
    assert replay(*MODELS[1:], "--base", MODELS[0], "--name", "saved").code == 0
    served, saved = readings("served"), readings("saved")
    assert [each.step for each in served] == [0, 10, 20]
    for one, other in zip(served, saved, strict=True):
        assert [(o.anchor_id, o.text, o.finish) for o in one.check.outputs] == [
            (o.anchor_id, o.text, o.finish) for o in other.check.outputs
        ]
        assert [(s.metric, s.value) for s in one.scores if s.metric == "changed"] == [
            (s.metric, s.value) for s in other.scores if s.metric == "changed"
        ]
        assert one.check.cost.new_tokens > 0
        for output in one.check.outputs:
            assert output.tokens == ()
            assert output.likelihoods == {}
            assert len(output.samples) == (2 if one.step == 0 else 0)
            assert all(sample.finish in ("stop", "length") and not sample.tokens for sample in output.samples)
    missing = ("logprob_lost", "kl", "margin", "preference", "tokens")
    assert {score.value for each in served for score in each.scores if score.metric in missing} == {None}
    assert not any(contract.name == "max_tokens" for each in served for contract in each.contracts)
    assert cli("show", "served").code == 0
    assert cli("report", "served", "saved").code == 0
    against = cli("compare", "saved", "served", "--json").json["against"][0]
    assert [cause["name"] for cause in against["causes"]] == []


def test_a_model_that_the_server_has_not_is_told_with_those_it_has(replay, url) -> None:
    refused = replay("--endpoint", url, "shop/checkpoint-11")
    assert refused.code == 2
    assert "does not answer as 'shop/checkpoint-11' (did you mean 'shop/checkpoint-10'?)" in refused.err
    assert "it offers shop/base, shop/checkpoint-10, shop/checkpoint-20" in refused.err
    assert not Path("anchorwatch.db").exists()
    wrong = replay("--endpoint", url.removesuffix("/v1"), MODELS[1])
    assert wrong.code == 2
    assert "most servers want a URL that ends in /v1" in wrong.err


def test_a_server_that_goes_away_costs_no_more_than_the_check_under_way(cache) -> None:
    port = free_port()
    asked = ["--endpoint", f"http://127.0.0.1:{port}/v1", *MODELS, "--name", "served"]
    with serving(cache, port) as server:
        command = [sys.executable, "-m", "anchorwatch", "replay", "--anchors", SET, *asked]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        while "baseline of 4 anchors" not in process.stderr.readline():
            pass
        server.kill()
        said = process.stderr.read().strip().splitlines()[-1]
        assert process.wait() == 2
        process.stderr.close()
    assert f"the server at http://127.0.0.1:{port}/v1 does not answer any more" in said
    assert "of 3 checks are recorded, and the same command goes on from there" in said
    assert 1 <= len(readings("served")) < 3
    with Store() as store:
        assert [run.status for run in store.runs()] == ["failed"]
