from __future__ import annotations

from dataclasses import replace

from anchorwatch.judge.standing import Standing
from anchorwatch.records import Flag

WATCH = Flag("regressed", "watch", 40, 40, "It falls.", ("a",), "format", "all")
ALARM = replace(WATCH, level="alarm")
BROKEN = Flag("contract_broken", "alarm", 40, 40, "a broke", ("a",))


def test_a_flag_rings_once_whatever_its_anchors_and_group() -> None:
    standing = Standing()
    assert standing.news([WATCH]) == (WATCH,)
    assert standing.news([replace(WATCH, anchor_ids=("b",), group="risk", step=80)]) == ()


def test_an_alarm_rings_again_where_watch_stood_and_not_the_other_way() -> None:
    standing = Standing([WATCH])
    assert standing.news([ALARM]) == (ALARM,)
    assert standing.news([WATCH]) == ()
    assert standing.news([ALARM]) == ()


def test_broken_contracts_ring_by_anchor() -> None:
    standing = Standing([BROKEN])
    other = replace(BROKEN, anchor_ids=("b",))
    assert standing.news([BROKEN, other]) == (other,)


def test_a_flag_that_comes_and_goes_rings_once_and_one_that_was_long_gone_again() -> None:
    standing = Standing()
    assert [bool(standing.news(flags)) for flags in ([BROKEN], [], [BROKEN], [], [], [BROKEN])] == [True, *[False] * 5]
    assert [bool(standing.news(flags)) for flags in ([], [], [], [BROKEN])] == [False, False, False, True]
