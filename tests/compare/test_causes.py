from __future__ import annotations

import pytest
from compare_samples import run

from anchorwatch.compare import compare


def against(factors, **how):
    (found,) = compare([run("one"), run("two", factors, **how)]).against
    return found


def causes(factors, **how):
    return [cause.name for cause in against(factors, **how).causes]


@pytest.mark.parametrize(
    ("factors", "named"),
    [
        ({}, []),
        ({"args.learning_rate": 2e-4}, ["learning rate"]),
        ({"args.learning_rate": 2e-4, "args.warmup_steps": 3}, ["learning rate", "software"]),
        ({"args.seed": 1}, ["seed"]),
        ({"data.digest": "d2", "data.rows": 12}, ["training data"]),
        ({"adapter.r": 16, "model.trained_parameters": 200}, ["adapter"]),
        ({"adapter.r": None, "adapter.target_modules": None}, ["adapter"]),
        ({"model.trained_parameters": 200}, ["trained parameters"]),
        ({"model.id": "other", "adapter.base_model_name_or_path": "other"}, ["base model"]),
        ({"args.accelerator_config": {"even_batches": False, "split_batches": False}}, ["precision and kernels"]),
        ({"code.digest": "c2"}, ["code"]),
        ({"version.torch": "2.14.0+cpu"}, ["software"]),
        ({"version.torch": "2.13.0+cu128"}, ["software"]),
        ({"args.learning_rate": 2e-4, "data.digest": "d2"}, ["learning rate", "training data"]),
    ],
)
def test_factors_that_differ_are_named_by_what_a_person_would_call_the_change(factors, named):
    assert causes(factors) == named


def test_a_setting_not_known_to_be_harmless_is_a_cause_of_its_own():
    runs = [run("one", {"args.max_length": 512, "args.packing": False}), run("two", {"args.max_length": 1024})]
    runs[1].info.factors["args.packing"] = True
    (found,) = compare(runs).against
    assert [cause.name for cause in found.causes] == ["max length", "packing"]


@pytest.mark.parametrize(
    "factors",
    [
        {"args.logging_steps": 10},
        {"checks.planned": 4},
        {"direction.kept": "higher", "metric.kept": "1"},
        {"metric.action": "2"},
        {"version.torch": "2.13.1+cpu"},
        {"branched_from": "one at step 10"},
    ],
)
def test_what_only_measures_or_keeps_is_apart(factors):
    found = against(factors)
    assert found.causes == ()
    assert [each.name for each in found.measured] == list(factors)


def test_of_nested_settings_and_lists_the_values_that_differ_are_told():
    (cause,) = against({"args.accelerator_config": {"even_batches": False, "split_batches": False}}).causes
    (factor,) = cause.factors
    assert (factor.name, factor.reference, factor.other) == ("args.accelerator_config.even_batches", True, False)


def test_what_a_run_did_not_record_is_not_said_to_differ():
    found = against({"data.digest": None, "data.rows": None, "code.digest": None, "model.id": ""})
    assert [cause.name for cause in found.causes] == ["base model"]
    assert found.unrecorded == ("base model", "training data", "code")
    nothing = dict.fromkeys(run("any").info.factors)
    assert against(nothing).causes[0].name == "adapter", "a run without an adapter has no such factors"
    assert against({}).unrecorded == ()


def test_an_argument_that_only_one_trainer_knows_belongs_to_its_software():
    assert causes({"args.beta": 0.1}) == ["software"]
    assert causes({"args.beta": None}) == []


def test_runs_checked_after_as_many_steps_or_epochs_were_trained_equally_long():
    assert causes({}, step=60) == ["training length"]
    assert causes({}, step=60, epoch=3.0) == ["training length"]
    (found,) = compare([run("one", epoch=3.0), run("two", step=60, epoch=3.001)]).against
    assert found.causes == ()
