"""A check as JSON says how it was made."""

from __future__ import annotations

import dataclasses
import json

from anchorwatch.records import Likelihood
from anchorwatch.report.as_json import show
from anchorwatch.store import Store
from example_run import AFTER, ANCHORS, BEFORE, LOSSES, reading, record


def test_json_says_how_a_check_was_made_and_where_rounding_may_have_chosen():
    with Store() as store:
        stored = store.run(record(store).id)
    baseline = reading(BEFORE)
    now = reading(AFTER, 40, baseline)
    top = Likelihood((-0.1,), top=(((7, -0.1),),))
    refund = dataclasses.replace(now.check.outputs[0], ties=(2, 5), likelihoods={"baseline": top})
    cost = dataclasses.replace(now.check.cost, positions=640, departed=1)
    check = dataclasses.replace(
        now.check, outputs=(refund, *now.check.outputs[1:]), cost=cost, trigger="drift", tie_margin=0.25
    )
    shown = show(stored, ANCHORS, LOSSES, baseline, dataclasses.replace(now, check=check))
    assert (shown["trigger"], shown["generated_because"], shown["tie_margin"]) == ("drift", "", 0.25)
    assert (shown["cost"]["positions"], shown["cost"]["departed"]) == (640, 1)
    assert {each["id"]: each["ties"]["now"] for each in shown["anchors"]}["refund"] == [2, 5]
    assert '"top"' not in json.dumps(shown, allow_nan=False), "a table of tokens is for the store"
