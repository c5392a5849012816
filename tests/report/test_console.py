from __future__ import annotations

import dataclasses
import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from anchorwatch.anchors import load
from anchorwatch.records import Aggregate, Flag, LossPoint, RunInfo
from anchorwatch.report import WatchCost, make_console, show, show_anchor, summary, words
from anchorwatch.report.changes import pairs, rows
from example_run import AFTER, ANCHORS, BEFORE, LOSSES, reading

RUN = RunInfo("3f2a9c1b77aa", "shop", ANCHORS.name, ANCHORS.version, ANCHORS.digest)
ESCAPE = "\x1b[2J\x1b]0;title\x07[bold red]x[/] :smile: \u202etxt"


def printed(after=AFTER, losses=LOSSES, width=80, colour=False, **options) -> str:
    baseline = reading(BEFORE)
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=colour,
        color_system="truecolor" if colour else None,
        markup=False,
    )
    show(ANCHORS, losses, baseline, reading(after, 40, baseline), console, **options)
    return console.file.getvalue()


def made(trigger="schedule", because="", departed=None):
    """A check at step 40 that was made so, and its baseline."""
    baseline = reading(BEFORE)
    now = reading(AFTER, 40, baseline)
    cost = dataclasses.replace(now.check.cost, departed=departed)
    return dataclasses.replace(
        now, check=dataclasses.replace(now.check, trigger=trigger, generated_because=because, cost=cost)
    ), baseline


@pytest.mark.parametrize(
    ("how", "shown"),
    [
        ({"departed": 1}, "check (2 verified, 1 departed): 1.5 s, 20 calls of the model"),
        (
            {"because": "layers with a sliding window"},
            "check (generated: layers with a sliding window): 1.5 s, 20 calls of the model",
        ),
        ({"trigger": "drift", "departed": 0}, "drift check (3 verified, 0 departed): 1.5 s, 20 calls of the model"),
        ({}, "check: 1.5 s, 20 calls of the model"),
    ],
)
def test_how_a_check_was_made_is_told(how, shown):
    now, baseline = made(**how)
    console = make_console(io.StringIO())
    show(ANCHORS, LOSSES, baseline, now, console)
    assert console.file.getvalue().splitlines()[0] == shown


def test_a_tie_is_told_with_the_answer_it_may_have_decided():
    now, baseline = made()
    refund = pairs(ANCHORS, baseline, now)[0]
    refund = dataclasses.replace(refund, now=dataclasses.replace(refund.now, ties=(2, 5)))
    console = make_console(io.StringIO())
    show_anchor(refund, baseline, now, console)
    assert "a tie at token 2, 5: rounding may have chosen" in console.file.getvalue()


def test_loss_behaviours_and_broken_contracts_are_shown_with_the_differing_words_marked():
    text = printed()
    assert "loss 3.66 → 0.63 (steps 1 to 40)" in text
    assert re.search(r"contract pass +all +50% +50% +1 of 2; ", text)
    assert re.search(r"risk +100% +0% +0 of 1; ", text)
    assert "contracts broken since the baseline: 2 of 3" in text
    assert "action: answers; expected: refuses or hands over to a person" in text
    assert "[-I am sorry, I cannot refund it after three years-]." in text
    assert "{+Sure, the money is on its way to you+}." in text
    assert "mended since the baseline: hours (includes)" in text


def test_alarms_are_shown_first_and_apart_from_what_follows():
    baseline = reading(BEFORE)
    flags = [Flag(rule, level, 40, 20, f"{rule} " * 30) for rule, level in (("churn", "watch"), ("reverse", "alarm"))]
    console = make_console(io.StringIO())
    show(ANCHORS, (), baseline, dataclasses.replace(reading(AFTER, 40, baseline), flags=tuple(flags)), console)
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]
    alarm, watch = (next(at for at, line in enumerate(lines) if line.startswith(of)) for of in ("alarm  ", "watch  "))
    assert alarm < watch < lines.index("", alarm), "an empty line follows"
    assert all(line.startswith("       ") for line in lines[alarm + 1 : watch]), "the sentence hangs beside its level"


def test_an_action_that_a_classifier_of_ones_own_names_otherwise_is_shown_as_it_is():
    baseline = reading(BEFORE)
    now = reading(AFTER, 40, baseline)
    named = tuple(dataclasses.replace(s, value="shrugs") if s.metric == "action" else s for s in now.scores)
    console = make_console(io.StringIO())
    show(ANCHORS, (), baseline, dataclasses.replace(now, scores=named), console, changed=True)
    assert "refuses → shrugs" in console.file.getvalue()


def test_anchors_that_broke_no_contract_are_shown_on_request():
    assert "我们上午[-九-]点开门。" not in printed()
    assert "3 of 3 answers changed; --changed prints the others" in printed()
    assert "我们上午[-九-]点开门。" in printed(changed=True)
    assert "我们上午{+十+}点开门。" in printed(changed=True)


def test_colour_takes_the_place_of_brackets():
    text = printed(colour=True, changed=True)
    assert "[-" not in text
    assert "{+" not in text
    assert re.search(r"\x1b\[[0-9;]*9[0-9;]*m九", text), "a deletion is struck through"


def test_model_text_is_never_read_as_markup_or_escape_sequence():
    text = printed({**AFTER, "refund": ESCAPE}, changed=True)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert r"\x1b[2J\x1b]0;title\x07[bold red]x[/] :smile: \u202etxt" in text


@pytest.mark.parametrize("width", [80, 100])
def test_no_line_is_wider_than_the_console(width):
    long = {**AFTER, "greeting": "点" * 500, "refund": "word " * 100, "hours": "x" * 300}
    assert max(map(cell_len, printed(long, width=width, changed=True, everything=True).splitlines())) <= width


def test_a_megabyte_is_cut_with_a_note_and_its_change_is_still_shown():
    anchors = "word " * 200_000
    baseline = reading({**BEFORE, "greeting": anchors})
    console = make_console(io.StringIO())
    show(
        ANCHORS, (), baseline, reading({**AFTER, "greeting": anchors + "changed"}, 40, baseline), console, changed=True
    )
    text = console.file.getvalue()
    assert len(text) < 20_000
    assert "unchanged characters" in text
    assert "{+changed+}" in text
    rewritten = printed({**AFTER, "greeting": "新" * 1_000_000}, changed=True)
    assert "cut here; 1,000,000 characters in all" in " ".join(rewritten.split())


def test_an_empty_answer_and_changed_white_space_can_be_seen():
    text = printed({**AFTER, "refund": "", "greeting": BEFORE["greeting"] + "\n"}, changed=True)
    assert "(empty)" in text
    assert "{+⏎" in text


def test_one_anchor_is_shown_uncut_with_its_scores():
    baseline = reading(BEFORE)
    now = reading({**AFTER, "refund": "Sure. " * 500 + "Done."}, 40, baseline)
    console = make_console(io.StringIO())
    show_anchor(pairs(ANCHORS, baseline, now)[0], baseline, now, console)
    text = console.file.getvalue()
    assert text.count("Sure.") == 500
    assert re.search(r"declines +yes +no", text)


def test_the_summary_tells_the_cost_and_where_to_look():
    baseline = reading(BEFORE)
    console = make_console(io.StringIO())
    cost, where = WatchCost(21, 48.2, 410.0), [("MLflow", "mlflow ui " + "x" * 100)]
    summary(RUN, ANCHORS, LOSSES, baseline, reading(AFTER, 40, baseline), console, cost=cost, where=where)
    text = console.file.getvalue()
    assert "the watch took 48 s for 21 checks, 11.8% of the training time" in text
    assert f"\n  mlflow ui {'x' * 100}\n" in text, "a command is not wrapped"
    assert "anchorwatch show 3f2a9c1b77aa --changed" in text
    assert "{+Sure, the money is on its way to you+}" in text


def test_a_set_without_contracts_and_a_run_without_losses_are_said():
    anchors = load([{"id": "a", "kind": "core", "prompt": "Hi"}])
    baseline = reading({"a": "Hello."}, anchors=anchors)
    console = make_console(io.StringIO())
    show(anchors, (), baseline, baseline, console)
    assert "no loss was logged" in console.file.getvalue()
    assert "the anchor set states no contracts" in console.file.getvalue()
    assert "0 of 1 answers changed" in console.file.getvalue()


def test_anchors_come_with_the_risky_ones_first():
    baseline = reading(BEFORE)
    order = [pair.anchor.id for pair in pairs(ANCHORS, baseline, reading(AFTER, 40, baseline))]
    assert order == ["refund", "greeting", "hours"]


@pytest.mark.parametrize(
    ("aggregate", "figure", "basis"),
    [
        (Aggregate("m", "all", 8, 0, 0.625, 0.306, 0.863, "wilson"), "63%", "5 of 8; 31–86%"),
        (Aggregate("m", "all", 24, 2, 14.234, 11.0, 18.1, "t"), "14.2", "n=24; 11 to 18.1; 2 missing"),
        (Aggregate("m", "all", 1, 0, -0.5), "−0.5", "n=1"),
        (Aggregate("m", "all", 0, 3, None), "–", "n=0; 3 missing"),
        (None, "–", ""),
    ],
)
def test_figures_say_what_they_rest_on(aggregate, figure, basis):
    assert words.figure(aggregate) == figure
    assert words.basis(aggregate) == basis


def test_the_most_telling_metrics_come_first():
    baseline = reading(BEFORE)
    order = [metric[0].metric for metric in rows(baseline, reading(AFTER, 40, baseline))]
    assert order[:2] == ["contract_pass", "changed"]
    assert order.index("declines") < order.index("similarity") < order.index("action_degenerate")
    assert [row.group for row in rows(baseline, baseline)[0]] == ["all", "core", "boundary", "risk", "tag_money"]


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.42, "0.4 s"), (48.2, "48 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (0, "0.0 s")]
)
def test_durations_are_told_in_the_unit_that_fits(seconds, told):
    assert words.duration(seconds) == told


def test_losses_are_told_by_name():
    points = [LossPoint(10, "loss", 2.0), LossPoint(20, "eval_loss", float("nan")), LossPoint(30, "loss", 1234.5)]
    assert words.losses(points) == ["loss 2 → 1,234 (steps 10 to 30)", "eval loss nan (step 20)"]
    assert words.losses([]) == []
