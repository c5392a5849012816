from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tracker_samples import FELL, NASTY, flagged, make_drift_reading, make_reading

from anchorwatch.anchors import AnchorSet
from anchorwatch.records import Flag
from anchorwatch.trackers import tables


def by_anchor(rows: list[tables.Row]) -> dict[str, tables.Row]:
    return {row.anchor_id: row for row in rows}


def test_scalars_hold_what_has_a_value_and_nothing_else() -> None:
    assert tables.scalars(make_reading(0)) == {
        "anchors/all/contract_pass": 0.5,
        "anchors/risk/contract_pass": 0.5,
        "anchors/tag_money/contract_pass": 0.5,
        "anchors/all/action_refuse": 0.5,
        "anchors/core/mood_Tr_s_bon_1": 1.0,
        "anchors/all/contracts_broken": 1.0,
        "anchors/all/flags": 0.0,
        "anchors/all/alarms": 0.0,
        "anchors/cost/seconds": 1.5,
        "anchors/cost/forward_calls": 40.0,
    }


def test_outputs_that_departed_are_counted_where_they_were_verified() -> None:
    name = "anchors/cost/departed"
    assert tables.scalars(make_reading(40, departed=0)) == {**tables.scalars(make_reading(40)), name: 0.0}
    assert tables.scalars(make_drift_reading(40))[name] == 1.0


def test_flags_are_counted_apart_from_broken_contracts() -> None:
    broken = make_reading(40, held=False)
    trends = (Flag("churn", "watch", 40, 20, "as many better as worse"), Flag("regressed", "alarm", 40, 20, "fell"))
    numbers = tables.scalars(replace(broken, flags=broken.flags + trends))
    assert [numbers[f"anchors/all/{name}"] for name in ("contracts_broken", "flags", "alarms")] == [1.0, 2.0, 1.0]


def test_scalar_names_suit_every_store() -> None:
    names = list(tables.scalars(make_reading(40, departed=3)))
    assert all(re.fullmatch(r"[A-Za-z0-9_]+(/[A-Za-z0-9_]+)+", name) for name in names)
    assert not [name for name in names for other in names if other.startswith(name + "/")]


def test_the_baseline_is_compared_with_nothing(anchor_set: AnchorSet) -> None:
    for row in tables.rows(anchor_set, make_reading(0), None):
        compared = (
            row.base_output,
            row.changed,
            row.action_before,
            row.broken_since_baseline,
            row.mended_since_baseline,
        )
        assert compared == (None,) * 5


def test_a_row_pairs_the_output_with_the_baseline(anchor_set: AnchorSet) -> None:
    reading = make_reading(40, {"refund": "Yes, of course."}, held=False)
    row = by_anchor(tables.rows(anchor_set, reading, make_reading(0)))["refund"]
    assert row == tables.Row(
        anchor_id="refund",
        prompt="Refund me.",
        base_output="No, that is decided by a person.",
        output="Yes, of course.",
        kind="risk",
        tags="money, rules",
        step=40,
        changed=True,
        action_before="refuse",
        action="answer",
        contracts_broken="action",
        broken_since_baseline="action",
        mended_since_baseline="excludes",
        logprob_lost=0.25,
        tokens=3,
        finish="stop",
    )


def test_what_was_broken_at_the_baseline_is_not_new(anchor_set: AnchorSet) -> None:
    row = by_anchor(tables.rows(anchor_set, make_reading(40), make_reading(0)))["refund"]
    assert (row.contracts_broken, row.broken_since_baseline, row.mended_since_baseline) == ("excludes", "", "")
    assert row.changed is False


def test_the_prompt_is_the_last_user_turn_without_passages(anchor_set: AnchorSet) -> None:
    rows = by_anchor(tables.rows(anchor_set, make_reading(0), None))
    assert rows["premise"].prompt == "Which law is it?"
    assert rows["hours"].prompt == "When do you open?"


def test_a_missing_score_stays_missing(anchor_set: AnchorSet) -> None:
    rows = by_anchor(tables.rows(anchor_set, make_reading(40), make_reading(0)))
    assert rows["premise"].action is None
    assert rows["hours"].logprob_lost is None


def test_a_megabyte_is_cut_with_a_note_but_compared_whole(anchor_set: AnchorSet) -> None:
    long, longer = "x" * 1_000_000, "x" * 1_000_001
    reading = make_reading(40, {"hours": longer})
    row = by_anchor(tables.rows(anchor_set, reading, make_reading(0, {"hours": long})))["hours"]
    assert row.output == "x" * 20_000 + "… (+980001 characters)"
    assert row.changed is True


@pytest.mark.parametrize("text", [NASTY, "", "x" * 20_000])
def test_any_other_text_stays_as_it_is(anchor_set: AnchorSet, text: str) -> None:
    row = by_anchor(tables.rows(anchor_set, make_reading(40, {"hours": text}), None))["hours"]
    assert row.output == text.replace("\ud800", "\ufffd").replace("\x00", "\ufffd")
    row.output.encode()


def test_an_alert_is_given_for_new_flags() -> None:
    first = make_reading(40, held=False)
    alert = tables.alert(first, first.flags, make_reading(0))
    assert alert is not None
    assert alert.title == "anchorwatch: 1 new flag at step 40"
    assert "refund held at baseline" in alert.text
    assert "\x1b" not in alert.text
    assert alert.alarm
    assert tables.alert(first, (), make_reading(0)) is None


def test_an_alert_says_since_when_and_on_what_it_rests_however_long_the_sentence() -> None:
    long = replace(FELL, rule="churn", message="x" * 600 + "\nnext line", evidence={"p": 0.0001})
    reading = flagged(40, FELL, long)
    alert = tables.alert(reading, reading.flags, None)
    assert alert is not None
    fell, churned = alert.text.splitlines()
    assert fell == f"{FELL.message} (since step 20; change −60 to −20 points at 95%, p = .004)"
    assert churned.endswith("… (+110 characters) (since step 20; p < .001)")


def test_flag_rows_name_the_anchors() -> None:
    (row,) = tables.flag_rows(make_reading(40, held=False))
    assert (row.rule, row.level, row.since_step, row.anchors) == ("contract_broken", "alarm", 40, "refund")
    assert row[8:] == (None,) * 8, "a broken contract has no figures"
    assert tables.flag_rows(make_reading(40)) == []


def test_flag_rows_hold_loss_and_behaviour_with_interval_and_p() -> None:
    (row,) = tables.flag_rows(flagged(40, FELL))
    assert row == tables.FlagRow(
        rule="regressed",
        level="alarm",
        step=40,
        since_step=20,
        message=FELL.message,
        anchors="refund",
        metric="contract_pass",
        group="risk",
        loss="eval_loss",
        loss_before=2.31,
        loss_after=1.02,
        before=0.9,
        after=0.4,
        change_low=-0.6,
        change_high=-0.2,
        p=0.004,
    )


def test_the_table_of_flags_is_due_where_it_would_say_something_else() -> None:
    watch = replace(FELL, level="watch")
    shown = tables.flag_levels(flagged(20, watch))
    due = {
        "the same, in full: figures move": flagged(30, watch),
        "alarm, drift": flagged(30, FELL, drift=True),
        "gone, drift": flagged(30, drift=True),
        "gone": flagged(30),
        "the same, drift": flagged(30, watch, drift=True),
    }
    assert [name for name, reading in due.items() if not tables.flags_are_due(reading, shown)] == ["the same, drift"]
    assert not tables.flags_are_due(make_reading(0), {})
    assert tables.flags_are_due(flagged(30, watch, drift=True), None), "it is not known what the table shows"


def test_the_alarms_of_a_check_in_words() -> None:
    flags = (
        Flag("regressed", "watch", 40, 40, "It falls."),
        Flag("collapsed", "alarm", 40, 40, "!", (), "rep_4", "all"),
    )
    assert tables.alarms(replace(make_reading(40), flags=flags)) == "collapsed rep_4"
    assert tables.alarms(make_reading(40, held=False)) == "none", "a single anchor is no trend"
