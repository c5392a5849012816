"""A server is believed nothing: what it sends, how much, how slowly, and why it refuses."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from odd_server import Odd, Write, completion, serving
from replay_samples import readings

from anchorwatch.store import Store

pytest.importorskip("openai")


@pytest.fixture
def odd() -> Iterator[Odd]:
    with serving(Odd()) as odd:
        yield odd


@pytest.fixture
def failed(replay, odd) -> Callable[..., str]:
    """Asks the server for "tuned"; returns the one line with which that fails."""

    def call(*arguments: str) -> str:
        result = replay("--endpoint", odd.url, "tuned", *arguments)
        assert result.code == 2, result
        assert "Traceback" not in result.err
        line = result.err.strip().splitlines()[-1]
        assert line.startswith("anchorwatch: error: ")
        assert odd.url in line
        return line

    return call


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"{not json", "its answer is no JSON: '{not json'"),
        (b"", "its answer is no JSON: ''"),
        (b"\xff\xfe\xff", "its answer is no JSON"),
        (b"[" * 100_000, "its answer is no JSON"),
        (b"null", "it has no list of choices"),
        ([1], "it has no list of choices"),
        (completion(choices="abc"), "it has no list of choices"),
        (completion(choices=[]), "it has no list of choices"),
        (completion(choices=[None]), "its first choice has no message"),
        (completion(choices=[{"message": None}]), "its first choice has no message"),
        (completion({"content": [{"type": "text", "text": "hi"}]}), "its content is no text but list"),
        (completion({"content": 5}), "its content is no text but int"),
        ({"error": {"message": "overloaded"}}, "it says: overloaded"),
    ],
)
def test_what_is_no_chat_completion_is_told_with_who_sent_it_and_for_what(failed, odd, answer, said) -> None:
    odd.answer = answer
    line = failed()
    assert "for the anchor " in line
    assert "for 'tuned'" in line
    assert said in line
    assert not re.search(r"\b[A-Z]\w*Error\b", line)


@pytest.mark.parametrize("usage", [None, "abc", {"prompt_tokens": None}, {"completion_tokens": "b"}])
def test_a_use_that_is_no_number_counts_as_none(replay, odd, usage) -> None:
    odd.answer = completion(usage=usage)
    assert replay("--endpoint", odd.url, "tuned").code == 0
    (reading,) = readings("tuned")
    assert (reading.check.cost.prompt_tokens, reading.check.cost.new_tokens) == (0, 0)
    assert {output.text for output in reading.check.outputs} == {"At nine."}


def drips(write: Write) -> None:
    while True:
        write(b" ")
        time.sleep(0.02)


def endless(write: Write) -> None:
    while True:
        write(b" " * 2**16)


@pytest.mark.parametrize("where", ["answer", "refusal", "models"])
def test_an_answer_without_an_end_is_not_read_to_it(failed, odd, where) -> None:
    if where == "models":
        odd.models = endless
    else:
        odd.answer, odd.status = endless, 200 if where == "answer" else 400
    assert "it answers with more than 16 MiB" in failed("--batch-size", "1")
    assert odd.gone.wait(60)


def test_a_compressed_answer_is_not_unpacked(failed, odd) -> None:
    odd.models, odd.headers = gzip.compress(b" " * 2**20), {"Content-Encoding": "gzip"}
    assert "it answers compressed" in failed()


@pytest.mark.parametrize("where", ["answer", "models"])
def test_an_answer_that_drips_is_not_waited_for(failed, odd, monkeypatch, where) -> None:
    monkeypatch.setattr("anchorwatch.replay.client.SECONDS", 0.5)
    setattr(odd, where, drips)
    assert "its answer is not complete after 0.5 s" in failed()
    assert odd.gone.wait(60)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": "\x1b[31mboom"}, r"Error code: 400 - \x1b[31mboom"),
        ({"detail": "no room\nfor this"}, 'Error code: 400 - {"detail": "no room'),
        ({"error": {"message": "too long", "type": "x"}}, "Error code: 400 - too long"),
        (b"plain words", "Error code: 400 - plain words"),
        (b"", "Error code: 400"),
        ([["reason " * 1000]], "Error code: 400 - "),
    ],
)
def test_why_a_server_refuses_is_told(failed, odd, body, said) -> None:
    odd.answer, odd.status = body, 400
    line = failed()
    assert said in line
    assert len(line) < 700


def test_a_refusal_is_the_answer_and_a_filter_is_told_once(replay, odd) -> None:
    odd.answer = completion({"content": None, "refusal": "I will not do that."}, "content_filter")
    done = replay("--endpoint", odd.url, "tuned", "--base", "base")
    assert done.code == 0, done.err
    assert [{output.text for output in each.check.outputs} for each in readings("tuned")] == [
        {"I will not do that."}
    ] * 2
    assert "the server's filter ended answers of 'base' (content_filter; anchor 'hours', 4 of 4" in done.err
    assert done.err.count("filter ended") == 1
    odd.answer = completion({"content": "Sure.", "refusal": ""})
    again = replay("--endpoint", odd.url, "tuned", "--again", "--name", "open")
    assert "filter" not in again.err
    assert {output.text for output in readings("open")[0].check.outputs} == {"Sure."}


def test_what_is_secret_in_a_url_is_sent_and_not_kept(replay, cli, odd) -> None:
    secret = odd.url.replace("//", "//me:hidden@") + "?api-key=hidden&api-version=2"
    done = replay("--endpoint", secret, "tuned", "--name", "served")
    assert done.code == 0, done.err
    path, headers = odd.asked[0]
    assert path == "/v1/chat/completions?api-key=hidden&api-version=2"
    assert headers["Authorization"].startswith("Basic ")
    with Store() as store:
        assert store.run("served").info.factors["checks.replayed"] == odd.url
    told = cli("show", "served", "--json").out
    assert odd.url in told
    odd.status = 400
    failed = replay("--endpoint", secret, "tuned", "--again")
    assert odd.url in failed.err
    assert "hidden" not in done.err + done.out + told + failed.err


@pytest.mark.parametrize("key", ["sk-hidden\n", "schlüssel-hidden"])
def test_a_key_that_no_request_can_carry_is_not_shown(replay, odd, monkeypatch, key) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    refused = replay("--endpoint", odd.url, "tuned")
    assert refused.code == 2
    assert "the key in $OPENAI_API_KEY is none" in refused.err
    assert "hidden" not in refused.err


def in_a_loop(replay: Callable[..., Any], *arguments: str) -> Any:
    """The command, called where an event loop is running: as in a notebook."""

    async def cell() -> Any:
        return replay(*arguments)

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(cell())
    finally:
        loop.close()


def test_it_works_where_an_event_loop_is_running(replay, odd) -> None:
    done = in_a_loop(replay, "--endpoint", odd.url, "tuned")
    assert done.code == 0, done.err
    assert len(readings("tuned")) == 1


def test_an_interrupt_ends_what_is_under_way(replay, odd) -> None:
    once = threading.Lock()

    def answers_four(write: Write) -> None:
        if len(odd.asked) == 8 and once.acquire(blocking=False):
            os.kill(os.getpid(), signal.SIGINT)
        if len(odd.asked) > 4:
            drips(write)
        write(json.dumps(completion()).encode())

    odd.answer = answers_four
    before = set(threading.enumerate())
    done = in_a_loop(replay, "--endpoint", odd.url, "base", "tuned", "--batch-size", "4")
    assert done.code == 130
    assert not [each for each in threading.enumerate() if each not in before and each.name.startswith("anchorwatch")]
    assert "stopped: 1 of 2 checks are recorded, and the same command goes on from there" in done.err
    assert "begins anew" not in done.err
    assert odd.gone.wait(60)
    assert len(readings("tuned")) == 1
