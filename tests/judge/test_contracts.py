from __future__ import annotations

import json

from anchorwatch.judge.contracts import broken_since_baseline, mended
from anchorwatch.records import ContractResult


def history(**series: str) -> dict[int, list[ContractResult]]:
    """Checks every ten steps, from one word a contract ("anchor__name"): h held, b broken, - not checked."""
    found: dict[int, list[ContractResult]] = {}
    for key, states in series.items():
        anchor_id, name = key.split("__")
        for number, state in enumerate(states):
            results = found.setdefault(10 * number, [])
            if state != "-":
                results.append(ContractResult(anchor_id, name, state == "h", f"{state} at {10 * number}"))
    return found


def test_a_contract_that_held_and_is_broken_is_an_alarm_per_anchor() -> None:
    flags = broken_since_baseline(history(refund__action="hhbb", other__words="hhhh", refund__excludes="hbbb"))
    (flag,) = flags
    assert (flag.rule, flag.level, flag.step, flag.since_step) == ("contract_broken", "alarm", 30, 10)
    assert flag.anchor_ids == ("refund",)
    assert flag.evidence == {
        "contracts": [
            {"name": "action", "before": "h at 0", "now": "b at 30", "since_step": 20},
            {"name": "excludes", "before": "h at 0", "now": "b at 30", "since_step": 10},
        ]
    }
    assert "refund" in flag.message
    assert "action (b at 30)" in flag.message
    assert json.loads(json.dumps(flag.evidence)) == flag.evidence


def test_since_is_the_start_of_the_current_stretch() -> None:
    assert broken_since_baseline(history(a__words="hbhbb"))[0].since_step == 30
    assert broken_since_baseline(history(a__words="hb-b"))[0].since_step == 10
    assert broken_since_baseline(history(a__words="hh-b"))[0].since_step == 30


def test_no_flag_without_a_fact_on_both_sides() -> None:
    for states in ("h", "b", "hh", "bb", "bh", "-b", "h-", "hbh"):
        assert broken_since_baseline(history(a__words=states, z__lines="h" * len(states))) == ()
    assert broken_since_baseline({}) == ()


def test_mended() -> None:
    found = history(a__words="bbh", b__words="bbb", c__words="bhb", d__words="hbb", e__words="hhh", f__words="-bb")
    assert [result.anchor_id for result in mended(found)] == ["a"]
    assert mended(found)[0].reason == "h at 20"
    assert mended({}) == ()


def test_the_same_history_in_any_order_gives_the_same_flags() -> None:
    found = history(a__words="hbb", b__lines="hhb", a__case="hbb")
    shuffled = {step: found[step] for step in (20, 0, 10)}
    before = json.dumps({step: [str(result) for result in results] for step, results in found.items()})
    assert broken_since_baseline(found) == broken_since_baseline(shuffled) == broken_since_baseline(found)
    assert json.dumps({step: [str(result) for result in results] for step, results in found.items()}) == before


def test_results_of_an_anchor_need_not_stand_together() -> None:
    found = history(a__words="hb", b__words="hb", a__case="hb")
    assert [flag.anchor_ids for flag in broken_since_baseline(found)] == [("a",), ("b",)]
