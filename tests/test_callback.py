"""The checks of a training stand at the right steps, whatever the trainer does."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from transformers import EarlyStoppingCallback, TrainerCallback

from anchorwatch import AnchorWatch
from anchorwatch.anchors import load
from anchorwatch.errors import ConfigurationError
from anchorwatch.store import Store
from training import dataset, digest, steps_of, trainer

EVALUATES = {"eval_strategy": "steps", "eval_steps": 2}


@pytest.mark.parametrize(
    ("every", "arguments", "expected"),
    [
        (2, {}, [0, 2, 4, 6]),
        (4, {}, [0, 4, 6]),
        (100, {}, [0, 6]),
        (0.5, {}, [0, 3, 6]),
        ("auto", {}, [0, 1, 2, 3, 4, 5, 6]),
        ("auto", {"max_steps": 40}, [0, *range(2, 41, 2)]),
        ("eval", EVALUATES, [0, 2, 4, 6]),
        ("eval", {**EVALUATES, "eval_steps": 4}, [0, 4, 6]),
        ("eval", {"eval_strategy": "epoch", "max_steps": -1, "num_train_epochs": 2}, [0, 12, 24]),
        ("save", {"save_strategy": "steps", "save_steps": 3}, [0, 3, 6]),
        (5, {"max_steps": -1, "num_train_epochs": 1}, [0, 5, 10, 12]),
        (2, {"max_steps": -1, "num_train_epochs": 1, "gradient_accumulation_steps": 4}, [0, 2, 3]),
        (2, {**EVALUATES, "eval_on_start": True}, [0, 2, 4, 6]),
    ],
)
def test_checks_stand_at_the_right_steps(every, arguments, expected, anchor_set) -> None:
    trainer(AnchorWatch(anchor_set, every=every, budget=None, verbose=False), **arguments).train()
    assert steps_of() == expected


def test_several_evaluation_sets_make_one_check_a_step(anchor_set) -> None:
    trained = trainer(AnchorWatch(anchor_set, every="eval", budget=None, verbose=False), **EVALUATES)
    trained.eval_dataset = {"faq": dataset(4), "mail": dataset(8)}
    trained.train()
    assert steps_of() == [0, 2, 4, 6]
    with Store() as store:
        names = {point.name for point in store.losses(store.run("latest").info.id)}
    assert names == {"loss", "eval_faq_loss", "eval_mail_loss"}


def _slow(anchor, output, baseline) -> float:
    """A check takes a second and more, and the training of a tiny model a fraction of that."""
    time.sleep(0.25)
    return 1.0


@pytest.mark.parametrize(
    ("options", "arguments", "left_out"),
    [
        ({}, {}, 19),
        ({"every": 0.1, "drift_every": 0.05}, {}, 9),
        ({"every": "eval"}, EVALUATES, 9),
        ({"every": "save"}, {"save_strategy": "steps", "save_steps": 2}, 9),
    ],
)
def test_the_default_budget_leaves_checks_out_and_says_so_once(
    options, arguments, left_out, anchor_set, caplog, capsys
) -> None:
    trainer(AnchorWatch(anchor_set, metrics=[_slow], **options), max_steps=20, **arguments).train()
    assert steps_of() == [0, 20], "the baseline and the last check are always made"
    assert caplog.text.count("budget=0.02 (2% of the training time) pays for 0 more checks") == 1
    summary = " ".join(capsys.readouterr().err.split())
    assert summary.count(f"left out {left_out} of {left_out} checks") == 1
    assert summary.count("raise budget=, or fix the cadence by a number of steps") == 1


def test_no_budget_leaves_out_a_number_of_steps(anchor_set, caplog, capsys) -> None:
    trainer(AnchorWatch(anchor_set, every=3, drift_every=1, budget=1e-9)).train()
    assert _triggers() == {0: "baseline", 1: "drift", 2: "drift", 3: "schedule", 4: "drift", 5: "drift", 6: "end"}
    assert "budget=" not in caplog.text + capsys.readouterr().err


def test_a_budget_holds_for_a_resumed_run_and_a_smaller_batch(anchor_set) -> None:
    saves = {"save_strategy": "steps", "save_steps": 3, "auto_find_batch_size": True}

    def watch() -> AnchorWatch:
        return AnchorWatch(anchor_set, every="auto", budget=1e-9, verbose=False)

    trainer(watch(), callbacks=[_RunsOut(2)], **saves).train()
    trainer(watch(), max_steps=9, **saves).train(resume_from_checkpoint=True)
    assert steps_of() == [0, 6, 9]


def _triggers(run: str = "latest") -> dict[int, str]:
    with Store() as store:
        return {reading.step: reading.check.trigger for reading in store.readings(store.run(run).info.id)}


def test_a_drift_check_has_every_output_and_measures_how_far_the_model_moved(anchor_set) -> None:
    sampled = anchor_set.model_copy(
        update={"anchors": tuple(anchor.model_copy(update={"samples": 2}) for anchor in anchor_set.anchors)}
    )
    trainer(AnchorWatch(sampled, every=6, drift_every=2, verbose=False)).train()
    assert _triggers() == {0: "baseline", 2: "drift", 4: "drift", 6: "end"}
    with Store() as store:
        run = store.run("latest").info.id
        drifted, last = store.reading(run, 4), store.reading(run, 6)
    assert [output.anchor_id for output in drifted.check.outputs] == [output.anchor_id for output in last.check.outputs]
    assert drifted.score("late-refund", "logprob_lost").value is not None
    assert drifted.score("late-refund", "preference").value is None, "a missing score is missing"
    assert last.score("late-refund", "preference").value is not None
    assert drifted.score("hours", "sample_agreement").value is None
    assert [contract.key for contract in drifted.contracts] == [contract.key for contract in last.contracts]


def test_a_full_check_takes_the_place_of_a_drift_check(anchor_set) -> None:
    """What an epoch's end, or another callback, asks for comes after the drift check of the same step."""
    watch = AnchorWatch(anchor_set, every=100, drift_every=4, verbose=False)
    per_epoch = {"max_steps": -1, "num_train_epochs": 3, "eval_strategy": "epoch", "save_strategy": "epoch"}
    best = {"metric_for_best_model": "anchors/all/preference", "load_best_model_at_end": True}
    trained = trainer(watch, callbacks=[_StopsAt(24)], **per_epoch, **best)
    trained.train()
    assert _triggers() == {0: "baseline", 4: "drift", 8: "drift", 12: "evaluate", 16: "drift", 20: "drift", 24: "end"}
    with Store() as store:
        reading = store.reading(store.run("latest").info.id, 12)
    assert reading.score("late-refund", "preference").value is not None
    assert trained.state.best_metric is not None


def test_losses_are_joined_with_checks_by_step(anchor_set) -> None:
    trained = trainer(AnchorWatch(anchor_set, every=2, verbose=False), **EVALUATES)
    trained.train()
    logged = {
        (row["step"], name): row[name] for row in trained.state.log_history for name in row if name.endswith("loss")
    }
    with Store() as store:
        kept = {(point.step, point.name): point.value for point in store.losses(store.run("latest").info.id)}
    assert kept == {key: value for key, value in logged.items() if key[1] != "train_loss"}
    assert {step for step, _ in kept} >= {2, 4, 6}


class _StopsAt(TrainerCallback):
    def __init__(self, step: int) -> None:
        self.step = step

    def on_evaluate(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        control.should_training_stop = state.global_step >= self.step


def test_a_run_that_stops_early_gets_its_last_check(anchor_set) -> None:
    watch = AnchorWatch(anchor_set, every=100, verbose=False)
    trainer(watch, callbacks=[_StopsAt(4)], **EVALUATES).train()
    assert steps_of() == [0, 4]


PER_EPOCH = {"eval_strategy": "epoch", "max_steps": -1, "num_train_epochs": 3}


class _StopsAfterTheFirstEpoch(TrainerCallback):
    """What early stopping does, with the trainer's own order of events."""

    def __init__(self, event: str) -> None:
        setattr(self, event, lambda args, state, control, **_: setattr(control, "should_training_stop", True))


@pytest.mark.parametrize("event", ["on_evaluate", "on_save", "on_epoch_end", "on_step_end"])
@pytest.mark.parametrize("before_ours", [True, False])
@pytest.mark.parametrize("load_best", [True, False])
def test_every_kind_of_stop_gets_its_last_check(event, before_ours, load_best, anchor_set) -> None:
    stops = _StopsAfterTheFirstEpoch(event)
    watch = AnchorWatch(anchor_set, every=100, verbose=False)
    trained = trainer(
        watch,
        callbacks=[stops] if before_ours else [],
        save_strategy="epoch",
        load_best_model_at_end=load_best,
        **PER_EPOCH,
    )
    if not before_ours:
        trained.add_callback(stops)
    trained.train()
    # Of a stop that comes after the last event, the trainer tells nobody before it exchanges the weights.
    too_late = load_best and not before_ours and event in ("on_save", "on_epoch_end")
    assert steps_of() == ([0] if too_late and event == "on_save" else [0, trained.state.global_step])


def test_a_branch_of_a_finished_run_is_a_run_of_its_own(anchor_set) -> None:
    saves = {"save_strategy": "steps", "save_steps": 2}
    trainer(AnchorWatch(anchor_set, every=2, verbose=False), **saves).train()
    branch = AnchorWatch(anchor_set, every=2, verbose=False)
    trainer(branch, learning_rate=0.1, **saves).train(resume_from_checkpoint="out/checkpoint-2")
    with Store() as store:
        branched, first = store.runs()
        assert store.steps(first.info.id) == [0, 2, 4, 6], "untouched"
        assert store.steps(branched.info.id) == [0, 2, 4, 6]
        assert store.reading(branched.info.id, 0) == store.reading(first.info.id, 0), "the same baseline"
        assert store.reading(branched.info.id, 2) == store.reading(first.info.id, 2), (
            "and what came before the checkpoint"
        )
    assert branched.info.factors["args.learning_rate"] == 0.1
    assert branched.info.factors["branched_from"] == f"{first.info.id} at step 2"


def test_two_watches_are_resumed_each_as_its_own_run(anchor_set) -> None:
    other = load([{"id": "x", "kind": "core", "prompt": "hello", "max_new_tokens": 4}]).model_copy(
        update={"name": "other"}
    )
    saves = {"save_strategy": "steps", "save_steps": 3}

    def both(**arguments: Any) -> Any:
        watches = [AnchorWatch(found, every=3, verbose=False, name=found.name) for found in (anchor_set, other)]
        return trainer(watches[0], callbacks=watches[1:], **saves, **arguments)

    both().train()
    both(max_steps=9).train(resume_from_checkpoint=True)
    with Store() as store:
        assert len(store.runs()) == 2
        assert all(store.steps(run.info.id) == [0, 3, 6, 9] for run in store.runs())


def test_an_interrupted_training_is_a_failed_run(anchor_set) -> None:
    class Interrupts(TrainerCallback):
        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step == 3:
                raise KeyboardInterrupt

    watch = AnchorWatch(anchor_set, every=1, verbose=False)
    with pytest.raises(KeyboardInterrupt):
        trainer(watch, callbacks=[Interrupts()], auto_find_batch_size=True).train()
    trainer(watch, auto_find_batch_size=True).train()
    with Store() as store:
        assert [run.status for run in store.runs()] == ["finished", "failed"]
        assert store.steps(store.runs()[0].info.id) == list(range(7))


def test_the_best_model_is_chosen_by_a_behaviour(anchor_set) -> None:
    calls = itertools.count()

    def planted(anchor, output, baseline) -> float:
        """1 at the second check, which is that of step 2, and 0 at all others: the loss would choose another step."""
        return float(next(calls) // len(anchor_set) == 1)

    watch = AnchorWatch(anchor_set, every=3, metrics=[planted], verbose=False)
    best = {
        **EVALUATES,
        "save_strategy": "best",
        "load_best_model_at_end": True,
        "metric_for_best_model": "anchors/all/planted",
    }
    trained = trainer(watch, **best)
    trained.train()
    assert steps_of() == [0, 2, 3, 4, 6], "every evaluation is a check, since the best model hangs on it"
    assert trained.state.best_global_step == 2
    assert trained.state.best_metric == 1.0
    with Store() as store:
        run = store.run("latest")
        assert [reading.check.trigger for reading in store.readings(run.info.id)] == [
            "baseline", "evaluate", "schedule", "evaluate", "end",
        ]  # fmt: skip


def test_early_stopping_works_on_a_behaviour(anchor_set) -> None:
    stopping = EarlyStoppingCallback(early_stopping_patience=1)
    best = {**EVALUATES, "save_strategy": "best", "load_best_model_at_end": True}
    watch = AnchorWatch(anchor_set, every="eval", verbose=False)  # no budget leaves out what decides the best model
    trained = trainer(watch, metric_for_best_model="anchors/all/contract_pass", max_steps=20, **best)
    trained.add_callback(stopping)  # after the watch, which puts the behaviour there
    trained.train()
    assert trained.state.global_step < 20
    assert steps_of()[-1] == trained.state.global_step


def _missing_later(anchor, output, baseline) -> float | None:
    return None if baseline else 1.0


def test_a_best_metric_that_goes_missing_ends_nothing(anchor_set) -> None:
    watch = AnchorWatch(anchor_set, metrics=[_missing_later], verbose=False)
    best = {**EVALUATES, "save_strategy": "best", "metric_for_best_model": "anchors/all/_missing_later"}
    trained = trainer(watch, **best)
    trained.train()
    assert trained.state.global_step == 6


def test_loading_the_best_model_does_not_change_what_was_checked(anchor_set) -> None:
    worst = {"metric_for_best_model": "loss", "greater_is_better": True, "save_strategy": "steps", "save_steps": 2}

    def train(*, load_best: bool) -> tuple[Any, Any]:
        watch = AnchorWatch(anchor_set, every=100, verbose=False)
        settings = {**EVALUATES, **worst, "load_best_model_at_end": load_best}
        trained = trainer(watch, callbacks=[_StopsAt(4)], **settings)
        trained.train()
        assert steps_of() == [0, 4]
        with Store() as store:
            return digest(trained.model.state_dict()), store.reading(store.run("latest").info.id, 4)

    exchanged, checked = train(load_best=True)
    last, expected = train(load_best=False)
    assert exchanged != last, "the weights at the end are those of step 2"
    assert checked.check.outputs == expected.check.outputs, "what was checked are those of step 4"
    assert checked.check.trigger == "end"


class _RunsOut(TrainerCallback):
    """The first batch size does not fit on the device."""

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.train_batch_size == 4 and state.global_step == self.at:
            raise RuntimeError("CUDA out of memory.")

    def __init__(self, at: int) -> None:
        self.at = at


@pytest.mark.parametrize("at", [0, 3])
def test_a_smaller_batch_size_goes_on_with_the_same_run(at, anchor_set) -> None:
    watch = AnchorWatch(anchor_set, every=2, verbose=False)
    trainer(watch, callbacks=[_RunsOut(at)], auto_find_batch_size=True).train()
    with Store() as store:
        assert len(store.runs()) == 1
        readings = store.readings(store.runs()[0].info.id)
    assert [reading.step for reading in readings] == [0, 2, 4, 6]
    assert readings[0].check.trigger == "baseline"


def test_training_twice_with_one_callback_makes_two_runs(anchor_set) -> None:
    trained = trainer(AnchorWatch(anchor_set, every=3, verbose=False))
    trained.train()
    trained.train()
    with Store() as store:
        assert [run.status for run in store.runs()] == ["finished", "finished"]
        assert all(store.steps(run.info.id) == [0, 3, 6] for run in store.runs())


def test_an_own_metric_is_scored_and_one_that_raises_is_missing(anchor_set, caplog) -> None:
    def polite(anchor, output, baseline) -> bool:
        return "please" in output.text

    def broken(anchor, output, baseline) -> bool:
        raise KeyError(anchor.id)

    trainer(AnchorWatch(anchor_set, every=3, metrics=[polite, broken], verbose=False)).train()
    with Store() as store:
        reading = store.reading(store.run("latest").info.id, 6)
    assert reading.score("hours", "polite").value is False
    assert reading.score("hours", "broken").value is None
    assert "KeyError" in reading.score("hours", "broken").reason
    missing = next(a for a in reading.aggregates if a.name == "all/broken")
    assert (missing.n, missing.missing, missing.value) == (0, len(anchor_set), None)
    assert caplog.text.count("the metric 'broken' failed") == 1


def test_the_run_keeps_its_factors(anchor_set) -> None:
    trained = trainer(AnchorWatch(anchor_set, every=6, verbose=False, name="shop"))
    trained.train()
    with Store() as store:
        run = store.run("shop")
    found = run.info.factors
    assert found["args.learning_rate"] == 1e-2
    assert found["args.seed"] == 7
    assert found["data.rows"] == 48
    assert found["model.parameters"] == trained.model.num_parameters()
    assert found["anchors.system"] == ["You are brief."]
    assert found["version.transformers"]
    assert found["metric.action"]
    changed = dataset()
    changed[5] = changed[6]
    trainer(AnchorWatch(anchor_set, every=6, verbose=False), data=changed).train()
    with Store() as store:
        assert store.run("latest").info.factors["data.digest"] != found["data.digest"]


def test_the_summary_is_printed_and_can_be_silenced(anchor_set, capsys) -> None:
    trainer(AnchorWatch(anchor_set, every=3)).train()
    said = capsys.readouterr().err
    assert "anchorwatch step 3:" in said
    assert "contract pass" in said
    assert "anchorwatch show" in said
    trainer(AnchorWatch(anchor_set, every=3, verbose=False)).train()
    assert "anchorwatch step" not in capsys.readouterr().err


def _no_template(trained: Any) -> None:
    trained.processing_class.chat_template = None


def _no_tokenizer(trained: Any) -> None:
    trained.callback_handler.processing_class = None


def _short_context(trained: Any) -> None:
    trained.model.config.max_position_embeddings = 50


def _unknown_best(trained: Any) -> None:
    trained.args.metric_for_best_model = "anchors/risk/contract_pas"


def _wrong_way_best(trained: Any) -> None:
    trained.args.metric_for_best_model = "anchors/all/rep_4"
    trained.args.greater_is_better = True


@pytest.mark.parametrize(
    ("spoil", "every", "message"),
    [
        (_no_template, "auto", "no chat template"),
        (_no_tokenizer, "auto", "processing_class"),
        (_short_context, "auto", "do not fit in the model's context of 50"),
        (_unknown_best, "auto", "did you mean 'anchors/risk/contract_pass'"),
        (_wrong_way_best, "auto", "better when it is lower: set greater_is_better=False"),
        (lambda trained: None, "eval", "never evaluates"),
        (lambda trained: None, "save", "never saves"),
    ],
)
def test_what_only_the_trainer_shows_is_said_before_the_first_step(
    spoil: Callable[[Any], None], every: Any, message: str, anchor_set
) -> None:
    trained = trainer(AnchorWatch(anchor_set, every=every, verbose=False))
    spoil(trained)
    with pytest.raises(ConfigurationError, match=message) as error:
        trained.train()
    assert "\n" not in str(error.value)
    assert trained.state.global_step == 0
    if Path("anchorwatch.db").exists():
        with Store() as store:
            assert not store.runs(), "nothing half-written"
