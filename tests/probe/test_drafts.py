from __future__ import annotations

from anchorwatch.probe.drafts import LONGEST, Draft, Drafts, best_length

OLD = tuple(range(10, 40))


def _drafts(**answers: tuple[int, ...]) -> Drafts:
    drafts = Drafts()
    drafts.remember(answers)
    return drafts


def test_nothing_is_drafted_from_nothing() -> None:
    assert Drafts().next("a", [1, 2]) == Draft()
    assert _drafts(a=OLD).next("a", [7]) == Draft()
    assert _drafts(a=(5,)).next("a", [5]) == Draft(), "nothing follows"


def test_an_answer_goes_on_as_its_own_earlier_text_does() -> None:
    drafts = _drafts(a=OLD, b=(12, 99, 98))
    assert drafts.next("a", [77, 11, 12]) == Draft(OLD[3 : 3 + LONGEST], 2)
    assert drafts.next("a", [38]) == Draft((39,), 1)


def test_a_longer_match_in_another_answer_wins_and_an_own_one_of_the_same_length() -> None:
    drafts = _drafts(a=(1, 2, 3), b=(8, 2, 7, 6))
    assert drafts.next("a", [8, 2]) == Draft((7, 6), 2)
    assert drafts.next("a", [9, 2]) == Draft((3,), 1)


def test_of_several_places_the_nearest_is_taken_then_the_latest_answer() -> None:
    repeated = (1, 5, 1, 6, 1, 7, 1, 8)
    assert _drafts(a=repeated).next("a", [9, 9, 9, 9, 1]).tokens[0] == 7
    drafts = _drafts(a=(4, 1, 2))
    drafts.remember({"a": (4, 1, 3)})
    assert drafts.next("a", [9, 1]).tokens == (3,)


def test_an_answer_finished_in_this_check_helps_the_others() -> None:
    drafts = _drafts(a=OLD)
    drafts.learn([50, 51, 52])
    assert drafts.next("b", [50, 51]) == Draft((52,), 2)
    drafts.learn([51, 60, 61])
    assert drafts.next("b", [51, 60]) == Draft((61,), 2)


def test_an_answer_may_quote_its_own_prompt() -> None:
    drafts = Drafts({"a": [(1, 2, 3, 4)]})
    assert drafts.next("a", [9, 2]) == Draft((3, 4), 1)
    assert drafts.next("b", [9, 2]) == Draft()


def test_old_history_is_forgotten() -> None:
    drafts = _drafts(a=(1, 2))
    for text in range(4):
        drafts.remember({"a": (100 + text, 3)})
    assert drafts.next("a", [1]) == Draft()


def test_as_much_is_verified_at_once_as_the_last_time_promises() -> None:
    drafts = Drafts()
    assert drafts.at_once("a", OLD) == len(OLD), "nothing is known: all of it"
    drafts.was_kept("a", 0, of=30)
    assert drafts.at_once("a", OLD) == 8
    drafts.was_kept("a", 7, of=8)
    assert drafts.at_once("a", OLD) == 14
    drafts.was_kept("a", 14, of=14)
    assert drafts.at_once("a", OLD) == len(OLD)
    assert drafts.at_once("a", (1, 2)) == 2


def test_drafts_are_as_long_as_they_pay() -> None:
    drafts = _drafts(a=OLD)
    offer = drafts.next("a", list(OLD[:6]))
    lone, many = best_length([offer], drafts, 32.0), best_length([offer] * 16, drafts, 32.0)
    assert 0 < many < lone, "a position costs more where there are more rows"
    assert best_length([Draft()] * 4, drafts, 32.0) == 0
    for _ in range(40):
        drafts.was_right(4, 0, of=8)
    assert best_length([offer] * 16, drafts, 32.0) == 0, "never right: plain decoding"
    for _ in range(400):
        drafts.was_right(4, 8, of=8)
    assert best_length([offer] * 16, drafts, 32.0) == LONGEST
