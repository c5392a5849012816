from __future__ import annotations

import pytest
from compare_samples import run

from anchorwatch.anchors import AnchorSet
from anchorwatch.compare import compare
from anchorwatch.errors import AnchorSetError, ConfigurationError
from example_run import AFTER, ANCHORS


def edited(version=2, **changed) -> AnchorSet:
    """The set with other fields for the anchors named; None leaves an anchor out."""
    rows = [
        {**anchor.model_dump(mode="json", exclude_none=True), **(changed.get(anchor.id) or {})}
        for anchor in ANCHORS.anchors
        if changed.get(anchor.id, {}) is not None
    ]
    return AnchorSet.model_validate({"name": ANCHORS.name, "version": version, "anchors": rows})


def test_only_the_same_questions_are_compared_and_the_others_are_named():
    other = edited(hours={"prompt": "Are you open at night?"}, greeting=None)
    found = compare([run("one"), run("two", anchors=other)])
    assert [anchor.id for anchor in found.common.anchors] == ["refund"]
    assert found.common.left_out == {"hours": "asks something else in B", "greeting": "only in A"}
    assert {change.n for change in found.against[0].changes} == {1}
    assert [pair.anchor.id for pair in found.against[0].answers] == ["refund"]


def test_what_is_expected_otherwise_is_answered_but_not_judged():
    other = edited(hours={"expect": {"includes": ["ten"]}})
    found = compare([run("one"), run("two", after={**AFTER, "hours": "At ten."}, anchors=other)])
    assert found.common.other_expectations == ("hours",)
    n = {(change.metric, change.group): change.n for change in found.against[0].changes}
    assert (n["contract_pass", "all"], n["declines", "all"]) == (1, 3)
    assert all(not pair.worse and not pair.better for pair in found.against[0].answers if pair.anchor.id == "hours")


def test_the_same_question_asked_in_another_way_is_a_cause():
    other = edited(
        refund={"system": "Be brief."},
        hours={"context": [{"id": "sign", "text": "Nine to five."}]},
        greeting={"max_new_tokens": 7},
    )
    (found,) = compare([run("one"), run("two", anchors=other)]).against
    assert [cause.name for cause in found.causes] == ["system prompt", "retrieved context", "decoding"]
    (system,) = found.causes[0].factors
    assert (system.reference, system.other) == (None, "Be brief.")


def test_a_system_message_is_a_system_prompt():
    said = {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "When do you open?"}]}
    other = edited(hours={**said, "prompt": None})
    (found,) = compare([run("one"), run("two", anchors=other)]).against
    assert [cause.name for cause in found.causes] == ["system prompt"]
    assert len(found.answers) == 3


def test_samples_drawn_otherwise_are_how_it_was_measured():
    (found,) = compare([run("one"), run("two", anchors=edited(hours={"samples": 2}))]).against
    assert found.causes == ()
    assert found.incomparable == ("sample_agreement",)


def test_runs_without_a_common_anchor_cannot_be_compared():
    other = AnchorSet.model_validate({"name": "other", "anchors": [{"id": "x", "kind": "core", "prompt": "Hm?"}]})
    with pytest.raises(AnchorSetError, match=r"A dataset version 1 \(\w+\), B other version 1 \(") as error:
        compare([run("one"), run("two", after={"x": "y"}, before={"x": "y"}, anchors=other)])
    assert "\n" not in str(error.value)


def test_a_comparison_is_of_two_runs_or_more_and_none_twice():
    with pytest.raises(ConfigurationError, match="two runs or more; found 1"):
        compare([run("one")])
    with pytest.raises(ConfigurationError, match=r"'one'.* twice"):
        compare([run("one"), run("two"), run("one")])
