from __future__ import annotations

import json
from functools import partial

import pytest

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
    assert lines[0].startswith("step 40  alarm  contract_broken refund: refund: compare its output")
    assert lines[1] == "step 60  over  contract_broken refund"
    assert "nothing new at 1 of 3 checks, 0 flags at the last one" in out


def test_flags_as_json(judge) -> None:
    with Store() as store:
        run = record(store)
    found = json.loads(judge("--json")[1])
    assert (found["run"], found["name"], found["planned"]) == (run.id, "shop", 20)
    assert [check["step"] for check in found["checks"]] == [0, 40]
    (flag,) = found["checks"][1]["flags"]
    assert (flag["rule"], flag["level"], flag["anchor_ids"]) == ("contract_broken", "alarm", ["refund"])
    assert json.loads(judge("--json", "--planned", "30")[1])["planned"] == 30


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
    [(["nope"], "no run 'nope'"), (["--planned", "0"], "--planned"), (["unborn"], "has no check yet")],
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
