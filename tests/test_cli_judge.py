from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import pytest

from anchorwatch.anchors import load
from anchorwatch.judge.run import RunJudge
from anchorwatch.judge.trends import ALARM, WATCH
from anchorwatch.records import RunInfo, Sample
from anchorwatch.store import Store
from example_run import ANCHORS, BEFORE, reading, record


@pytest.fixture
def judge(cli):
    """Calls `anchorwatch judge` in this process; returns code, stdout and stderr."""
    return partial(cli, "judge")


def test_flags_are_told_by_step(judge) -> None:
    with Store() as store:
        run = record(store)
        store.begin_attempt(run.id, 40)
        store.add_reading(run.id, reading(BEFORE, 60, store.reading(run.id, 0)))
    code, out, _ = judge("shop")
    assert code == 0
    lines = [line for line in out.splitlines() if line.startswith("step ")]
    assert lines[0].startswith("step 40  alarm  contract_broken refund: compare its output")
    assert lines[1] == "step 60  over  contract_broken refund"
    assert "nothing new at 1 of 3 checks, 0 flags at the last one" in out
    assert ", 3 checks\n" in out, "all are judged, none is shown"


def test_one_is_not_many(judge) -> None:
    with Store() as store:
        record(store)
    assert "nothing new at 1 of 2 checks, 1 flag at the last one" in judge("shop")[1]


def test_flags_as_json(judge) -> None:
    with Store() as store:
        run = record(store)
    found = json.loads(judge("--json")[1])
    assert (found["run"], found["name"], found["planned"]) == (run.id, "shop", 20)
    assert [check["step"] for check in found["checks"]] == [0, 40]
    (flag,) = found["checks"][1]["flags"]
    assert (flag["rule"], flag["level"], flag["anchor_ids"]) == ("contract_broken", "alarm", ["refund"])
    assert json.loads(judge("--json", "--planned", "30")[1])["planned"] == 30


@pytest.fixture
def fallen() -> RunInfo:
    """A stored run of 20 anchors, 12 of which lose what they must say at step 20 of 40."""
    anchor_set = load(
        [{"id": f"a{n}", "kind": "core", "prompt": f"{n}?", "expect": {"includes": ["nine"]}} for n in range(20)]
    )
    before = {anchor.id: "We open at nine." for anchor in anchor_set.anchors}
    after = {**before, **{f"a{n}": "We are open." for n in range(12)}}
    baseline = reading(before, anchors=anchor_set)
    outputs = tuple(replace(output, samples=(Sample(output.text),) * 4) for output in baseline.check.outputs)
    baseline = replace(baseline, check=replace(baseline.check, outputs=outputs))
    later = [reading(before if step < 20 else after, step, baseline, anchor_set) for step in (10, 20, 30, 40)]
    run = RunInfo("fa11", "fallen", anchor_set.name, anchor_set.version, anchor_set.digest, {"checks.planned": 4})
    judge = RunJudge(anchor_set.anchors, run.factors)
    with Store() as store:
        store.begin_run(run, anchor_set)
        store.begin_attempt(run.id, 0)
        for made in (baseline, *later):
            judge.add(made)
            store.add_reading(run.id, replace(made, flags=judge.flags(())))
    return run


def test_thresholds_are_changed_without_training_again(judge, fallen) -> None:
    def found(*options: str) -> dict[int, list[dict]]:
        told = json.loads(judge("fallen", "--json", *options)[1])
        return {
            each["step"]: [flag for flag in each["flags"] if flag["rule"] == "regressed"] for each in told["checks"]
        }

    with Store() as store:
        stored = {each.step: each.flags for each in store.readings(fallen.id)}
    usual = json.loads(judge("fallen", "--json")[1])
    assert (usual["alarm"], usual["watch"]) == (ALARM, WATCH)
    assert {each["step"]: each["flags"] for each in usual["checks"]} == {
        step: json.loads(json.dumps([vars(flag) for flag in flags])) for step, flags in stored.items()
    }
    p = {step: flags[0]["evidence"]["behaviour"]["p"] for step, flags in found().items() if flags}
    assert sorted(p) == [20, 30, 40]
    assert p[20] > p[40], "what a single check shows is less sure"
    between = str((p[20] + p[40]) / 2)
    assert [step for step, flags in found("--alarm", between, "--watch", between).items() if flags] == [30, 40]
    assert found("--alarm", str(p[40] / 2), "--watch", str(p[40] / 2))[40] == []


def test_thresholds_that_are_not_the_usual_ones_are_told(judge, fallen) -> None:
    assert "judged with" not in judge("fallen")[1]
    assert "judged with an alarm at p ≤ 0.01 and a watch at p ≤ 0.1\n" in judge("--alarm", "0.01", "--watch", "0.1")[1]
    told = json.loads(judge("--json", "--watch", "0.1")[1])
    assert (told["alarm"], told["watch"]) == (ALARM, 0.1)
    usage = " ".join(judge("--help")[1].split())
    assert f"may have an alarm; default: {ALARM}." in usage
    assert f"may have a watch; default: {WATCH}." in usage


def test_a_run_under_way_is_judged_as_one_of_twenty_checks(judge) -> None:
    with Store() as store:
        run = record(store)
        store.begin_attempt(run.id, 40)
    assert json.loads(judge("--json")[1])["planned"] == 20


def test_model_text_never_steers_the_terminal(judge) -> None:
    with Store() as store:
        record(store, name="\x1b[2J[bold]x[/bold]")
    out = judge()[1]
    assert "\x1b" not in out
    assert "[bold]x[/bold]" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["shop", "--alarm", "0"], "alarm=0, watch=0.25: give error rates of a whole run, 0 < alarm ≤ watch ≤ 0.5"),
        (["shop", "--alarm", "0.3"], "alarm=0.3, watch=0.25"),
        (["shop", "--watch", "0.6"], "alarm=0.05, watch=0.6"),
        (["shop", "--watch", "nan"], "watch=nan"),
        (["--alarm", "often"], "--alarm"),
        (["nope"], "no run 'nope'"),
        (["--planned", "0"], "--planned"),
        (["unborn"], "has no check yet"),
    ],
)
def test_what_goes_wrong_is_one_line(judge, arguments, says) -> None:
    with Store() as store:
        run = record(store)
        store.begin_run(type(run)("0000", "unborn", "s", 1, "d"), ANCHORS)
    code, out, err = judge(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err


def test_judging_imports_no_torch_and_no_tracker(imported) -> None:
    with Store() as store:
        record(store)
    assert not imported("judge") & {"torch", "transformers", "mlflow", "wandb", "trackio", "datasets", "pandas"}
