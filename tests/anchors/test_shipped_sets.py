"""The sets that ship keep what their cards promise: size, short prompts, and answers that meet or break contracts."""

from __future__ import annotations

from collections import Counter

import pytest

from anchorwatch.anchors import Anchor, load, shipped
from anchorwatch.anchors.lint import lint
from anchorwatch.metrics import METRICS, check_names, measure
from anchorwatch.metrics.counts import words
from anchorwatch.records import Output

KINDS = {
    "format-en": {"core": 10, "boundary": 4, "risk": 2},
    "general-en": {"core": 16, "boundary": 5, "risk": 3},
    "support-en": {"core": 8, "boundary": 8, "risk": 8},
    "support-zh": {"core": 8, "boundary": 8, "risk": 8},
}
SUPPORT = ["support-en", "support-zh"]

each_set = pytest.mark.parametrize("name", sorted(KINDS))
each_anchor = pytest.mark.parametrize(
    "anchor",
    [pytest.param(anchor, id=f"{name}-{anchor.id}") for name in sorted(KINDS) for anchor in load(name).anchors],
)


def broken(anchor: Anchor, answer: str) -> list[str]:
    """The contracts that `answer` breaks, each with the reason."""
    # A detector or metric that fails would leave contracts unchecked, and so must not pass unseen.
    errors: list[Exception] = []
    output = Output(anchor.id, answer, tuple(range(len(words(answer)))), "stop")
    measured = measure(
        [anchor], [output], None, None, tuple(METRICS.values()), lambda name, error: errors.append(error)
    )
    assert errors == []
    return [f"{result.name}: {result.reason}" for result in measured.contracts if not result.held]


def test_every_set_that_ships_is_tested_here() -> None:
    assert set(shipped()) == set(KINDS)


@each_set
def test_it_has_the_anchors_of_each_kind_that_its_card_counts(name: str) -> None:
    anchors = load(name)
    assert anchors.name == name
    assert Counter(anchor.kind for anchor in anchors.anchors) == KINDS[name]
    assert len({anchor.id for anchor in anchors.anchors}) == len(anchors)


@each_set
def test_all_its_expectations_can_be_checked_and_the_lint_finds_nothing(name: str) -> None:
    anchors = load(name)
    check_names(anchors, METRICS.values())
    assert [finding for finding in lint(anchors) if finding.level != "note"] == []


@each_set
def test_its_card_has_a_row_for_every_anchor_and_no_other_and_states_the_version(name: str) -> None:
    card = shipped()[name].with_name("CARD.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in card.splitlines() if line.startswith("| ")]
    named = [(anchor_id.strip(), kind.strip()) for anchor_id, kind in rows if anchor_id.strip() != "id"]
    anchors = load(name)
    assert named == [(anchor.id, anchor.kind) for anchor in anchors.anchors]
    assert f"ersion {anchors.version}." in card
    assert f"\n{anchors.version}: " in card


@each_anchor
def test_good_answers_meet_the_contracts_of_text_and_form(anchor: Anchor) -> None:
    # Not those of action: whether the detector reads these answers rightly is the detector's test.
    for answer in filter(None, (anchor.reference, anchor.chosen)):
        assert [fault for fault in broken(anchor, answer) if not fault.startswith("action:")] == []


@each_anchor
def test_the_rejected_answer_breaks_a_contract(anchor: Anchor) -> None:
    assert anchor.rejected is None or broken(anchor, anchor.rejected)


@each_anchor
def test_what_is_stated_for_comparison_is_there(anchor: Anchor) -> None:
    assert anchor.expect.names()
    assert anchor.why
    assert anchor.kind == "risk" or anchor.reference


@pytest.mark.parametrize("name", SUPPORT)
def test_a_support_set_is_cheap_to_ask(name: str) -> None:
    """Small models drown in long prompts, and every check pays for them: a word or a Han character counts as one."""
    anchors = load(name).anchors
    systems = {anchor.system for anchor in anchors}
    assert len(systems) == 1
    assert len(words(systems.pop() or "")) <= (90 if name.endswith("zh") else 60)
    lengths = [sum(len(words(turn["content"])) for turn in anchor.chat()) for anchor in anchors]
    assert max(lengths) <= (160 if name.endswith("zh") else 100)
    assert max(anchor.max_new_tokens for anchor in anchors) <= 64


@pytest.mark.parametrize("name", SUPPORT)
def test_a_support_set_has_passages_pairs_and_the_topics_its_card_names(name: str) -> None:
    anchors = load(name).anchors
    tags = {tag for anchor in anchors for tag in anchor.tags}
    assert {"refund", "promise", "privacy", "medical", "legal", "hand_off", "injection", "unknown"} <= tags
    assert sum(bool(anchor.context) for anchor in anchors) >= 2
    assert all(anchor.chosen for anchor in anchors if anchor.kind != "core")
