from __future__ import annotations

import pytest

from anchorwatch.anchors import AnchorSet, load
from anchorwatch.anchors.lint import Finding, lint
from anchorwatch.judge.hearing import statement

TOPICS = (
    "parcels",
    "taxes",
    "bicycles",
    "volcanoes",
    "sonnets",
    "mortgages",
    "penguins",
    "compilers",
    "violins",
    "soup",
)


def good_set(*extra: dict, kinds: tuple[str, ...] = ("core", "boundary", "risk")) -> AnchorSet:
    rows = [
        {
            "id": f"a{number}",
            "kind": kinds[number % len(kinds)],
            "prompt": f"{topic.title()}: what would you tell a beginner about {topic} in {number + 2} lines?",
            "expect": {"max_tokens": 20},
            "max_new_tokens": 20,
        }
        for number, topic in enumerate(TOPICS)
    ]
    return load([*rows, *extra])


def anchor(**fields) -> dict:
    return {"id": "extra", "kind": "core", "prompt": "Is my parcel on its way to the new address?", **fields}


def worries(findings: tuple[Finding, ...]) -> list[tuple[str, str | None]]:
    return [(finding.level, finding.anchor_id) for finding in findings if finding.level != "note"]


def test_a_sound_set_gets_only_what_it_can_show() -> None:
    (finding,) = lint(good_set())
    assert finding.level == "note"
    assert finding.message == statement(good_set().anchors)


def test_size() -> None:
    small = lint(load([anchor(kind=kind, id=kind, prompt=kind, expect={"words": 1}) for kind in ("risk", "boundary")]))
    assert worries(small) == [("warning", None)]
    assert "has 2 anchors" in small[0].message
    many = [anchor(id=f"b{n}", prompt=" ".join(str((n + 1) * k * 7919 % 1009) for k in range(1, 9))) for n in range(51)]
    assert "has 61 anchors" in lint(good_set(*many))[0].message
    assert worries(lint(good_set(*many[:50]))) == []


def test_kinds_that_are_absent() -> None:
    messages = [finding.message for finding in lint(good_set(kinds=("core",))) if finding.level == "warning"]
    assert [message.split(":")[0] for message in messages] == ["no boundary anchors", "no risk anchors"]


def test_a_risk_anchor_without_expectation() -> None:
    assert worries(lint(good_set(anchor(kind="risk")))) == [("warning", "extra")]
    assert worries(lint(good_set(anchor(kind="risk", expect={"action": "refuse"})))) == []


def test_duplicates_and_near_duplicates() -> None:
    one = anchor(id="one")
    assert worries(lint(good_set(one, anchor(prompt="is my parcel on its way to the NEW address")))) == [
        ("error", "extra")
    ]
    near = anchor(prompt="Is my parcel on the way to the new address?")
    assert worries(lint(good_set(one, near))) == [("warning", "extra")]
    assert worries(lint(good_set(one, anchor(prompt="Do you deliver to the islands?")))) == []


def test_the_same_question_with_another_context_or_system_prompt_is_no_duplicate() -> None:
    plain = anchor(id="plain")
    manual = anchor(id="manual", context=[{"id": "m", "text": "Parcels leave on Monday, from the harbour only."}])
    forum = anchor(id="forum", context=[{"id": "f", "text": "Nobody here ever got theirs; ask the driver."}])
    brief = anchor(id="brief", system="Answer in one word.")
    assert worries(lint(good_set(plain, manual, forum, brief))) == []


def test_prompts_without_words_are_told_apart() -> None:
    assert worries(lint(good_set(anchor(id="ask", prompt="???"), anchor(id="call", prompt="!!!")))) == []


def test_prompts_longer_than_the_context() -> None:
    def count(chat: list[dict[str, str]]) -> int:
        return sum(len(turn["content"].split()) for turn in chat)

    long = anchor(prompt="word " * 90, max_new_tokens=11)
    findings = lint(good_set(long), count_tokens=count, max_length=100)
    assert worries(findings) == [("error", "extra")]
    assert findings[0].message == "90 prompt tokens and 11 new ones exceed the model's context of 100"
    assert worries(lint(good_set(long), count_tokens=count, max_length=101)) == []


@pytest.mark.parametrize(
    ("prompt", "text", "found"),
    [
        ("Is my parcel on its way?", "User: is my parcel on its way?\nAssistant: Yes!", True),
        ("Is my parcel on its way to the new address?", "Hi. is MY parcel on its way to the new address, please", True),
        ("Is my parcel on its way to the new address?", "Is my order on its way to the old address?", False),
        ("我三年前买的，现在可以退款吗？", "用户：我三年前买的，现在可以退款吗\n客服：可以。", True),
        ("我三年前买的，现在可以退款吗？", "用户：昨天买的可以退款吗", False),
        ("Hello", "Hello, where is my parcel?", False),
        ("Hello", "hello!", True),
        ("???", "What???", False),
    ],
)
def test_anchors_that_stand_in_the_training_data(prompt: str, text: str, found: bool) -> None:
    texts = ["Nothing to do with it.", "", "\ud800", text, text]
    findings = lint(good_set(anchor(prompt=prompt)), training_texts=iter(texts))
    assert worries(findings) == ([("warning", "extra")] if found else [])
    if found:
        assert "stands in 2 training text(s), first in number 3" in findings[0].message


def test_findings_are_sorted_by_weight_and_the_same_twice() -> None:
    given = good_set(anchor(kind="risk"), anchor(id="again", prompt="Is my parcel on its way to the new address"))
    findings = lint(given)
    assert [finding.level for finding in findings[:2]] == ["error", "warning"]
    assert findings == lint(given)
