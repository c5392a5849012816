"""What cannot be replayed is said in one line, before any model is loaded and before anything is recorded."""

from __future__ import annotations

import json
import os
import shutil
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from replay_samples import LORA, SET, train

from anchorwatch.testing import tiny_model, tiny_tokenizer


@pytest.fixture
def refused(replay):
    """Calls the command; returns the one line that it ends with. Nothing was recorded, no weights were read."""

    def call(*arguments: str) -> str:
        result = replay(*arguments)
        assert result.code == 2, result
        line = result.err.strip().splitlines()[-1]
        assert line.startswith("anchorwatch: error: ")
        assert not Path("anchorwatch.db").exists()
        return line

    return call


@pytest.fixture
def folder() -> Path:
    """A folder "out" with checkpoints that are none: their weights are empty."""
    for step in (10, 20):
        target = Path(f"out/checkpoint-{step}")
        shutil.copytree("base", target)
        (target / "model.safetensors").write_bytes(b"")
    return Path("out")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("out/checkpoint-2", "there is no folder out/checkpoint-2 (did you mean 'checkpoint-20'?)"),
        ("ouf", "there is no folder ouf (did you mean 'out'?)"),
        (SET, f"{SET} is a file: a checkpoint is a folder"),
        ("empty", "empty holds no model (looked for config.json with *.safetensors"),
        ("runs", "did you mean 'runs/one/checkpoint-5'?"),
    ],
)
def test_a_path_that_holds_no_model(refused, folder, given, said) -> None:
    Path("empty").mkdir()
    shutil.copytree("out/checkpoint-10", "runs/one/checkpoint-5")
    assert said in refused(given)


def test_a_checkpoint_cut_off_while_it_was_saved_is_left_out(replay, folder) -> None:
    shutil.copytree("base", "out/checkpoint-30")
    shutil.rmtree("out/checkpoint-10")
    (folder / "checkpoint-20" / "model.safetensors").unlink()
    done = replay("out")
    assert done.code == 0
    assert "out/checkpoint-20 is left out: it holds no model" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["out", "out/checkpoint-10"], "the checkpoint out/checkpoint-10 is given twice"),
        (["out", "--base", "./nowhere"], "the base model './nowhere' cannot be found"),
        (["out", "--device", "cuda:99"], "no device 'cuda:99'"),
        (["out", "--store", "mysql://x/y"], "unknown kind of store 'mysql'"),
        (["out", "--endpoint", "localhost:8000"], "an endpoint is a URL like http://localhost:8000/v1"),
        (["m", "--endpoint", "http://a:b:c/v1"], "found 'http://a:b:c/v1'"),
        (["m", "--endpoint", "http://[::1/v1"], "found 'http://[::1/v1'"),
        (["m", "--endpoint", "http://a:se/cret@h/v1"], "found 'http://h/v1'"),
        (["m", "--endpoint", "http://"], "found 'http://'"),
        (["m", "--endpoint", "http://127.0.0.1:9\n/v1"], "an endpoint is a URL like http://localhost:8000/v1"),
        (["m", "--endpoint", "http://a..b/v1"], "no server answers at http://a..b/v1"),
        (["out", "--endpoint", "http://127.0.0.1:9/v1"], "no server answers at http://127.0.0.1:9/v1"),
        (["out", "--endpoint", "http://127.0.0.1:9/v1", "--device", "cpu"], "--device says where models are loaded"),
    ],
)
def test_arguments_that_cannot_be(refused, folder, arguments, said) -> None:
    assert said in refused(*arguments)


def test_an_unknown_anchor_set(cli, folder) -> None:
    result = cli("replay", "--anchors", "suport-en", "out")
    assert result.code == 2
    assert "did you mean 'support-en'?" in result.err


def test_prompts_that_do_not_fit(refused) -> None:
    tiny_model(context=64).save_pretrained("short")
    tiny_tokenizer().save_pretrained("short")
    Path("short/model.safetensors").write_bytes(b"")
    assert "short: anchor 'late-refund': its prompt of" in refused("short")


def test_a_tokenizer_that_is_missing_or_has_no_template(refused, folder) -> None:
    for path in [*folder.glob("*/tokenizer*"), *folder.glob("*/chat_template*")]:
        path.unlink()
    assert "out/checkpoint-10 has no tokenizer" in refused("out")
    bare = tiny_tokenizer()
    bare.chat_template = None
    bare.save_pretrained("out/checkpoint-20")
    bare.save_pretrained("out/checkpoint-10")
    assert "out/checkpoint-10: the tokenizer 'out/checkpoint-10' has no chat template" in refused("out")


def test_adapters_whose_base_model_is_unclear(refused) -> None:
    train(LORA)
    for step, base in ((2, "base"), (4, "./other"), (6, None)):
        path = Path(f"out/checkpoint-{step}/adapter_config.json")
        config = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**config, "base_model_name_or_path": base}), encoding="utf-8")
    assert "the adapter out/checkpoint-6 does not say what its base model is: name it with --base" in refused("out")
    assert "adapters of 2 base models (base, ./other)" in refused("out", "--base", "base")
    shutil.rmtree("out/checkpoint-6")
    assert "the base model './other' of the adapter out/checkpoint-4 cannot be found" in refused("out")


@pytest.mark.parametrize(
    ("package", "arguments"), [("peft", ["out"]), ("openai", ["m", "--endpoint", "http://127.0.0.1:9/v1"])]
)
def test_a_package_that_is_not_installed(refused, monkeypatch, package, arguments) -> None:
    Path("out").mkdir()
    Path("out/adapter_config.json").write_text('{"base_model_name_or_path": "base"}', encoding="utf-8")
    Path("out/adapter_model.safetensors").write_bytes(b"")
    monkeypatch.setitem(sys.modules, package, None)  # how the import system marks what is not there
    assert f"{package}, which is not installed: pip install 'anchorwatch[replay]'" in refused(*arguments)


class _WebPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Hello</html>")

    def log_message(self, *_: object) -> None:
        """Keep standard error clean."""


def test_a_web_page_is_no_server(refused) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _WebPage) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        assert f"what answers at {url} is no OpenAI-compatible server" in refused("--endpoint", url, "m")
        server.shutdown()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_that_cannot_be_written(refused, folder) -> None:
    Path("locked").mkdir(mode=0o500)
    assert "read-only" in refused("out", "--store", "sqlite:///locked/a.db")
