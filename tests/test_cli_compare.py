from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import partial

import pytest

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import RunInfo
from anchorwatch.store import Store
from example_run import AFTER, ANCHORS, BEFORE, reading

ESCAPE = "\x1b[2J\x1b]0;owned\x07\u202e[bold]x[/bold] \x9b31m"
FACTORS = {"args.learning_rate": 1e-3, "args.seed": 0, "data.digest": "d1", "model.id": "m", "code.digest": "c"}


@pytest.fixture
def compare(cli):
    """Calls `anchorwatch compare` in this process; returns code, stdout and stderr."""
    return partial(cli, "compare")


def record(name: str, factors=None, after=AFTER, anchors: AnchorSet = ANCHORS, steps=(20, 40)) -> None:
    """Writes a run with a baseline and full checks that answer `after`, then a drift check at step 50."""
    info = RunInfo(f"id-{name}"[:12], name, anchors.name, anchors.version, anchors.digest, FACTORS | (factors or {}))
    baseline = reading({each.id: BEFORE.get(each.id, "?") for each in anchors.anchors}, anchors=anchors)
    with Store() as store:
        store.begin_run(info, anchors)
        store.begin_attempt(info.id, 0)
        store.add_reading(info.id, baseline)
        for step in steps:
            store.add_reading(info.id, reading(after, step, baseline, anchors))
        drift = reading(after, 50, baseline, anchors)
        store.add_reading(info.id, replace(drift, check=replace(drift.check, trigger="drift")))


@pytest.fixture
def runs() -> None:
    record("base")
    record("slow", {"args.learning_rate": 2e-4}, {**AFTER, "refund": BEFORE["refund"], "hours": "Later."})


def test_it_is_said_what_differs_and_what_that_allows_to_say(compare, runs):
    code, out, _ = compare("base", "slow")
    assert code == 0
    told = " ".join(out.split())
    assert "B differs from A in the learning rate (learning_rate 0.001 → 0.0002) alone." in told
    assert "no two of the runs differ in the seed alone" in told
    assert "compared on 3 anchors" in told
    assert "learning rate: learning_rate 0.001 → 0.0002" in told
    assert "contract pass 50% 50% 0 (−98 to +98)" in told


def test_the_last_full_checks_are_compared_or_those_at_a_step(compare, runs):
    steps = [run["step"] for run in json.loads(compare("base", "slow", "--json")[1])["runs"]]
    assert steps == [40, 40]
    steps = [run["step"] for run in json.loads(compare("base", "slow", "--json", "--step", "20")[1])["runs"]]
    assert steps == [20, 20]


def test_anchors_better_and_worse_are_shown_with_both_answers(compare, runs):
    out = compare("base", "slow")[1]
    worse, _, better = out.partition("better in B: 1 anchor")
    assert "worse in B: 1 anchor" in worse
    assert "hours  core" in worse
    assert "[-At nine in the morning-]" in worse
    assert "refund  risk · answers → refuses" in better
    assert "2 of 3 answers differ" in better


def test_answers_that_switch_no_contract_are_shown_on_request(compare):
    record("base")
    record("other", {"args.seed": 1}, {**AFTER, "greeting": "我们打烊了。"})
    assert "--changed prints the 1 that switch no contract" in compare("base", "other")[1]
    assert "打烊了" not in compare("base", "other")[1]
    assert "打烊了" in compare("base", "other", "--changed")[1]


def test_repeats_tell_how_much_the_seed_moves(compare, runs):
    record("again", {"args.seed": 1})
    told = " ".join(compare("base", "slow", "again")[1].split())
    assert "C differs from A in the seed alone: what their answers differ in is seed noise." in told
    assert "(A and C against B)" in told
    assert "cannot be put down to the learning rate" in told
    assert "seed ±" in told


def test_several_causes_and_the_run_that_would_tell_them_apart(compare, runs):
    record("both", {"args.learning_rate": 2e-4, "data.digest": "d2"})
    told = " ".join(compare("base", "both")[1].split())
    assert "B differs from A in 2 things at once" in told
    assert "A run with B's learning rate and A's training data would tell them apart." in told
    assert "A and C differ in the learning rate alone" in " ".join(compare("base", "both", "slow")[1].split())


def test_other_anchors_are_named_and_not_compared(compare, runs):
    rows = [each.model_dump(mode="json", exclude_none=True) for each in ANCHORS.anchors]
    rows[1]["prompt"] = "Are you open at night?"
    rows[2]["expect"] = {"includes": ["十"]}
    record("newer", anchors=AnchorSet.model_validate({"name": "dataset", "version": 2, "anchors": rows}))
    code, out, _ = compare("base", "newer")
    told = " ".join(out.split())
    assert code == 0
    assert "the runs were watched with different anchors: compared on 2 anchors" in told
    assert "left out, 1: hours (asks something else in B)" in told
    assert "not expected the same, so their contracts are not compared: greeting" in told


def test_scores_of_other_classifiers_are_warned_of(compare):
    record("base", {"metric.action": "1"})
    record("other", {"metric.action": "hf:x"})
    told = " ".join(compare("base", "other")[1].split())
    assert "warning: scored differently, not comparable: action, contract pass (metric.action 1 → hf:x)" in told


def test_json_holds_all_that_the_terminal_says_and_full_texts(compare, runs):
    found = json.loads(compare("base", "slow", "--json")[1])
    assert [run["label"] for run in found["runs"]] == ["A", "B"]
    assert found["reference"] == "A"
    (attribution,) = found["attribution"]
    assert (attribution["verdict"], attribution["runs"], attribution["freedom"]) == ("one", ["B"], 0)
    assert attribution["says"][0].startswith("B differs from A in the learning rate")
    assert attribution["causes"] == [
        {"name": "learning rate", "factors": [{"name": "args.learning_rate", "reference": 1e-3, "other": 2e-4}]}
    ]
    (against,) = found["against"]
    change = next(each for each in against["changes"] if (each["metric"], each["group"]) == ("contract_pass", "risk"))
    assert (change["reference"], change["other"], change["difference"]["value"]) == (0.0, 1.0, 1.0)
    refund = against["answers"][0]
    assert (refund["reference"], refund["other"]) == (AFTER["refund"], BEFORE["refund"])
    assert [each["name"] for each in refund["better"]] == ["action", "excludes"]


@pytest.mark.parametrize("arguments", [[], ["--changed"], ["--all"], ["--json"]])
def test_model_text_never_steers_the_terminal(compare, arguments):
    hostile = {**AFTER, "refund": ESCAPE, "greeting": "\ud800" + ESCAPE, "hours": ESCAPE + "x" * 1_000_000}
    record(f"name{ESCAPE}", {"args.note": ESCAPE, "data.digest": float("nan"), f"own.{ESCAPE}": [ESCAPE]})
    record("other", {"args.note": "plain"}, hostile)
    code, out, _ = compare(f"name{ESCAPE}", "other", *arguments)
    assert code == 0
    assert not set("\x1b\x07\x9b\u202e") & set(out)
    assert "[bold]x[/bold]" in out


def test_it_is_the_same_through_a_pipe_at_80_columns(runs):
    record("again", {"args.seed": 1})
    shown = subprocess.run(
        [sys.executable, "-m", "anchorwatch", "compare", "base", "slow", "again"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "\x1b" not in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Missing argument"),
        (["base"], "two runs or more; found 1"),
        (["base", "base"], "'base' (id-base) twice"),
        (["base", "slwo"], "did you mean 'slow'?"),
        (["base", "slow", "--step", "30"], "there are checks at: 0, 20, 40, 50"),
        (["base", "alien"], "no anchor with the same id and the same question"),
        (["base", "unborn"], "has no check yet"),
    ],
)
def test_what_goes_wrong_is_one_line(compare, runs, arguments, says):
    alien = AnchorSet.model_validate({"name": "alien", "anchors": [{"id": "x", "kind": "core", "prompt": "Hm?"}]})
    record("alien", after={"x": "y"}, anchors=alien)
    with Store() as store:
        store.begin_run(RunInfo("0000", "unborn", "s", 1, "d"), ANCHORS)
    code, out, error = compare(*arguments)
    assert (code, out) == (2, "")
    assert says in error
    assert error.startswith("anchorwatch: error: ")
    assert error.count("\n") == 1


def test_comparing_imports_neither_torch_nor_a_tracker_nor_the_metrics(imported, runs):
    slow = {"torch", "transformers", "mlflow", "wandb", "datasets", "pandas", "anchorwatch.metrics"}
    assert not imported("compare", "base", "slow") & slow
